import { afterEach, expect, test, vi } from 'vitest';
import type { Speed } from '../../../src/emulator/settings.ts';
import { createScheduleClock } from '../../../src/emulator/time/schedule-clock.ts';
import { candidateCreated, postWebhook, startTestEmulator } from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const clock of open.splice(0)) clock.close();
});

/** A schedule clock on a wall that only the test moves. */
function makeClock(speed: Speed, startAt = 0) {
  let wall = 5_000;
  const clock = createScheduleClock(startAt, speed, () => wall);
  open.push(clock);
  const pass = (ms: number) => {
    wall += ms;
    return clock.now();
  };
  return { clock, pass };
}

test('it ticks at its speed from where it stood', () => {
  const { clock, pass } = makeClock(60, 1000);
  expect(clock.now()).toBe(1000);
  expect(pass(500)).toBe(31_000);
  expect(pass(1)).toBe(31_060);
});

test('a single gap counts one second at most', () => {
  const { pass } = makeClock(60);
  expect(pass(7_200_000)).toBe(60_000);
  expect(pass(999)).toBe(60_000 + 59_940);
});

test('it ticks by itself: what nobody looked at for seconds is no gap', async () => {
  let wall = 0;
  let looks = 0;
  const clock = createScheduleClock(0, 1, () => {
    looks++;
    return wall;
  });
  open.push(clock);
  for (let time = 0; time < 3; time++) {
    wall += 900;
    looks = 0;
    await expect.poll(() => looks).toBeGreaterThan(0);
  }
  expect(clock.now()).toBe(2700);
  clock.close();
  looks = 0;
  // A timer as long as its own, begun after its end.
  const other = createScheduleClock(0, 1, () => ++wall);
  open.push(other);
  const before = wall;
  await expect.poll(() => wall).toBeGreaterThan(before);
  expect(looks).toBe(0);
});

test('it stands still while paused and while held, and goes on from there', () => {
  const { clock, pass } = makeClock(10);
  pass(100);
  clock.pause();
  expect(clock.mode).toBe('paused');
  expect(pass(500)).toBe(1000);
  expect(clock.realUntil(2000)).toBeNull();
  clock.resume();
  expect(pass(10)).toBe(1100);
  const first = clock.hold();
  const second = clock.hold();
  first();
  first();
  expect(pass(500)).toBe(1100);
  second();
  expect(pass(10)).toBe(1200);
});

test('a change of speed rescales what is left, not what was', () => {
  const { clock, pass } = makeClock(1);
  pass(1000);
  expect(clock.realUntil(61_000)).toBe(60_000);
  clock.setSpeed(600);
  expect(clock.now()).toBe(1000);
  expect(clock.realUntil(61_000)).toBe(100);
  clock.setSpeed('manual');
  expect(pass(1000)).toBe(1000);
  expect(clock.realUntil(61_000)).toBeNull();
  expect(clock.realUntil(1000)).toBe(0);
});

test('a jump never goes back', () => {
  const { clock } = makeClock('manual', 500);
  clock.jumpTo(400);
  expect(clock.now()).toBe(500);
  clock.jumpTo(600);
  expect(clock.now()).toBe(600);
});

test.each([
  [0, 3000],
  [1500, 3500],
])('a jump takes nothing back, however long it takes (to %i)', (time, seen) => {
  // Each look at the clock takes a second of its time: while it jumps, it is first before 1500 and then behind.
  let wall = 0;
  const clock = createScheduleClock(0, 1000, () => wall++);
  open.push(clock);
  clock.jumpTo(time);
  expect(clock.now()).toBe(seen);
});

test('it tells of changes, not of ticking', () => {
  const { clock, pass } = makeClock(1);
  let changes = 0;
  clock.onChange(() => changes++);
  pass(100);
  expect(changes).toBe(0);
  clock.pause();
  clock.resume();
  clock.setSpeed('max');
  clock.jumpTo(10_000);
  clock.hold()();
  expect(changes).toBe(6);
});

test('fake timers of a test suite do not freeze a running emulator', async () => {
  const receiver = await startTestReceiver((_one, index) => (index === 0 ? 500 : 200));
  // Only what is built has undici's timers from before (fake-timers.test.ts), which it needs to use a connection again.
  receiver.server.on('request', (_request, response) => response.setHeader('Connection', 'close'));
  const { emulator, control } = await startTestEmulator({ speed: 'max' }, receiver.url);
  const references: string[] = [];
  for (let round = 0; round < 3; round++) {
    const signedAt = Math.floor(Date.now() / 1000);
    vi.useFakeTimers({
      toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance'],
      now: 0,
    });
    const answer = await postWebhook(emulator.url, candidateCreated(), { t: signedAt });
    expect(answer.status).toBe(202);
    references.push(answer.json.reference_id);
    await receiver.waitFor(round + 2);
    vi.useRealTimers();
  }
  for (const reference of references) {
    const { met } = await control.wait(reference, { until: 'success', timeoutMs: 60_000 });
    expect(met).toBe(true);
  }
});
