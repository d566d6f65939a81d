import { expect, onTestFinished, test } from 'vitest';
import { createSweep } from '../../../src/emulator/delivery/sweep-attempts.ts';

/** A sweep on a clock that only the test moves; it counts how often that is looked at. */
function makeSweep() {
  const made = { time: 0, looks: 0 };
  const sweep = createSweep(() => {
    made.looks++;
    return made.time;
  });
  const add = (deadline: number) => {
    const one = {
      place: -1,
      deadline,
      expired: false,
      forgiven: [] as number[],
      expire() {
        one.expired = true;
        sweep.remove(one);
      },
      forgive(stoodMs: number) {
        one.forgiven.push(stoodMs);
        one.deadline += stoodMs;
      },
    };
    sweep.add(one);
    onTestFinished(() => {
      if (!one.expired) sweep.remove(one);
    });
    return one;
  };
  /** Sweeps at least once with what the clock says by then. */
  const swept = async () => {
    made.looks = 0;
    await expect.poll(() => made.looks).toBeGreaterThan(1);
  };
  return Object.assign(made, { sweep, add, swept });
}

test('each is ended when its time is up, also one that comes after all others have left', async () => {
  const made = makeSweep();
  for (let round = 0; round < 2; round++) {
    const [late, early] = [made.add(made.time + 101), made.add(made.time + 100)];
    made.time += 99;
    await made.swept();
    expect([early.expired, late.expired]).toEqual([false, false]);
    made.time++;
    await expect.poll(() => early.expired).toBe(true);
    expect(late.expired).toBe(false);
    made.time++;
    await expect.poll(() => late.expired).toBe(true);
  }
});

test('nothing is looked at while there is none', async () => {
  const made = makeSweep();
  const [first, second] = [made.add(1), made.add(1)];
  made.time = 1;
  await expect.poll(() => [first.expired, second.expired]).toEqual([true, true]);
  made.looks = 0;
  // Its timer is as long, and begins later.
  const other = makeSweep();
  other.add(1);
  await other.swept();
  expect(made.looks).toBe(0);
});

test("what this process stood still is nobody's time, and a sweep that is a little late is no standstill", () => {
  const made = makeSweep();
  made.time = 5000;
  const one = made.add(10_000);
  made.sweep.forgive();
  for (const ms of [270, 271, 20, 2000]) {
    made.time += ms;
    made.sweep.forgive();
  }
  // More than 250 ms beyond the 20 between two sweeps.
  expect(one.forgiven).toEqual([251, 1980]);
});
