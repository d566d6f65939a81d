import { execFile } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { postBytes } from '../../src/client/post-bytes.ts';
import {
  type ReceivedRequest,
  type Receiver,
  type ReceiverOptions,
  startReceiver,
} from '../../src/client/receiver.ts';
import { postSigned } from '../support/post-signed.ts';
import { freePort, json, serve } from '../support/receiver.ts';

const secret = 'demo-outgoing-secret';
const body = Buffer.from(
  '{"event":"candidate.created", "event_id":"evt_1","reference_id":"ref-1","client_id":"acme-corp"}',
);

const open: Receiver[] = [];
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});

async function start(options: Partial<ReceiverOptions> = {}) {
  const received: ReceivedRequest[] = [];
  const receiver = await startReceiver({
    port: 0,
    secrets: [secret],
    onRequest: (one) => received.push(one),
    ...options,
  });
  open.push(receiver);
  return { receiver, received };
}

const PYTHON = `
import hashlib, hmac, sys, time, urllib.request, urllib.error
body = sys.stdin.buffer.read()
t = str(int(time.time()))
v1 = hmac.new(sys.argv[2].encode(), t.encode() + b'.' + body, hashlib.sha256).hexdigest()
headers = {'X-Webhook-Signature': f't={t},v1={v1}', 'Content-Type': 'application/json'}
request = urllib.request.Request(sys.argv[1], data=body, headers=headers)
try:
    print(urllib.request.urlopen(request).status)
except urllib.error.HTTPError as error:
    print(error.code)
`;

/** A sender that knows nothing of carvos. */
function postWithPython(url: string, key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = execFile('python3', ['-c', PYTHON, url, key], (error, stdout) =>
      error ? reject(error) : resolve(Number(stdout.trim())),
    );
    child.stdin?.end(body);
  });
}

test('a request signed by python verifies; one signed with another secret gets 401', async () => {
  const { receiver, received } = await start();
  expect(await postWithPython(receiver.url, secret)).toBe(200);
  expect(await postWithPython(receiver.url, 'demo-incoming-secret')).toBe(401);
  expect(received).toHaveLength(2);
  expect(received[0]).toMatchObject({
    number: 1,
    event: 'candidate.created',
    event_id: 'evt_1',
    reference_id: 'ref-1',
    client_id: 'acme-corp',
    seen_before: false,
    answered: 200,
    verdict: { valid: true },
  });
  expect(received[0]?.body.equals(body)).toBe(true);
  expect(received[1]).toMatchObject({ answered: 401, verdict: { valid: false, reason: 'mismatch' } });
});

test('it answers in turn as told, the last one for ever, and knows a repeated event_id', async () => {
  const { receiver, received } = await start({ respond: [500, 503, 200] });
  const statuses: unknown[] = [];
  // One that does not verify takes no turn, and makes no id known.
  const forged = await postSigned({ url: receiver.url, body, secret: 'another', timeoutMs: 60_000 });
  expect(forged).toMatchObject({ status: 401 });
  for (let count = 0; count < 4; count++) {
    const result = await postSigned({ url: receiver.url, body, secret, timeoutMs: 60_000 });
    statuses.push(result.ok && result.status);
  }
  expect(statuses).toEqual([500, 503, 200, 200]);
  expect(received.map((one) => one.seen_before)).toEqual([false, false, true, true, true]);
  expect(received.map((one) => one.number)).toEqual([1, 2, 3, 4, 5]);
});

test('either of two secrets verifies, and an old signature does not', async () => {
  const { receiver, received } = await start({ secrets: ['new', secret] });
  await postSigned({ url: receiver.url, body, secret, timeoutMs: 60_000 });
  await postSigned({ url: receiver.url, body, secret, timeoutMs: 60_000, timestamp: 1_000_000_000 });
  await postBytes({ url: receiver.url, body, timeoutMs: 60_000 });
  expect(received.map((one) => one.verdict)).toMatchObject([
    { valid: true, secretIndex: 1 },
    { valid: false, reason: 'stale' },
    { valid: false, reason: 'header_missing' },
  ]);
});

test('a delayed answer comes late, and a sender that gave up before is noticed', async () => {
  const { receiver, received } = await start({ delayMs: 250 });
  const late = await postSigned({ url: receiver.url, body, secret, timeoutMs: null });
  expect(late).toMatchObject({ ok: true, status: 200 });
  expect(received).toHaveLength(1);
  // Longer than a timer takes.
  const later = await start({ delayMs: 30 * 24 * 3_600_000 });
  await postSigned({ url: later.receiver.url, body, secret, timeoutMs: 60 });
  await expect.poll(() => later.received).toMatchObject([{ answered: null }]);
});

test('forwarding passes bytes and headers on, and the answer back', async () => {
  const app = await serve((_heard, response) => {
    response.setHeader('X-App', 'yes');
    json(response, 418, { teapot: true });
  });
  const { receiver, received } = await start({ forwardUrl: `${app.url}/hooks?x=1` });
  const headers = {
    'X-Carv-Event': 'candidate.created',
    'X-Carv-Causation-ID': 'ref-1',
    'X-Webhook-Signature': 't=1,v1=wrong',
    'X-Twice': ['a', 'b'],
    TE: 'trailers',
  };
  const result = await postBytes({ url: `${receiver.url}/in`, body, headers, timeoutMs: 60_000 });

  expect(result).toMatchObject({ ok: true, status: 418, headers: { 'x-app': 'yes' } });
  expect(result.ok && result.body.toString()).toBe('{"teapot":true}');
  const heard = app.heard[0]!;
  expect(heard.url).toBe('/hooks?x=1');
  expect(heard.body.equals(body)).toBe(true);
  expect(heard.rawHeaders).toContain('X-Carv-Causation-ID');
  expect(heard.headers).toMatchObject({ 'x-webhook-signature': 't=1,v1=wrong', host: new URL(app.url).host });
  // What belongs to one connection is not passed on.
  expect([heard.headers['x-twice'], heard.headers.te]).toEqual(['a, b', undefined]);
  expect(heard.headers['x-forwarded-host']).toBe(new URL(receiver.url).host);
  await expect.poll(() => received).toHaveLength(1);
  expect(received[0]).toMatchObject({
    answered: 418,
    forwarded: { ok: true, status: 418 },
    verdict: { valid: false },
  });
});

test('a forward URL where nobody listens gives 502', async () => {
  const { receiver, received } = await start({ forwardUrl: `http://127.0.0.1:${await freePort()}` });
  const result = await postSigned({ url: receiver.url, body, secret, timeoutMs: 60_000 });
  expect(result).toMatchObject({ ok: true, status: 502 });
  await expect.poll(() => received[0]).toMatchObject({ forwarded: { ok: false, code: 'refused' } });
});

test('bodies of any kind are taken: not JSON, JSON of another kind, names that are no text', async () => {
  const { receiver, received } = await start();
  for (const text of ['', 'no json', '[1]', 'null', '{"event":7,"event_id":{}}', '['.repeat(100_000)]) {
    const result = await postSigned({
      url: receiver.url,
      body: Buffer.from(text),
      secret,
      timeoutMs: 60_000,
    });
    expect(result).toMatchObject({ ok: true, status: 200 });
  }
  expect(received.map((one) => [one.event, one.event_id])).toEqual(Array(6).fill([null, null]));
});

test('too large a body gets 413, another method 405, and neither counts as a webhook', async () => {
  const { receiver, received } = await start();
  const huge = await postSigned({
    url: receiver.url,
    body: Buffer.alloc(17 * 1024 * 1024),
    secret,
    timeoutMs: 60_000,
  });
  // The connection is closed before all of it was read: the sender sees the answer or a reset.
  expect(huge.ok ? huge.status : huge.code).toSatisfy((seen) => seen === 413 || seen === 'reset');
  const status = await new Promise((resolve, reject) => {
    const get = httpRequest(receiver.url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    get.on('error', reject).end();
  });
  expect(status).toBe(405);
  expect(received).toHaveLength(0);
});

test('garbage and half a request leave it working', async () => {
  const { receiver } = await start();
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = net.connect(receiver.port, '127.0.0.1', () => socket.write('NOT HTTP AT ALL\r\n\r\n'));
    socket.once('data', (data) => resolve(data.toString())).once('error', reject);
  });
  expect(answer).toContain('400');
  await new Promise<void>((resolve) => {
    const socket = net.connect(receiver.port, '127.0.0.1', () => {
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', () =>
        socket.resetAndDestroy(),
      );
    });
    socket.on('close', () => resolve());
  });
  expect(await postSigned({ url: receiver.url, body, secret, timeoutMs: 60_000 })).toMatchObject({
    ok: true,
    status: 200,
  });
});

test('a taken port is an error of the start', async () => {
  const { receiver } = await start();
  await expect(startReceiver({ port: receiver.port, secrets: [secret] })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('close cuts off who waits, and can be called twice', async () => {
  const { receiver } = await start({ delayMs: 60_000 });
  const waiting = postSigned({ url: receiver.url, body, secret, timeoutMs: null });
  await expect.poll(async () => (await postBytes({ url: receiver.url, body, timeoutMs: 20 })).ok).toBe(false);
  await Promise.all([receiver.close(), receiver.close()]);
  expect(await waiting).toMatchObject({ ok: false, code: 'reset' });
});
