import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { findProxy, proxyCredentials, readProxyRules } from '../../src/transport/proxy.ts';
import { certificateFolder, startTlsReceiver } from '../support/certificates.ts';
import { serveHttp, serveSocket, startRecordingServer } from '../support/receiver.ts';
import { havePrograms } from '../support/require-program.ts';
import { CLIENTS, type Client, openSender } from '../support/senders.ts';

/** A proxy that notes what it was asked for, and passes it on. */
async function startProxy(status = 200) {
  const asked: string[] = [];
  const { server, port } = await serveHttp((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`);
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const passed = http.request(request.url!, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  server.on('connect', (request, socket, head) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const { hostname, port } = new URL(`http://${request.url}`);
    const other = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      other.write(head);
      other.pipe(socket).pipe(other);
    });
    for (const one of [socket, other]) {
      one.on('error', () => {});
      // A tunnel is none of the connections that the server closes with itself.
      onTestFinished(() => void one.destroy());
    }
  });
  return { asked, url: new URL(`http://me:p%40ss@127.0.0.1:${port}`) };
}

const AUTH = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;

/** What comes of the second of two posts: the status, or why there is none. */
async function postTwice(client: Client, url: string, proxy: URL, ca?: string) {
  const post = client(url, { proxy, tls: ca === undefined ? undefined : { ca: [ca] } });
  await post();
  const { code, status } = await post();
  return code ?? status;
}

test.each(Object.entries(CLIENTS))(
  'plain HTTP through a proxy, by the client of the %s',
  async (_name, client) => {
    const proxy = await startProxy();
    const receiver = await startRecordingServer(() => ({ status: 201, body: {} }));
    expect(await postTwice(client, `${receiver.url}/hook?a=1`, proxy.url)).toBe(201);
    expect(proxy.asked).toEqual([
      `POST ${receiver.url}/hook?a=1 ${AUTH}`,
      `POST ${receiver.url}/hook?a=1 ${AUTH}`,
    ]);
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/hook?a=1', '/hook?a=1']);
  },
);

test.skipIf(!havePrograms('HTTPS through a proxy', 'openssl')).each(Object.entries(CLIENTS))(
  'HTTPS through a proxy, by the client of the %s',
  async (_name, client) => {
    const { make } = certificateFolder();
    const self = make('self');
    const receiver = await startTlsReceiver(self);
    const proxy = await startProxy();
    expect(await postTwice(client, receiver.url, proxy.url, self.cert)).toBe(200);
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT localhost:${receiver.port} ${AUTH}`]));
    expect(receiver.requests).toMatchObject([{ path: '/hook' }, { path: '/hook' }]);
    // What is for the proxy alone does not reach the receiver.
    for (const { headers } of receiver.requests) expect(headers['proxy-authorization']).toBeUndefined();
    // The certificate is judged as ever.
    expect(await postTwice(client, receiver.url, proxy.url)).toBe('tls_untrusted');
    // That the proxy is on this machine says nothing of where the receiver is.
    const insecure = { proxy: proxy.url, tls: { insecure: true } };
    expect(await client(receiver.url, insecure)()).toMatchObject({ code: 'tls_untrusted' });
    expect(receiver.requests).toHaveLength(2);
  },
);

test.each(
  Object.entries(CLIENTS).flatMap(([name, client]) =>
    ['http', 'https'].map((scheme) => [scheme, name, client] as const),
  ),
)('a proxy without a port is at 80, for %s, by the client of the %s', async (scheme, _name, client) => {
  const attempts: unknown[][] = [];
  const watch = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.on('connectionAttempt', (...attempt) => attempts.push(attempt.slice(0, 2)));
  };
  subscribe('net.client.socket', watch);
  onTestFinished(() => void unsubscribe('net.client.socket', watch));
  await client(`${scheme}://receiver.example/`, { proxy: new URL('http://127.0.0.80') })();
  expect(attempts).toContainEqual(['127.0.0.80', 80]);
});

test.each(Object.entries(CLIENTS))('a proxy that refuses, by the client of the %s', async (_name, client) => {
  const proxy = await startProxy(407);
  expect(await postTwice(client, 'https://receiver.example/', proxy.url)).toBe('unreachable');
  expect(proxy.asked[0]).toBe(`CONNECT receiver.example:443 ${AUTH}`);
});

test.each(Object.entries(CLIENTS))(
  'a password with a per cent sign that was not escaped, by the client of the %s',
  async (_name, client) => {
    const proxy = await startProxy();
    const receiver = await startRecordingServer(() => ({ status: 200, body: {} }));
    expect(
      await postTwice(client, receiver.url, new URL(proxy.url.href.replace('p%40ss', '50%%C3%A9%off'))),
    ).toBe(200);
    const auth = `Basic ${Buffer.from('me:50%é%off').toString('base64')}`;
    expect(proxy.asked[0]).toBe(`POST ${receiver.url}/ ${auth}`);
  },
);

test('an attempt that is over leaves nothing open at a proxy that never answers', async () => {
  const { url, sockets } = await serveSocket((socket) => socket.resume());
  const sender = openSender();
  const to = { url: 'https://receiver.example/', timeoutMs: 50, proxy: new URL(url) };
  expect(await sender.send(to)).toMatchObject({ error: { code: 'timeout' } });
  await expect.poll(() => sockets.size).toBe(0);
});

test.each([
  ['http://u:p@h', 'u:p'],
  ['http://a%40b:100%25%20%C3%A9@h', 'a@b:100% é'],
  ['http://u:100%@h', 'u:100%'],
  ['http://u:%zz%E9%41@h', 'u:%zz%E9%41'],
  ['http://h', null],
])('%s: a sign that is not escaped means itself', (url, text) => {
  const wanted = text === null ? null : `Basic ${Buffer.from(text).toString('base64')}`;
  expect(proxyCredentials(new URL(url))).toBe(wanted);
});

test('which proxy is for which target', () => {
  const rules = readProxyRules({
    HTTP_PROXY: 'http://plain:1',
    https_proxy: 'tls:2',
    HTTPS_PROXY: 'http://other:3',
    NO_PROXY: 'intranet.example, .internal,10.0.0.7,special.example:8443',
  })!;
  const of = (url: string) => findProxy(rules, new URL(url))?.url.host ?? null;
  expect(of('http://a.example/')).toBe('plain:1');
  expect(of('https://a.example/')).toBe('tls:2');
  for (const url of [
    'http://localhost:3000/',
    'https://app.localhost/',
    'http://127.0.0.1/',
    'http://[::1]:3000/',
    'https://intranet.example/',
    'https://x.intranet.example/',
    'https://a.internal/',
    'http://10.0.0.7/',
    'https://special.example:8443/',
  ]) {
    expect([url, of(url)]).toEqual([url, null]);
  }
  expect(of('https://special.example/')).toBe('tls:2');
  expect(of('https://notintranet.example/')).toBe('tls:2');
  expect(readProxyRules({})).toBeNull();
  expect(
    findProxy(readProxyRules({ ALL_PROXY: 'http://all:1', NO_PROXY: '*' })!, new URL('http://a.example')),
  ).toBeNull();
});
