import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { freePort, serveHttp } from '../../support/receiver.ts';
import { CLIENTS } from '../../support/senders.ts';

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');
if (!hasIpv6) process.stderr.write('\n!!! SKIPPED: receivers on ::1. This machine has no IPv6 loopback.\n\n');

const listen = (host: string) => serveHttp((_request, response) => response.end('ok'), host);

const ADDRESSES = ['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])];
const CASES = ADDRESSES.flatMap((address) =>
  [
    'localhost',
    'LOCALHOST',
    'localhost.',
    'my-app.localhost',
    address === '::1' ? '[::1]' : address,
    ...(address === '::1' ? ['[0:0:0:0:0:0:0:1]'] : []),
  ].flatMap((name) =>
    (Object.keys(CLIENTS) as (keyof typeof CLIENTS)[]).map((client) => [address, name, client] as const),
  ),
);

test.each(CASES)(
  'a receiver on %s alone is reached as %s by the client of the %s',
  async (address, name, client) => {
    const { port } = await listen(address);
    expect(await CLIENTS[client](`http://${name}:${port}/hook`)()).toMatchObject({ status: 200 });
  },
);

test.each(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[])(
  'nobody on either is refused, by the client of the %s',
  async (client) => {
    expect(await CLIENTS[client](`http://localhost:${await freePort()}/`)()).toMatchObject({
      code: 'refused',
    });
  },
);
