import { expect, test, vi } from 'vitest';
import { SECRETS, startDelivering, testAts } from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { signLikeTheGuides } from '../../support/sign.ts';

const MINUTE = 60_000;

// The emulator captures the wall clock when it is imported: this one, which a test can put forward.
const wall = vi.hoisted(() => {
  const real = Date.now;
  const shifted = { aheadMs: 0 };
  Date.now = () => real() + shifted.aheadMs;
  return shifted;
});

async function startWithFailures(respond: (index: number) => number) {
  const { receiver, emulator, control, postAndWait } = await startDelivering({
    respond: (_one, index) => respond(index),
  });
  const { reference_id } = await postAndWait('first-attempt');
  const read = () => control.trace(reference_id).then((trace) => trace.deliveries[0]!);
  return { receiver, emulator, control, read };
}

test('five attempts at 0, 1, 5, 30 and 120 minutes, each after the one before, then exhausted', async () => {
  const { receiver, control, read } = await startWithFailures(() => 500);
  expect(await read()).toMatchObject({
    state: 'pending',
    attempt_count: 1,
    next_attempt: { step: 2, due_schedule_ms: MINUTE, in_schedule_ms: MINUTE, in_real_ms: null },
  });
  let attempts = 1;
  for (const delay of [MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE]) {
    expect((await control.clockMove({ advance: delay - 1000 })).fired).toEqual([]);
    expect(receiver.received).toHaveLength(attempts);
    const { fired } = await control.clockMove({ advance: 1000 });
    attempts++;
    expect(fired.map(({ number, step, response_status }) => [number, step, response_status])).toEqual([
      [attempts, attempts, 500],
    ]);
    expect(receiver.received).toHaveLength(attempts);
  }
  const delivery = await read();
  expect(delivery).toMatchObject({ state: 'exhausted', attempt_count: 5, next_attempt: null });
  expect(delivery.attempts.map((record) => record.delivery_state)).toEqual([
    'pending',
    'pending',
    'pending',
    'pending',
    'exhausted',
  ]);
  // Delays alone are 156 minutes; the attempts themselves took milliseconds.
  const last = delivery.attempts.at(-1)!.production_ms!;
  expect(last).toBeGreaterThanOrEqual(156 * MINUTE);
  expect(last).toBeLessThan(157 * MINUTE);

  expect((await control.clockMove({ advance: 24 * 60 * MINUTE })).fired).toEqual([]);
  expect((await control.clockMove('drain')).fired).toEqual([]);
  expect(receiver.received).toHaveLength(5);
});

test('each attempt carries the same bytes, signed with the time of that attempt', async () => {
  const { receiver, control } = await startWithFailures((index) => (index < 2 ? 500 : 200));
  for (let attempt = 2; attempt <= 3; attempt++) {
    wall.aheadMs += 61_000;
    await control.clockMove('next');
  }
  expect(receiver.received).toHaveLength(3);
  const times = receiver.received.map(({ headers, body, at }) => {
    const header = String(headers['x-webhook-signature']);
    const t = Number(/^t=(\d+),v1=[0-9a-f]{64}$/.exec(header)?.[1]);
    expect(header).toBe(signLikeTheGuides(body, SECRETS.outgoing, t));
    expect(body.equals(receiver.received[0]!.body)).toBe(true);
    expect(t).toBeLessThanOrEqual(at / 1000);
    return t;
  });
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(61);
  expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(61);
});

test('one move over several due times makes each attempt in turn', async () => {
  const { receiver, control, read } = await startWithFailures((index) => (index < 3 ? 503 : 200));
  const { fired, clock } = await control.clockMove({ advance: 24 * 60 * MINUTE });
  expect(fired.map(({ step, outcome }) => [step, outcome])).toEqual([
    [2, 'failure'],
    [3, 'failure'],
    [4, 'success'],
  ]);
  expect(clock.schedule_ms).toBe(24 * 60 * MINUTE);
  expect(await read()).toMatchObject({ state: 'delivered', attempt_count: 4 });
  expect(receiver.received).toHaveLength(4);
});

test('URL and secret are those in force at the attempt', async () => {
  const { emulator, control } = await startWithFailures(() => 500);
  const second = await startTestReceiver(() => 500);
  await control.changeAts('test-ats', { webhook_url: second.url });
  await control.clockMove('next');
  expect(second.received).toHaveLength(1);

  const third = await startTestReceiver();
  const next = testAts('test-ats', third.url, { ...SECRETS, outgoing: 'rotated-secret' });
  const changes = emulator.reload({
    provisioningLatencyMs: 0,
    ats: [next],
    unprovisioned: 'reject',
    receiverTimeoutMs: 5000,
    speed: 'manual',
    fallbackWebhookUrl: null,
  });
  expect(changes.join()).toContain('outgoing secret changed');
  expect(changes.join()).not.toContain('rotated-secret');
  await control.clockMove('next');
  const { body, headers } = third.received[0]!;
  const t = Number(/^t=(\d+)/.exec(String(headers['x-webhook-signature']))![1]);
  expect(headers['x-webhook-signature']).toBe(signLikeTheGuides(body, 'rotated-secret', t));
});

test('a clock that stands between two milliseconds delivers at once, and next reaches the next attempt', async () => {
  const { control, postAndWait } = await startDelivering({ respond: () => 500, speed: 0.37 });
  for (let round = 0; round < 5; round++) {
    // At an odd speed the clock stops at a fraction of a millisecond, as good as always.
    await control.clockMove({ speed: 0.37 });
    await control.clockMove('pause');
    const { met } = await postAndWait('first-attempt');
    expect(met).toBe(true);
    expect((await control.clockMove('next')).fired).toHaveLength(1);
    await control.clockMove('drain');
    await control.clockMove('resume');
  }
});

test('speed max runs the whole schedule without waiting', async () => {
  const { receiver, postAndWait } = await startDelivering({
    respond: () => 500,
    speed: 'max',
  });
  const { done, met, trace } = await postAndWait('success');
  expect({ done, met }).toEqual({ done: true, met: false });
  expect(trace.deliveries[0]).toMatchObject({ state: 'exhausted', attempt_count: 5 });
  expect(receiver.received).toHaveLength(5);
});
