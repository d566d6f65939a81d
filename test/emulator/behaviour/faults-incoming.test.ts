import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { postBytes } from '../../../src/client/post-bytes.ts';
import type { FaultOptions } from '../../../src/emulator/settings.ts';
import { certificateFolder } from '../../support/certificates.ts';
import { candidateCreated, postWebhook, SECRETS, startTestEmulator } from '../../support/emulator.ts';
import { havePrograms } from '../../support/require-program.ts';
import { signLikeTheGuides } from '../../support/sign.ts';
import { brief } from './faulty-gateway.ts';

describe('ingress', () => {
  test.each([
    ['status-429', 429, { retryAfter: 9 }, '9'],
    ['status-429', 429, {}, '1'],
    ['status-500', 500, {}, undefined],
    ['status-503', 503, { retryAfter: 0 }, '0'],
  ] as const)(
    '%s: answered %i, nothing accepted, logged as injected',
    async (kind, status, extra, retryAfter) => {
      const { emulator, control } = await startTestEmulator({
        faults: [{ kind, on: 'ingress', first: 1, ...extra }],
      });
      const event = candidateCreated();
      const answer = await postRaw(emulator.url, event);
      expect(answer.status).toBe(status);
      expect(answer.headers['retry-after']).toBe(retryAfter);
      expect(JSON.parse(answer.body)).toEqual({ detail: expect.any(String) });
      expect((await control.status()).events).toBe(0);
      const { items } = await control.log({ direction: 'incoming' });
      expect(items.map(brief)).toMatchObject([{ fault: kind, outcome: 'failure', status }]);
      expect(items[0]).toMatchObject({
        event_id: event.event_id,
        event: 'candidate.created',
        client_id: 'acme-corp',
      });
      // The sender does as it should: the same event again.
      expect((await postRaw(emulator.url, event)).status).toBe(202);
      expect((await control.status()).events).toBe(1);
    },
  );

  test('reset: cut without an answer, nothing accepted', async () => {
    const { emulator, control } = await startTestEmulator({
      faults: [{ kind: 'reset', on: 'ingress', count: 1 }],
    });
    const event = candidateCreated();
    const cut = await postRaw(emulator.url, event);
    expect(cut).toMatchObject({ status: 0, body: '' });
    expect((await control.status()).events).toBe(0);
    const { items } = await control.log({ direction: 'incoming' });
    expect(items.map(brief)).toMatchObject([
      { fault: 'reset', outcome: 'error', status: null, error: 'reset' },
    ]);
    const detail = await control.logRecord(items[0]!.id);
    expect(detail.response).toBeNull();
    expect(JSON.parse(detail.request.body.text)).toEqual(event);
    expect((await postRaw(emulator.url, event)).status).toBe(202);
  });

  test.skipIf(!havePrograms('reset under TLS', 'openssl'))('reset under TLS: cut too', async () => {
    const tls = certificateFolder().make('self');
    const { emulator } = await startTestEmulator({ tls, faults: [{ kind: 'reset', on: 'ingress' }] });
    const body = Buffer.from(JSON.stringify(candidateCreated()));
    const sent = await postBytes({
      url: `${emulator.url}/v1/webhooks/test-ats`,
      body,
      headers: { 'X-Webhook-Signature': signLikeTheGuides(body, SECRETS.incoming) },
      timeoutMs: 60_000,
      tls: { ca: [tls.cert] },
    });
    expect(sent).toMatchObject({ ok: false, code: 'reset' });
  });

  test('lost-ack: cut without an answer, but accepted; the repetition gets the first reference', async () => {
    const { emulator, control } = await startTestEmulator({
      faults: [{ kind: 'lost-ack', on: 'ingress', first: 1 }],
    });
    const event = candidateCreated();
    expect(await postRaw(emulator.url, event)).toMatchObject({ status: 0, body: '' });
    const { items } = await control.log({ direction: 'incoming' });
    expect(items.map(brief)).toMatchObject([{ fault: 'lost-ack', outcome: 'success', status: 202 }]);
    const again = await postRaw(emulator.url, event);
    expect(again.status).toBe(202);
    expect(JSON.parse(again.body).reference_id).toBe(items[0]!.reference_id);
    expect((await control.status()).events).toBe(1);
  });

  test('slow: the answer is late, the event is stored before', async () => {
    const slow = { kind: 'slow', on: 'ingress' } as const;
    const faults: FaultOptions[] = [
      { ...slow, delayMs: 20, count: 1 },
      { ...slow, delayMs: 600_000 },
    ];
    const { emulator, control } = await startTestEmulator({ faults });
    expect((await postRaw(emulator.url, candidateCreated())).status).toBe(202);
    // A reset ends what is held back, begins to count again, and holds back again.
    await emulator.reset();
    expect(emulator.faults.list().map(({ applied_count }) => applied_count)).toEqual([0, 0]);
    expect((await postRaw(emulator.url, candidateCreated())).status).toBe(202);

    const order: string[] = [];
    const stored = new Promise<void>((resolve) => {
      emulator.subscribe(({ type }) => type === 'request.accepted' && resolve());
    });
    const answer = postRaw(emulator.url, candidateCreated()).then(({ status }) =>
      order.push(`answer ${status}`),
    );
    await stored;
    const { items } = await control.log({ direction: 'incoming' });
    expect(items.map(brief)).toMatchObject(Array(2).fill({ fault: 'slow', status: 202 }));
    order.push('closing');
    // Only closing ends a wait of ten minutes.
    await emulator.close();
    await answer;
    expect(order).toEqual(['closing', 'answer 202']);
  });

  test('a request that would be refused gets its own refusal, and uses nothing up', async () => {
    const { emulator } = await startTestEmulator({
      faults: [{ kind: 'status-503', on: 'ingress', count: 1 }],
    });
    const event = candidateCreated();
    expect((await postWebhook(emulator.url, event, { secret: 'another' })).status).toBe(401);
    expect((await postWebhook(emulator.url, { ...event, email: 1 })).status).toBe(422);
    expect(emulator.faults.list()).toMatchObject([{ applied_count: 0, remaining: 1 }]);
    expect((await postWebhook(emulator.url, event)).status).toBe(503);
    expect(emulator.faults.list()).toMatchObject([{ applied_count: 1, remaining: 0 }]);
    expect((await postWebhook(emulator.url, event)).status).toBe(202);
  });
});

/** Posts over a socket of its own; status 0 when the connection ended without an answer. */
function postRaw(url: string, event: unknown) {
  const { hostname, port } = new URL(url);
  const body = Buffer.from(JSON.stringify(event));
  const head = [
    'POST /v1/webhooks/test-ats HTTP/1.1',
    `Host: ${hostname}:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    `X-Webhook-Signature: ${signLikeTheGuides(body, SECRETS.incoming)}`,
    'Connection: close',
  ];
  return new Promise<{ status: number; headers: Record<string, string>; body: string }>((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      const [top = '', ...rest] = text.split('\r\n\r\n');
      const [line = '', ...fields] = top.split('\r\n');
      const headers = Object.fromEntries(
        fields
          .map((field) => field.split(': '))
          .map(([name = '', value = '']) => [name.toLowerCase(), value]),
      );
      resolve({ status: Number(line.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') });
    });
  });
}
