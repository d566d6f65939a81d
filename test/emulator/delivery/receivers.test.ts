import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { candidateCreated, postWebhook, SECRETS, startTestEmulator } from '../../support/emulator.ts';
import { serveSocket, startTestReceiver } from '../../support/receiver.ts';

const LIMIT = { receiverTimeoutMs: 300 };

/** A receiver of bytes: what it does with a connection is the test's affair. */
async function startSocketReceiver(serve: (socket: Socket) => void) {
  const closed: Promise<void>[] = [];
  const { url } = await serveSocket((socket) => {
    closed.push(new Promise((resolve) => socket.on('close', () => resolve())));
    socket.once('data', () => serve(socket));
  });
  return { url: `${url}/hook`, closed };
}

async function firstAttempt(url: string, limit: { receiverTimeoutMs?: number } = {}) {
  const { emulator, control, postAndWait } = await startTestEmulator(limit, url);
  const { trace } = await postAndWait('first-attempt');
  const delivery = trace.deliveries[0]!;
  const record = await control.logRecord(`${delivery.id}/1`);
  return { emulator, control, delivery, record };
}

const head = (status: string, ...headers: string[]) =>
  `HTTP/1.1 ${status}\r\n${headers.map((one) => `${one}\r\n`).join('')}\r\n`;

test('a host name that does not exist', async () => {
  const { record } = await firstAttempt('http://nowhere.invalid/hook');
  expect(record).toMatchObject({ outcome: 'error', error: { code: 'dns' } });
});

test('one that drips its answer is cut off at the limit, though every byte comes in time', async () => {
  const receiver = await startSocketReceiver((socket) => {
    socket.write(head('200 OK', 'Content-Length: 1000', 'Content-Type: text/plain'));
    const drip = setInterval(() => socket.write('.'), 20);
    socket.on('close', () => clearInterval(drip));
  });
  const { record } = await firstAttempt(receiver.url, LIMIT);
  expect(record).toMatchObject({ outcome: 'error', response_status: 200, error: { code: 'timeout' } });
  expect(record.response!.body.text).toMatch(/^\.+$/);
  await receiver.closed[0];
});

test('204 is a success, and so is an answer of 5 MiB, of which 64 KiB are kept', async () => {
  const short = await startSocketReceiver((socket) => socket.end(head('204 No Content')));
  expect((await firstAttempt(short.url)).record).toMatchObject({ outcome: 'success', response_status: 204 });

  const size = 5 * 1024 * 1024;
  const long = await startSocketReceiver((socket) => {
    socket.write(head('200 OK', `Content-Length: ${size}`, 'Set-Cookie: session=abc', 'Retry-After: 7'));
    socket.end(Buffer.alloc(size, 'x'));
  });
  const { record, delivery } = await firstAttempt(long.url);
  expect(delivery.state).toBe('delivered');
  const { body, headers } = record.response!;
  expect(body).toMatchObject({ bytes: size, truncated: true });
  expect(body.text).toHaveLength(64 * 1024);
  expect(headers).toEqual({ 'content-length': String(size), 'retry-after': '7' });
});

test('an ATS without a webhook URL: the attempt says so', async () => {
  const { postAndWait } = await startTestEmulator();
  const { trace } = await postAndWait('first-attempt');
  expect(trace.deliveries[0]!.last_error!.code).toBe('no_webhook_url');
});

test('without a limit an answer may take its time, and close does not wait for it for ever', async () => {
  let answer = () => {};
  const receiver = await startSocketReceiver((socket) => {
    answer = () => socket.end(head('200 OK', 'Content-Length: 0'));
  });
  const { emulator, control } = await startTestEmulator({ receiverTimeoutMs: null }, receiver.url);
  const { json } = await postWebhook(emulator.url, candidateCreated());
  const early = await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 100 });
  expect(early.met).toBe(false);
  answer();
  const later = await control.wait(json.reference_id, { until: 'success', timeoutMs: 60_000 });
  expect(later.met).toBe(true);

  await postWebhook(emulator.url, candidateCreated());
  await emulator.close();
});

test('no header or body of an attempt holds a secret', async () => {
  const receiver = await startTestReceiver();
  const { record } = await firstAttempt(receiver.url);
  const seen = JSON.stringify([record, receiver.received[0]!.headers]) + receiver.received[0]!.body;
  expect(seen).not.toContain(SECRETS.outgoing);
  expect(seen).not.toContain(SECRETS.incoming);
});
