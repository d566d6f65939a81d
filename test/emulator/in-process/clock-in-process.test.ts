import { expect, test } from 'vitest';
import { candidateCreated, postWebhook, startDelivering, startTestEmulator } from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';

const MINUTE = 60_000;

test('in process the clock tells the whole schedule of a failing delivery, in no real time', async () => {
  const { receiver, emulator } = await startDelivering({ respond: () => 500, speed: 'manual' });
  const { clock } = emulator;
  await postWebhook(emulator.url, candidateCreated());
  await receiver.waitFor(1);

  const first = await clock.advance(MINUTE);
  expect((await clock.advance(5 * MINUTE - 1000)).fired).toEqual([]);
  expect(clock.view().next?.next_attempt).toMatchObject({ step: 3 });
  expect((await clock.advance(1000)).fired.map((record) => record.step)).toEqual([3]);
  expect((await clock.next()).fired.map((record) => record.step)).toEqual([4]);
  const { fired } = await clock.drain();
  expect(fired).toMatchObject([{ step: 5, delivery_state: 'exhausted' }]);
  expect((await clock.advance(24 * 60 * MINUTE)).fired).toEqual([]);
  expect(receiver.received).toHaveLength(5);
  // A move's list has what that move made, and stays so.
  expect(first.fired.map((record) => record.step)).toEqual([2]);
  expect(() => clock.advance(-1)).toThrow(RangeError);
});

test('paused it stands still, and goes on when resumed, and after a move', async () => {
  const { receiver, emulator } = await startDelivering({
    respond: (_one, index) => (index === 0 ? 500 : 200),
    speed: 6000,
  });
  emulator.clock.pause();
  expect(emulator.clock.view()).toMatchObject({ mode: 'paused' });
  await postWebhook(emulator.url, candidateCreated());
  await receiver.waitFor(1);
  const before = emulator.clock.view().schedule_ms;
  await postWebhook(emulator.url, candidateCreated());
  await receiver.waitFor(2);
  expect(emulator.clock.view().schedule_ms).toBe(before);
  emulator.clock.resume();
  await receiver.waitFor(3);
  await emulator.clock.advance(1);
  const moved = emulator.clock.view().schedule_ms;
  await expect.poll(() => emulator.clock.view().schedule_ms).toBeGreaterThan(moved);
});

test('a move lists an attempt also when its refusal is being explained', async () => {
  const receiver = await startTestReceiver(
    () => 401,
    () => `computed ${'ab'.repeat(32)}`,
  );
  const { emulator } = await startTestEmulator({ speed: 'manual' }, receiver.url);
  await postWebhook(emulator.url, candidateCreated());
  await receiver.waitFor(1);
  const { fired } = await emulator.clock.advance(MINUTE);
  expect(fired).toMatchObject([{ step: 2, response_status: 401 }]);
});
