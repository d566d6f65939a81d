import { describe, expect, onTestFinished, test } from 'vitest';
import { createAttemptSender } from '../../../src/emulator/delivery/send-attempt.ts';
import { createFaults } from '../../../src/emulator/faults/faults.ts';
import { createFaultySender } from '../../../src/emulator/outgoing/faulty-sender.ts';
import type { FaultOptions } from '../../../src/emulator/settings.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { candidateCreated, postWebhook, startDelivering, startTestEmulator } from '../../support/emulator.ts';
import { serveHttp, startTestReceiver } from '../../support/receiver.ts';
import { brief, judge, startFaulty } from './faulty-gateway.ts';

describe('delivery', () => {
  test.each([
    ['wrong-signature', 'signature'],
    ['wrong-secret', 'signature'],
    ['stale', 'old'],
    ['future', 'ahead'],
    ['tampered-body', 'signature'],
  ] as const)(
    '%s: the receiver sees a problem of its %s; the next attempt is right',
    async (kind, problem) => {
      const { control, receiver, send, attempted, outgoing } = await startFaulty([{ kind, first: 1 }]);
      const reference = await send();
      const records = await attempted(reference);
      expect(records.map(brief)).toEqual([
        { fault: kind, outcome: 'failure', status: 401, error: null, state: 'pending' },
      ]);
      await control.clockMove('next');
      expect((await outgoing(reference)).map(brief)[1]).toEqual({
        fault: null,
        outcome: 'success',
        status: 200,
        error: null,
        state: 'delivered',
      });
      expect(receiver.received.map(judge)).toEqual([problem, '']);
      const [spoilt, good] = receiver.received;
      const changed = [...spoilt!.body].filter((byte, index) => byte !== good!.body[index]);
      expect(spoilt!.body).toHaveLength(good!.body.length);
      expect(changed).toHaveLength(kind === 'tampered-body' ? 1 : 0);
      expect(() => JSON.parse(spoilt!.body.toString())).not.toThrow();
      if (kind === 'tampered-body') {
        // What is stored stays as it was.
        const { request } = await control.logRecord(records[0]!.id);
        expect(request.body.text).toBe(good!.body.toString());
      }
    },
  );

  test('duplicate: the same bytes and signature twice, one record', async () => {
    const { receiver, send, attempted } = await startFaulty([{ kind: 'duplicate' }]);
    const records = await attempted(await send());
    expect(records.map(brief)).toEqual([
      { fault: 'duplicate', outcome: 'success', status: 200, error: null, state: 'delivered' },
    ]);
    const [one, two] = receiver.received;
    expect(receiver.received).toHaveLength(2);
    expect(two!.body.equals(one!.body)).toBe(true);
    expect(two!.headers['x-webhook-signature']).toBe(one!.headers['x-webhook-signature']);
  });

  test('duplicate: a receiver that fails at the second copy has not accepted', async () => {
    const { control, postAndWait } = await startDelivering({
      respond: (_received, index) => (index === 0 ? 200 : 409),
      faults: [{ kind: 'duplicate' }],
    });
    await postAndWait('first-attempt');
    const { items } = await control.log({ direction: 'outgoing' });
    expect(items.map(brief)).toEqual([
      { fault: 'duplicate', outcome: 'failure', status: 409, error: 'second_copy', state: 'pending' },
    ]);
    expect(items[0]!.error!.message).toContain('the first copy got 200');
  });

  test('duplicate: a receiver that takes the second copy alone has not accepted', async () => {
    const receiver = await startTestReceiver((_received, index) => (index === 0 ? 500 : 200));
    const { control, postAndWait } = await startTestEmulator(
      { faults: [{ kind: 'duplicate' }] },
      receiver.url,
    );
    await postAndWait('first-attempt');
    expect(receiver.received).toHaveLength(2);
    const { items } = await control.log({ direction: 'outgoing' });
    expect(items.map(brief)).toEqual([
      { fault: 'duplicate', outcome: 'failure', status: 500, error: null, state: 'pending' },
    ]);
  });

  test('duplicate: where the first copy is cut off, no second one is sent', async () => {
    const receiver = await startTestReceiver(() => new Promise(() => {}));
    const store = openStore(':memory:');
    const sender = createAttemptSender();
    onTestFinished(() => sender.close().then(store.close));
    const faults = createFaults(
      store,
      () => 1,
      () => {},
    );
    faults.add({ kind: 'duplicate' });
    const moment = { on: 'delivery', atsId: 'a', clientId: 'c', event: 'x', attempt: 1 } as const;
    const fault = faults.decide({ ...moment, incomingId: () => 'evt' });
    const attempt = { url: receiver.url, headers: {}, body: Buffer.from('{}'), timeoutMs: null };
    const signing = { secret: 's', timestamp: 1, fixedSignature: null };
    const sent = createFaultySender(store, faults, sender).send('a', { ...attempt, ...signing }, fault);
    await receiver.waitFor(1);
    await sender.close();
    expect((await sent).result.outcome).toBe('error');
  });

  test('reorder: the next one overtakes it, long before the time is up', async () => {
    const faults: FaultOptions[] = [{ kind: 'reorder', event: 'candidate.created', delayMs: 600_000 }];
    const { emulator, control, receiver, send } = await startFaulty(faults);
    await send();
    await expect.poll(() => emulator.faults.list()[0]!.applied_count).toBe(1);
    const second = await postWebhook(emulator.url, {
      event: 'vacancy.created',
      event_id: 'evt-vacancy',
      client_id: 'acme-corp',
      user_id: 'admin-user',
      vacancy_id: 'vac-1',
      title: 'Welder',
    });
    expect(second.status).toBe(202);
    await receiver.waitFor(2);
    await control.clockMove({ advance: 0 });
    expect(receiver.received.map(({ body }) => JSON.parse(body.toString()).event)).toEqual([
      'vacancy.created',
      'candidate.created',
    ]);
    expect(receiver.received.map(judge)).toEqual(['', '']);
    const { items } = await control.log({ direction: 'outgoing' });
    expect(items.map(({ event, fault }) => [event, fault]).sort()).toEqual([
      ['candidate.created', 'reorder'],
      ['vacancy.created', null],
    ]);
  });

  test.each(['reorder', 'delay'] as const)(
    '%s: alone it goes out when its time is up, signed then',
    async (kind) => {
      const { receiver, send, attempted } = await startFaulty([{ kind, delayMs: 50 }]);
      const records = await attempted(await send());
      expect(records.map(brief)).toMatchObject([{ fault: kind, outcome: 'success' }]);
      expect(receiver.received.map(judge)).toEqual(['']);
    },
  );

  test.each(['reorder', 'delay'] as const)('%s: held back until then, but not by closing', async (kind) => {
    const { emulator, control, receiver, send } = await startFaulty([{ kind, delayMs: 600_000 }]);
    await send();
    await expect.poll(() => emulator.faults.list()[0]!.applied_count).toBe(1);
    await control.status();
    expect(receiver.received).toEqual([]);
    await emulator.close();
    expect(receiver.received.map(judge)).toEqual(['']);
  });

  test('lost-ack: the receiver has it, and gets it again', async () => {
    const { control, receiver, send, attempted } = await startFaulty([{ kind: 'lost-ack', first: 1 }]);
    const records = await attempted(await send());
    expect(records.map(brief)).toEqual([
      { fault: 'lost-ack', outcome: 'error', status: null, error: 'lost_ack', state: 'pending' },
    ]);
    await control.clockMove('next');
    const ids = receiver.received.map(({ body }) => JSON.parse(body.toString()).event_id);
    expect(receiver.received.map(judge)).toEqual(['', '']);
    expect(new Set(ids).size).toBe(1);
  });

  test.each([
    ['status-429', 429, '7'],
    ['status-500', 500, undefined],
    ['status-503', 503, undefined],
  ] as const)('%s: as if answered so, the receiver not called', async (kind, status, retryAfter) => {
    const rule = { kind, retryAfter: retryAfter === undefined ? undefined : Number(retryAfter) };
    const { control, receiver, send, attempted } = await startFaulty([rule]);
    const records = await attempted(await send());
    expect(records.map(brief)).toEqual([
      { fault: kind, outcome: 'failure', status, error: null, state: 'pending' },
    ]);
    expect(receiver.received).toEqual([]);
    const { request, response } = await control.logRecord(records[0]!.id);
    expect(request.signature).toBeNull();
    expect(response!.headers['retry-after']).toBe(retryAfter);
    expect(response!.body.text).toContain('on purpose, by the fault');
  });

  test('reset: the receiver sees half a request and the end of the connection', async () => {
    const half = await listenForHalf();
    const { emulator, control } = await startTestEmulator({ faults: [{ kind: 'reset' }] }, half.url);
    const { json } = await postWebhook(emulator.url, candidateCreated());
    const { announced, got } = await half.broken;
    expect(got).toBeGreaterThan(0);
    expect(got).toBeLessThan(announced);
    await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
    const { items } = await control.log({ direction: 'outgoing' });
    expect(items.map(brief)).toEqual([
      { fault: 'reset', outcome: 'error', status: null, error: 'reset', state: 'pending' },
    ]);
  });

  test('slow: the request drips in over the delay, whole and signed; the limit counts from its end', async () => {
    let pieces = 0;
    const receiver = await startTestReceiver((received) => (judge(received) === '' ? 200 : 401));
    receiver.server.on('request', (request) => request.on('data', () => pieces++));
    const options = { faults: [{ kind: 'slow', delayMs: 3000 } as const], receiverTimeoutMs: 2500 };
    const { control, postAndWait } = await startTestEmulator(options, receiver.url);
    await postAndWait('first-attempt');
    const { items } = await control.log({ direction: 'outgoing' });
    expect(items.map(brief)).toMatchObject([{ fault: 'slow', outcome: 'success', status: 200 }]);
    expect(pieces).toBeGreaterThan(5);
    // The whole took longer than the limit, which it would not have survived.
    expect(items[0]!.duration_ms).toBeGreaterThan(options.receiverTimeoutMs);
    expect(receiver.received[0]!.headers['content-length']).toBe(String(receiver.received[0]!.body.length));
  });

  test('first 3: fails three times on the schedule, then recovers', async () => {
    const { control, receiver, send, attempted, outgoing } = await startFaulty([
      { kind: 'status-500', first: 3 },
    ]);
    const reference = await send();
    await attempted(reference);
    for (const ms of [60_000, 300_000, 1_800_000]) await control.clockMove({ advance: ms });
    expect((await outgoing(reference)).map(({ step, fault, outcome }) => [step, fault, outcome])).toEqual([
      [1, 'status-500', 'failure'],
      [2, 'status-500', 'failure'],
      [3, 'status-500', 'failure'],
      [4, null, 'success'],
    ]);
    expect(receiver.received).toHaveLength(1);
  });

  test.each(['lost-ack', 'reset'] as const)(
    '%s: where nothing listens, that is reported and not the fault',
    async (kind) => {
      const { control, postAndWait } = await startTestEmulator({ faults: [{ kind }] }, 'http://127.0.0.1:1/');
      await postAndWait('first-attempt');
      const { items } = await control.log({ direction: 'outgoing' });
      expect(items.map(brief)).toMatchObject([{ fault: kind, outcome: 'error', error: 'refused' }]);
    },
  );
});

/** A receiver that tells how much of a request came before it broke. */
async function listenForHalf() {
  const { promise: broken, resolve: tell } = withResolvers<{ announced: number; got: number }>();
  const { url } = await serveHttp((request) => {
    let got = 0;
    request.on('data', (chunk: Buffer) => {
      got += chunk.length;
    });
    request.on('error', () => {});
    request.on('close', () => {
      if (!request.complete) tell({ announced: Number(request.headers['content-length']), got });
    });
  });
  return { url: `${url}/`, broken };
}
