import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createAttemptSender } from '../../../src/emulator/delivery/send-attempt.ts';
import { readTarget } from '../../../src/emulator/delivery/target.ts';

function makeSender(connections = 1) {
  const sender = createAttemptSender(connections);
  onTestFinished(() => sender.close());
  return sender;
}

/** A receiver of bytes: `answer` says what it writes to a request, at once or later. */
async function listen(answer: (request: string) => string | Promise<string>) {
  const requests: string[] = [];
  const server: Server = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    socket.on('data', async (chunk) => {
      requests.push(chunk.toString());
      socket.write(await answer(chunk.toString()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { requests, port, url: `http://127.0.0.1:${port}/hook` };
}

const request = (url: string, timeoutMs: number | null = 5000) => ({
  url,
  headers: ['content-type', 'application/json'],
  body: Buffer.from('{}'),
  timeoutMs,
});

test.each([
  [199 + 1, 'success'],
  [299, 'success'],
  [300, 'failure'],
  [304, 'failure'],
  [599, 'failure'],
])('an answer %i is a %s', async (status, outcome) => {
  const { url } = await listen(() => `HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`);
  expect(await makeSender().send(request(url))).toMatchObject({ outcome, status, error: null });
});

test('no answer counts that came after the limit, however shortly after', async () => {
  const { url } = await listen(async (text) => {
    const after = Number(/x-after: (\d+)/.exec(text)![1]);
    await new Promise((resolve) => setTimeout(resolve, after));
    return 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  });
  const limit = 110;
  const results = await Promise.all(
    Array.from({ length: 40 }, (_, index) => {
      const { headers, ...rest } = request(url, limit);
      return makeSender().send({ ...rest, headers: [...headers, 'x-after', String(limit - 19 + index)] });
    }),
  );
  // Of those before the limit a busy machine may make late ones.
  expect(new Set(results.slice(-20).map(({ error }) => error?.code))).toEqual(new Set(['timeout']));
  for (const { outcome, durationMs } of results)
    if (outcome === 'success') expect(durationMs).toBeLessThan(limit + 1);
});

test('early hints are no answer, and a header that comes twice is one', async () => {
  const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n';
  const { url } = await listen(
    () => `${hint}HTTP/1.1 200 OK\r\nX-Twice: a\r\nX-Twice: b\r\nContent-Length: 2\r\n\r\nok`,
  );
  const result = await makeSender().send(request(url));
  expect(result).toMatchObject({ outcome: 'success', status: 200, bytes: 2 });
  expect(result.headers).toEqual({ 'x-twice': 'a, b', 'content-length': '2' });
});

test('of a long answer 64 KiB are kept and all is counted, and beyond 16 MiB it is cut off', async () => {
  const long = await listen(() => `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`);
  const kept = await makeSender().send(request(long.url));
  expect([kept.outcome, kept.body.length, kept.bytes]).toEqual(['success', 64 * 1024, 100_000]);

  const size = 20 * 1024 * 1024;
  const endless = await listen(() => `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`);
  const cut = await makeSender().send(request(endless.url, 20_000));
  expect(cut).toMatchObject({ outcome: 'error', status: 200, error: { code: 'answer_too_large' } });
  expect(cut.bytes).toBeLessThan(size);
});

test('one that waited for its connection until its time was up is never sent', async () => {
  let release = (_answer: string) => {};
  const { url, requests } = await listen(
    () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  );
  const sender = makeSender(1);
  const first = sender.send(request(url, null));
  await expect.poll(() => requests.length).toBe(1);
  expect(await sender.send(request(`${url}/late`, 50))).toMatchObject({
    outcome: 'error',
    status: null,
    error: { code: 'timeout', message: 'no answer within 0.05 s' },
  });
  release('HTTP/1.1 204 No Content\r\n\r\n');
  expect(await first).toMatchObject({ outcome: 'success', status: 204 });
  const third = sender.send(request(`${url}/third`));
  await expect.poll(() => requests.length).toBe(2);
  release('HTTP/1.1 204 No Content\r\n\r\n');
  expect(await third).toMatchObject({ status: 204 });
  expect(requests.map((one) => /^POST (\S+)/.exec(one)?.[1])).toEqual(['/hook', '/hook/third']);
});

test('a server without TLS behind an https URL', async () => {
  const { port } = await listen(() => 'HTTP/1.1 400 Bad Request\r\n\r\n');
  const result = await makeSender().send(request(`https://127.0.0.1:${port}/`));
  expect(result).toMatchObject({ outcome: 'error', status: null, error: { code: 'tls' } });
});

test('what is no URL is not sent', async () => {
  const result = await makeSender().send(request('localhost/hook'));
  expect(result).toMatchObject({ outcome: 'error', durationMs: 0, error: { code: 'invalid_url' } });
});

test('a target is the same however many others were asked for', () => {
  const wanted = { origin: 'http://a.example:81', path: '/hook?x=1', host: 'a.example:81' };
  expect(readTarget('http://a.example:81/hook?x=1')).toEqual(wanted);
  for (let n = 0; n < 1500; n++) expect(readTarget(`http://a.example/${n}`)?.path).toBe(`/${n}`);
  expect(readTarget('http://a.example:81/hook?x=1')).toEqual(wanted);
});
