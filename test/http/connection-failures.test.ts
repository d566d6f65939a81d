import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { postBytes } from '../../src/client/post-bytes.ts';
import {
  CONNECTION_FAILURES,
  type ConnectionFailure,
  classifyFailure,
} from '../../src/transport/connection-failures.ts';
import { explainFailure, type Place } from '../../src/transport/explain-failure.ts';
import { tempFolder } from '../support/folder.ts';
import { havePrograms } from '../support/require-program.ts';
import { openSender } from '../support/senders.ts';

const body = Buffer.from('{}');
const ok: http.RequestListener = (_request, response) => void response.end('ok');

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** What both sides make of a URL; they must agree. */
async function verdictOf(url: string) {
  const sender = openSender();
  const attempt = await sender.send({ url });
  const posted = await postBytes({ url, body, timeoutMs: 60_000, surroundings: 'host' });
  if (posted.ok) throw new Error(`it answered ${posted.status}`);
  expect(attempt.error?.code).toBe(posted.code);
  expect(`${attempt.error?.message} ${posted.message} ${posted.hint}`).not.toMatch(
    /SSL routines|openssl|EPROTO/i,
  );
  return posted;
}

/** A certificate that signs itself, for these names and a time. */
function makeCertificate(names: string, dates: string[] = []): { key: Buffer; cert: Buffer } {
  const cwd = tempFolder({
    index: '',
    serial: '01',
    'ca.cnf':
      '[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_days=2\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\n[p]\ncommonName=supplied\n',
  });
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd, stdio: 'ignore' });
  run(
    ...'req -newkey rsa:2048 -nodes -keyout key.pem -out csr.pem -subj /CN=localhost'.split(' '),
    '-addext',
    `subjectAltName=${names}`,
  );
  run(
    ...'ca -batch -config ca.cnf -selfsign -keyfile key.pem -in csr.pem -out cert.pem -notext'.split(' '),
    ...dates,
  );
  return { key: readFileSync(join(cwd, 'key.pem')), cert: readFileSync(join(cwd, 'cert.pem')) };
}

const LOCAL = 'DNS:localhost,IP:127.0.0.1';
const withOpenssl = test.skipIf(!havePrograms('certificates', 'openssl'));

withOpenssl('a certificate that is not trusted says how to trust one of your own', async () => {
  const port = await listen(https.createServer(makeCertificate(LOCAL), ok));
  const posted = await verdictOf(`https://127.0.0.1:${port}/`);
  expect(posted).toMatchObject({ code: 'tls_untrusted' });
  expect(posted.hint).toContain('--receiver-ca');
});

withOpenssl.each<[string, string, string[], ConnectionFailure, string]>([
  [
    'that has expired',
    LOCAL,
    ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z'],
    'tls_expired',
    'Renew it',
  ],
  [
    'that is not valid yet',
    LOCAL,
    ['-startdate', '20400101000000Z', '-enddate', '20410101000000Z'],
    'tls_not_yet',
    'Check the clock',
  ],
  ['for another name', 'DNS:other.example', [], 'tls_name', 'does not name 127.0.0.1'],
])('a trusted certificate %s is told apart', async (_name, names, dates, code, hint) => {
  const pair = makeCertificate(names, dates);
  const port = await listen(https.createServer(pair, ok));
  const url = `https://127.0.0.1:${port}/`;
  const error = await new Promise((resolve) =>
    https.get(url, { ca: pair.cert, agent: false }).on('error', resolve),
  );
  expect(classifyFailure(error).code).toBe(code);
  expect(explainFailure(code, { url: new URL(url) })).toContain(hint);
});

withOpenssl('a server with an old TLS', async () => {
  const pair = makeCertificate(LOCAL);
  const old = { ...pair, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const;
  const oldPort = await listen(https.createServer(old, ok));
  expect(await verdictOf(`https://127.0.0.1:${oldPort}/`)).toMatchObject({ code: 'tls_version' });
});

test('plain HTTP behind https, and anything else there that is not TLS', async () => {
  const plain = await verdictOf(`https://127.0.0.1:${await listen(http.createServer(ok))}/hook`);
  expect(plain).toMatchObject({ code: 'tls_plain' });
  expect(plain.hint).toContain('use http://127.0.0.1:');
  const mute = createServer((socket) => void socket.on('error', () => {}).end());
  expect(await verdictOf(`https://127.0.0.1:${await listen(mute)}/`)).toMatchObject({ code: 'tls_closed' });
});

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);
if (!hasIpv6)
  process.stderr.write('\n!!! SKIPPED: one loopback family alone. This machine has no IPv6 loopback.\n\n');

test.skipIf(!hasIpv6)('a receiver on one loopback family alone', async () => {
  const six = await listen(http.createServer(ok), '::1');
  const four = await listen(http.createServer(ok));
  const posted = await verdictOf(`http://127.0.0.1:${six}/`);
  expect(posted).toMatchObject({ code: 'refused_family' });
  expect(posted.hint).toContain(`something does on [::1]:${six}`);
  expect((await verdictOf(`http://[::1]:${four}/`)).hint).toContain(`something does on 127.0.0.1:${four}`);
  expect(await postBytes({ url: `http://localhost:${six}/`, body, timeoutMs: 60_000 })).toMatchObject({
    ok: true,
  });
});

test('a connection that was kept open and is reset is told from one that was opened for the attempt', async () => {
  let requests = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      if (requests++ === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else socket.resetAndDestroy();
    });
  });
  const url = `http://127.0.0.1:${await listen(server)}/`;
  const sender = openSender();
  // What comes piece by piece cannot be sent again over a new connection.
  const send = async (pieces: Uint8Array | Readable) =>
    (await sender.send({ url, headers: ['content-length', String(body.length)], body: pieces })).error?.code;
  const inPieces = () => Readable.from([body], { objectMode: false });
  expect([await send(body), await send(inPieces()), await send(inPieces())]).toEqual([
    undefined,
    'reset_kept',
    'reset',
  ]);
});

const explain = (code: ConnectionFailure, url: string, place: Partial<Place> = {}) =>
  explainFailure(code, { surroundings: 'host', env: {}, ...place, url: new URL(url) });

test('what else a name can mean, and a proxy that is not used', () => {
  expect(explain('refused', 'http://ats.localhost:3000')).toContain('every name below localhost');
  expect(explain('refused', 'http://localhost:3000')).toBe(
    'Nothing listens on localhost:3000. Start the program there, or check the port.',
  );
  expect(explain('dns', 'http://host.docker.internal:3000')).toContain('this machine is localhost');
  expect(explain('dns', 'http://host.containers.internal', { surroundings: 'container' })).toContain(
    '--add-host',
  );
  const env = { https_proxy: 'http://user:secret@proxy:3128' };
  for (const code of ['dns', 'dns_timeout', 'unreachable', 'timeout', 'refused'] as const) {
    expect(explain(code, 'https://ats.example', { env })).toContain(
      'https_proxy is set, and carvos goes through that proxy only with --proxy',
    );
    expect(explain(code, 'https://ats.example', { env })).not.toContain('secret');
    expect(explain(code, 'http://127.0.0.1:1', { env })).not.toContain('proxy');
  }
});

test('where a gateway should be, starting it comes first', () => {
  const hint = explain('refused', 'http://127.0.0.1:4010', {
    start: 'carvos dev',
    surroundings: 'container',
  });
  expect(hint).toMatch(/Start it with carvos dev[\s\S]*Inside a container/);
});

test('each failure has words, and none is left without advice', () => {
  for (const code of Object.keys(CONNECTION_FAILURES) as ConnectionFailure[]) {
    expect(explain(code, 'https://ats.example/hook'), code).toMatch(/^[A-Z0-9a-z].*\.$/s);
  }
});
