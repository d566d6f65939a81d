import { once } from 'node:events';
import http from 'node:http';
import { expect, test } from 'vitest';
import { handleBrokenRequests, takeTimeFor } from '../../src/transport/broken-requests.ts';
import { readBody } from '../../src/transport/read-body.ts';
import { connectRaw, rawHead } from '../support/raw-client.ts';
import { openServer } from '../support/receiver.ts';

test('the body of a request that may take its time is waited for, that of another is not', async () => {
  const options = { requestTimeout: 2000, headersTimeout: 2000, connectionsCheckingInterval: 20 };
  const server = http.createServer(options);
  handleBrokenRequests(server, () => {});
  server.on('request', async (request, response) => {
    if (request.url === '/slow') takeTimeFor(request);
    const read = await readBody(request, 1000);
    response.writeHead(read.ok ? 200 : 408, { Connection: 'close' }).end();
  });
  const { port } = await openServer(server);
  const begin = (path: string) => {
    const client = connectRaw(`http://127.0.0.1:${port}`);
    client.socket.write(`${rawHead('POST', path, { 'Content-Length': 10 })}12345`);
    return client;
  };
  const slow = begin('/slow');
  await once(server, 'request');
  // Begun later, it is over its time later.
  const quick = begin('/quick');
  await quick.closed;
  slow.socket.write('67890');
  await slow.closed;
  expect([slow, quick].map((one) => one.received().slice(0, 12))).toEqual(['HTTP/1.1 200', 'HTTP/1.1 408']);
});
