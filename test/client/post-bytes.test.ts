import { expect, test } from 'vitest';
import { postBytes } from '../../src/client/post-bytes.ts';
import { detectSurroundings, explainFailure } from '../../src/transport/explain-failure.ts';
import { withResolvers } from '../../src/transport/with-resolvers.ts';
import { freePort, json, serve, serveSocket } from '../support/receiver.ts';

const body = Buffer.from('{"event":"candidate.created","name":"Zoë","big":12345678901234567890}\n');

test('the bytes and headers arrive as they are', async () => {
  const server = await serve((_heard, response) => {
    response.setHeader('Retry-After', '7');
    json(response, 202, { reference_id: 'r' });
  });
  const headers = { 'Content-Type': 'text/plain', 'X-Webhook-Signature': 't=1,v1=bad' };
  const result = await postBytes({ url: `${server.url}/v1/x`, body, headers, timeoutMs: 60_000 });

  expect(result).toMatchObject({ ok: true, status: 202, truncated: false });
  expect(result.ok && result.headers['retry-after']).toBe('7');
  expect(result.ok && result.body.toString()).toBe('{"reference_id":"r"}');
  expect(result.duration_ms).toBeGreaterThan(0);
  const heard = server.heard[0]!;
  expect(heard.body.equals(body)).toBe(true);
  expect(heard.headers).toMatchObject({ 'content-type': 'text/plain', 'x-webhook-signature': 't=1,v1=bad' });
});

test('a redirect is an answer and is not followed', async () => {
  const other = await serve((_heard, response) => json(response, 200, {}));
  const server = await serve(
    (_heard, response) => void response.writeHead(307, { location: other.url }).end(),
  );
  expect(await postBytes({ url: server.url, body, timeoutMs: 60_000 })).toMatchObject({
    ok: true,
    status: 307,
  });
  expect(other.heard).toHaveLength(0);
});

test('an answer that drips is cut off at the limit', async () => {
  const { promise: closed, resolve: cut } = withResolvers();
  const { url } = await serveSocket((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
    const timer = setInterval(() => socket.write('x'), 30);
    socket.on('close', () => {
      clearInterval(timer);
      cut();
    });
  });
  const result = await postBytes({ url, body, timeoutMs: 300 });
  expect(result).toMatchObject({ ok: false, code: 'timeout' });
  // Long before its thousand bytes were there.
  await closed;
});

test('an endless body is cut off, and no success', async () => {
  const server = await serve((_heard, response) => {
    const more = () => {
      while (!response.destroyed && response.write('y'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  });
  const endless = await postBytes({ url: server.url, body, timeoutMs: null, maxBodyBytes: 1234 });
  expect(endless).toMatchObject({ ok: false, code: 'answer_too_large' });
});

test('a long body is kept up to the bound and marked', async () => {
  const server = await serve((_heard, response) => void response.end('y'.repeat(2000)));
  const result = await postBytes({ url: server.url, body, timeoutMs: 60_000, maxBodyBytes: 1234 });
  expect(result).toMatchObject({ ok: true, truncated: true });
  expect(result.ok && result.body.toString()).toBe('y'.repeat(1234));
});

test('an early 413 is an answer, even when the body was not read', async () => {
  const { url } = await serveSocket((socket) => {
    socket.once('data', () =>
      socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
    );
  });
  expect(await postBytes({ url, body: Buffer.alloc(200), timeoutMs: 60_000 })).toMatchObject({
    ok: true,
    status: 413,
  });
});

test('each way to fail has its kind', async () => {
  const { url: closing } = await serveSocket((socket) => socket.once('data', () => socket.resetAndDestroy()));
  const { url: cut } = await serveSocket((socket) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf'),
  );
  const { url: babble } = await serveSocket((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'));
  const plain = await serve((_heard, response) => json(response, 200, {}));
  const post = (url: string) => postBytes({ url, body, timeoutMs: 60_000, surroundings: 'host' });

  expect(await post(`http://127.0.0.1:${await freePort()}`)).toMatchObject({ ok: false, code: 'refused' });
  expect(await post(closing)).toMatchObject({ ok: false, code: 'reset' });
  expect(await post(cut)).toMatchObject({ ok: false, code: 'reset' });
  expect(await post(babble)).toMatchObject({ ok: false, code: 'not_http' });
  expect(await post(plain.url.replace('http:', 'https:'))).toMatchObject({ ok: false, code: 'tls_plain' });
  expect(await post('http://no-such-host.invalid')).toMatchObject({ ok: false, code: 'dns' });
  const stop = new AbortController();
  stop.abort();
  expect(await postBytes({ url: plain.url, body, timeoutMs: null, signal: stop.signal })).toMatchObject({
    ok: false,
    code: 'aborted',
  });
  await expect(post('ftp://127.0.0.1/')).rejects.toThrow(TypeError);
});

test('localhost refused inside a container or WSL is explained', async () => {
  const port = await freePort();
  const inside = await postBytes({
    url: `http://localhost:${port}`,
    body,
    timeoutMs: 60_000,
    surroundings: 'container',
  });
  expect(!inside.ok && inside.hint).toContain(`host.docker.internal:${port}`);
  const url = new URL('http://127.0.0.1:3000');
  expect(explainFailure('refused', { url, surroundings: 'wsl' })).toContain('Windows');
  expect(explainFailure('refused', { url, surroundings: 'host' })).not.toContain('docker');
  expect(
    explainFailure('refused', { url: new URL('http://ats.example'), surroundings: 'container' }),
  ).not.toContain('docker');

  expect(detectSurroundings({}, (path) => path === '/.dockerenv')).toBe('container');
  expect(detectSurroundings({ WSL_DISTRO_NAME: 'Ubuntu' }, () => false)).toBe('wsl');
  expect(detectSurroundings({}, () => false)).toBe('host');
});
