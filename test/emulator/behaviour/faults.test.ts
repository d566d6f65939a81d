import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { LogRecord } from '../../../src/contract/control.ts';
import { FAULT_KINDS, FAULTS } from '../../../src/contract/faults.ts';
import { startEmulator } from '../../../src/emulator/index.ts';
import type { FaultOptions } from '../../../src/emulator/settings.ts';
import {
  candidateCreated,
  postWebhook,
  SECRETS,
  startTestEmulator,
  testOptions,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { type Received, serveHttp, startTestReceiver } from '../../support/receiver.ts';
import { judgeSignature, signLikeTheGuides } from '../../support/sign.ts';

/** As the documented receiver does, with node:crypto alone: `''` when it holds, or what does not. */
function judge({ headers, body }: Pick<Received, 'headers' | 'body'>): string {
  const { signed, t } = judgeSignature({ headers, body }, SECRETS.outgoing);
  if (Number.isNaN(t)) return 'form';
  if (!signed) return 'signature';
  const age = Date.now() / 1000 - t;
  if (age > 300) return 'old';
  return age < -300 ? 'ahead' : '';
}

/** A gateway with one fault, and a receiver that verifies. */
async function startFaulty(faults: FaultOptions[], overrides: Parameters<typeof startTestEmulator>[0] = {}) {
  const receiver = await startTestReceiver((received) => (judge(received) === '' ? 200 : 401));
  const { emulator, control } = await startTestEmulator({ faults, ...overrides }, receiver.url);
  const send = async (fields: Record<string, unknown> = {}) => {
    const { status, json } = await postWebhook(emulator.url, candidateCreated(fields));
    expect(status).toBe(202);
    return json.reference_id as string;
  };
  const attempted = async (reference: string) => {
    await control.wait(reference, { until: 'first-attempt', timeoutMs: 20_000 });
    return outgoing(reference);
  };
  const outgoing = async (reference: string) => {
    const { items } = await control.log({ direction: 'outgoing', reference_id: reference });
    return items.reverse();
  };
  return { emulator, control, receiver, send, attempted, outgoing };
}

/** What a test says of a record. */
const brief = ({ fault, outcome, response_status, error, delivery_state }: LogRecord) => ({
  fault,
  outcome,
  status: response_status,
  error: error?.code ?? null,
  state: delivery_state,
});

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
    const receiver = await startTestReceiver((_received, index) => (index === 0 ? 200 : 409));
    const { emulator, control } = await startTestEmulator({ faults: [{ kind: 'duplicate' }] }, receiver.url);
    const { json } = await postWebhook(emulator.url, candidateCreated());
    await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 20_000 });
    const { items } = await control.log({ direction: 'outgoing' });
    expect(items.map(brief)).toEqual([
      { fault: 'duplicate', outcome: 'failure', status: 409, error: 'second_copy', state: 'pending' },
    ]);
    expect(items[0]!.error!.message).toContain('the first copy got 200');
  });

  test('reorder: the next one overtakes it, long before the time is up', async () => {
    const faults: FaultOptions[] = [{ kind: 'reorder', event: 'candidate.created', delayMs: 600_000 }];
    const { emulator, control, receiver, send } = await startFaulty(faults);
    await send();
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
    await vi.waitUntil(() => emulator.faults.list()[0]!.applied_count === 1);
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
    await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 20_000 });
    const { items } = await control.log({ direction: 'outgoing' });
    expect(items.map(brief)).toEqual([
      { fault: 'reset', outcome: 'error', status: null, error: 'reset', state: 'pending' },
    ]);
  });

  test('slow: the request drips in over the delay, whole and signed; the limit counts from its end', async () => {
    let pieces = 0;
    const receiver = await startTestReceiver((received) => (judge(received) === '' ? 200 : 401));
    receiver.server.on('request', (request) => request.on('data', () => pieces++));
    const options = { faults: [{ kind: 'slow', delayMs: 1500 } as const], receiverTimeoutMs: 1200 };
    const { emulator, control } = await startTestEmulator(options, receiver.url);
    const { json } = await postWebhook(emulator.url, candidateCreated());
    await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 20_000 });
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
      const { emulator, control } = await startTestEmulator({ faults: [{ kind }] }, 'http://127.0.0.1:1/');
      const { json } = await postWebhook(emulator.url, candidateCreated());
      await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 20_000 });
      const { items } = await control.log({ direction: 'outgoing' });
      expect(items.map(brief)).toMatchObject([{ fault: kind, outcome: 'error', error: 'refused' }]);
    },
  );
});

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

describe('rules', () => {
  test('event, client and ATS narrow them; the first that matches acts', async () => {
    const { send, attempted, emulator } = await startFaulty([
      { kind: 'status-500', event: 'candidate.updated' },
      { kind: 'status-500', clientId: 'another' },
      { kind: 'status-500', atsId: 'another' },
      { kind: 'status-500', on: 'ingress', event: 'candidate.deleted' },
      { kind: 'status-429', event: 'candidate.created', clientId: 'acme-corp', atsId: 'test-ats' },
      { kind: 'status-503' },
    ]);
    expect((await attempted(await send())).map(brief)).toMatchObject([{ fault: 'status-429' }]);
    expect(emulator.faults.list().map(({ applied_count }) => applied_count)).toEqual([0, 0, 0, 0, 1, 0]);
    // One added while running comes before those of the file.
    emulator.faults.add({ kind: 'stale' });
    expect((await attempted(await send())).map(brief)).toMatchObject([{ fault: 'stale' }]);
  });

  test('added ones and what they used up survive a restart; those of the file do not pile up', async () => {
    const folder = tempFolder();
    const options = testOptions({
      database: join(folder, 'carvos.db'),
      faults: [{ kind: 'status-500', on: 'ingress', id: 'of-file', event: 'vacancy.deleted' }],
    });
    const first = await startEmulator(options);
    expect(first.faults.add({ kind: 'status-503', on: 'ingress', count: 3 })).toMatchObject({
      id: 'fault-1',
    });
    expect(first.faults.add({ kind: 'stale', share: 0.5, id: 'named' })).toMatchObject({ id: 'named' });
    expect(first.faults.add({ kind: 'stale', id: 'named' })).toBeNull();
    expect((await postWebhook(first.url, candidateCreated())).status).toBe(503);
    const before = first.faults.list();
    await first.close();

    const second = await startEmulator(options);
    onTestFinished(() => second.close());
    expect(second.faults.list()).toEqual(before);
    expect(
      before.map(({ id, origin, applied_count, remaining }) => [id, origin, applied_count, remaining]),
    ).toEqual([
      ['fault-1', 'control', 1, 2],
      ['named', 'control', 0, null],
      ['of-file', 'config', 0, null],
    ]);
  });

  test('a reload applies what changed in the file, and leaves the rest as it is', async () => {
    const options = testOptions({ faults: [{ kind: 'status-503', on: 'ingress', count: 5 }] });
    const emulator = await startEmulator(options);
    onTestFinished(() => emulator.close());
    await postWebhook(emulator.url, candidateCreated());
    expect(emulator.reload({ ...options, unprovisioned: 'fail-later' })).toEqual([
      'unprovisioned is now fail-later',
    ]);
    expect(emulator.faults.list()).toMatchObject([{ applied_count: 1 }]);
    expect(emulator.reload({ ...options, faults: [] })).toEqual([
      'unprovisioned is now reject',
      'faults of the config file: 0',
    ]);
    expect(emulator.faults.list()).toEqual([]);
    expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
  });

  test('the control API lists, adds and clears, and says what makes no sense', async () => {
    const { control } = await startTestEmulator({ seed: 77 });
    expect(await control.faults()).toEqual({ version: 2, seed: 77, items: [] });
    const added = await control.addFault({
      kind: 'slow',
      on: 'ingress',
      share: 0.25,
      event: 'vacancy.created',
    });
    expect(added).toMatchObject({
      id: 'fault-1',
      share: 0.25,
      delay_ms: 2000,
      origin: 'control',
      remaining: null,
    });
    expect((await control.faults()).items).toHaveLength(1);
    await expect(control.addFault({ kind: 'stale', id: 'fault-1' })).rejects.toMatchObject({ status: 409 });
    for (const wrong of [
      { kind: 'stale', on: 'ingress' },
      { kind: 'nonsense' },
      { kind: 'stale', share: 0 },
      { kind: 'stale', share: 1.1 },
      { kind: 'stale', first: 0 },
      { kind: 'stale', delay_ms: 10 },
      { kind: 'slow', delay_ms: 10_000_000 },
      { kind: 'slow', retry_after: 1 },
      { kind: 'slow', event: 'workspace.created' },
      { kind: 'slow', on: 'ingress', event: 'meeting.notes_ready' },
      { kind: 'slow', unknown: 1 },
      {},
    ]) {
      await expect(control.addFault(wrong as never), JSON.stringify(wrong)).rejects.toMatchObject({
        status: 422,
      });
    }
    await expect(control.clearFaults('nobody')).rejects.toMatchObject({ status: 404 });
    expect(await control.clearFaults('fault-1')).toMatchObject({ cleared: ['fault-1'] });
    await control.addFault({ kind: 'stale' });
    await control.addFault({ kind: 'future' });
    expect(await control.clearFaults()).toMatchObject({ cleared: ['fault-1', 'fault-2'] });
    expect((await control.faults()).items).toEqual([]);
  });

  test('every kind can act somewhere and says what it does', () => {
    expect(FAULT_KINDS).toHaveLength(18);
    for (const kind of FAULT_KINDS) {
      expect(FAULTS[kind].places.length).toBeGreaterThan(0);
      expect(FAULTS[kind].what).toMatch(/\.$/);
    }
  });
});

describe('the same seed and input', () => {
  const FAULTS: FaultOptions[] = [
    { kind: 'status-429', share: 0.2, on: 'ingress' },
    { kind: 'lost-ack', share: 0.15, on: 'delivery' },
    { kind: 'wrong-signature', share: 0.3, on: 'delivery' },
    { kind: 'status-500', share: 0.5, first: 2, on: 'delivery' },
  ];

  /** Sends 60 events, so many at a time, each until accepted; then the whole schedule. */
  async function run(concurrency: number, seed: number): Promise<string[]> {
    const { emulator, control } = await startFaulty(FAULTS, { seed });
    const events = Array.from({ length: 60 }, (_, index) =>
      candidateCreated({ event_id: `evt-same-${index}`, candidate_id: `cand-${index}` }),
    );
    const eventOf = new Map<string, string>();
    const waiting = [...events];
    const sender = async () => {
      for (let event = waiting.shift(); event; event = waiting.shift()) {
        for (;;) {
          const { status, json } = await postWebhook(emulator.url, event);
          if (status === 429) continue;
          expect(status).toBe(202);
          eventOf.set(json.reference_id, String(event.event_id));
          break;
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, sender));
    await control.clockMove('drain');
    const records: LogRecord[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await control.log({ limit: 1000, cursor });
      records.push(...page.items);
      cursor = page.next_cursor;
    }
    return records
      .filter(({ fault }) => fault !== null)
      .map(({ direction, event_id, reference_id, step, fault }) =>
        direction === 'incoming'
          ? `in ${event_id} ${fault}`
          : `out ${eventOf.get(reference_id!)} ${step} ${fault}`,
      )
      .sort();
  }

  test('give the same faults, one at a time and fifty at a time; another seed gives others', async () => {
    const [sequential, concurrent, other] = [await run(1, 5), await run(50, 5), await run(50, 6)];
    expect(concurrent).toEqual(sequential);
    expect(sequential.length).toBeGreaterThan(30);
    for (const { kind } of FAULTS) expect(sequential.some((line) => line.endsWith(kind))).toBe(true);
    expect(other).not.toEqual(sequential);
  }, 60_000);
});

/** A receiver that tells how much of a request came before it broke. */
async function listenForHalf() {
  let tell: (seen: { announced: number; got: number }) => void;
  const broken = new Promise<{ announced: number; got: number }>((resolve) => {
    tell = resolve;
  });
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
