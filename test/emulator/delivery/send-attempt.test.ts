import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { readTarget } from '../../../src/emulator/delivery/target.ts';
import { STANDSTILL_MS } from '../../../src/transport/limit-time.ts';
import { serveSocket } from '../../support/receiver.ts';
import { openSender } from '../../support/senders.ts';

/** A receiver of bytes: `answer` says what it writes to a request, at once or later. */
async function listen(answer: (request: string) => string | Promise<string>) {
  const sockets = { made: 0, open: 0 };
  const { port, url } = await serveSocket((socket) => {
    sockets.made++;
    sockets.open++;
    socket.on('close', () => sockets.open--);
    socket.on('data', async (chunk) => {
      socket.write(await answer(chunk.toString()));
    });
  });
  return { sockets, port, url: `${url}/hook` };
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
  expect(await openSender().send(request(url))).toMatchObject({ outcome, status, error: null });
});

test('no answer counts that came after the limit, however shortly after', async () => {
  const { url } = await listen(async (text) => {
    const after = Number(/x-after: (\d+)/.exec(text)![1]);
    await new Promise((resolve) => setTimeout(resolve, after));
    return 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  });
  const limit = 110;
  const delays = monitorEventLoopDelay();
  delays.enable();
  const results = await Promise.all(
    Array.from({ length: 40 }, (_, index) => {
      const { headers, ...rest } = request(url, limit);
      return openSender().send({ ...rest, headers: [...headers, 'x-after', String(limit - 19 + index)] });
    }),
  );
  // Between two looks at the limits too.
  const { headers, ...rest } = request(url, 1);
  const soon = await openSender().send({ ...rest, headers: [...headers, 'x-after', '3'] });
  delays.disable();
  // What this process itself stood still is not the receiver's time: nobody knows what came before the limit.
  const stoodStill = delays.max / 1e6 > STANDSTILL_MS / 2;
  // Of those before the limit a busy machine may make late ones.
  const late = [...results.slice(-20), soon].map(({ error }) => error?.code);
  if (!stoodStill) expect(new Set(late)).toEqual(new Set(['timeout']));
  for (const { outcome, durationMs } of results)
    if (outcome === 'success') expect(durationMs).toBeLessThan(limit + 1);
});

test('early hints are no answer, and a header that comes twice is one', async () => {
  const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n';
  const { url } = await listen(
    () => `${hint}HTTP/1.1 200 OK\r\nX-Twice: a\r\nX-Twice: b\r\nContent-Length: 2\r\n\r\nok`,
  );
  const result = await openSender().send(request(url));
  expect(result).toMatchObject({ outcome: 'success', status: 200, bytes: 2 });
  expect(result.headers).toEqual({ 'x-twice': 'a, b', 'content-length': '2' });
});

test('of a long answer 64 KiB are kept and all is counted, and beyond 16 MiB it is cut off', async () => {
  const size = 16 * 1024 * 1024;
  const answer = (bytes: number) =>
    listen(() => `HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`);
  const long = await answer(size);
  const kept = await openSender().send(request(long.url, 20_000));
  expect([kept.outcome, kept.body.length, kept.bytes]).toEqual(['success', 64 * 1024, size]);

  const longer = await answer(size + 1);
  const cut = await openSender().send(request(longer.url, 20_000));
  expect(cut).toMatchObject({ outcome: 'error', status: 200, error: { code: 'answer_too_large' } });

  // It is not read to its end.
  const endless = await answer(size + 4 * 1024 * 1024);
  const left = await openSender().send(request(endless.url, 20_000));
  expect(left.bytes).toBeLessThan(size + 4 * 1024 * 1024);
});

test('those that hang keep no other waiting, not even at the same host, and are cut off at their limit', async () => {
  const { url, sockets } = await listen(async (text) => {
    if (/^POST \/quick/.test(text)) return 'HTTP/1.1 204 No Content\r\n\r\n';
    return new Promise(() => {});
  });
  const sender = openSender();
  const hanging = Array.from({ length: 100 }, () => sender.send(request(`${url}/hangs`, 200)));
  expect(await sender.send(request(url.replace('/hook', '/quick')))).toMatchObject({ status: 204 });
  for (const result of await Promise.all(hanging)) {
    expect(result).toMatchObject({
      outcome: 'error',
      status: null,
      // On a busy machine a hundred connections take longer than that.
      error: { code: 'timeout', message: expect.stringMatching(/^no (?:answer|connection) within 0\.2 s$/) },
    });
  }
  await expect.poll(() => sockets.open).toBeLessThanOrEqual(1);
});

test('one after another share a connection, and a second later it is closed', async () => {
  const { url, sockets } = await listen(() => 'HTTP/1.1 204 No Content\r\n\r\n');
  const sender = openSender();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  for (let n = 0; n < 5; n++) await sender.send(request(url));
  expect(sockets.made).toBe(1);
  // Nothing is in flight: nothing looks after limits.
  expect(timers()).toBeLessThanOrEqual(before);
  await expect.poll(() => sockets.open).toBe(0);
  expect(await sender.send(request(url))).toMatchObject({ status: 204 });
  expect(sockets.made).toBe(2);
});

test('a connection that the receiver closes after each answer fails no attempt', async () => {
  const { url, sockets } = await listen(
    () => 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
  );
  const sender = openSender();
  const results = [];
  for (let n = 0; n < 20; n++) results.push(await sender.send(request(url)));
  results.push(...(await Promise.all(Array.from({ length: 20 }, () => sender.send(request(url))))));
  expect(results.filter(({ outcome }) => outcome !== 'success')).toEqual([]);
  expect(sockets.made).toBe(40);
});

test('a server without TLS behind an https URL', async () => {
  const { port } = await listen(() => 'HTTP/1.1 400 Bad Request\r\n\r\n');
  const result = await openSender().send(request(`https://127.0.0.1:${port}/`));
  expect(result).toMatchObject({ outcome: 'error', status: null, error: { code: 'tls_plain' } });
});

test.each(['localhost/hook', 'localhost:3000/hook', 'ftp://127.0.0.1/hook'])(
  'what is no URL of the web is not sent: %s',
  async (url) => {
    const result = await openSender().send(request(url));
    expect(result).toMatchObject({ outcome: 'error', durationMs: 0, error: { code: 'invalid_url' } });
  },
);

test('a header that cannot be sent is a result, and so is the end of a pause', async () => {
  const sender = openSender();
  const result = await sender.send({ ...request('http://127.0.0.1:1/hook'), headers: ['a', 'b\nc'] });
  expect(result).toMatchObject({ outcome: 'error', error: { code: 'failed' } });
  const pause = sender.pause();
  await sender.close();
  expect(await pause).toBe(false);
});

test('with a key that is none nothing is sent', async () => {
  const tls = { cert: 'no certificate', key: 'no key' };
  const result = await openSender().send({ ...request('https://127.0.0.1:1/hook'), tls });
  expect(result).toMatchObject({ outcome: 'error', durationMs: 0, error: { code: 'failed' } });
});

test('a target is the same however many others were asked for', () => {
  const wanted = {
    hostname: 'a.example',
    origin: 'http://a.example:81',
    path: '/hook?x=1',
    host: 'a.example:81',
  };
  expect(readTarget('http://a.example:81/hook?x=1')).toEqual(wanted);
  for (let n = 0; n < 1500; n++) expect(readTarget(`http://a.example/${n}`)?.path).toBe(`/${n}`);
  expect(readTarget('http://a.example:81/hook?x=1')).toEqual(wanted);
});
