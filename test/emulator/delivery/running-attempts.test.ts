import { expect, test } from 'vitest';
import { type RunningAttempt, RunningAttempts } from '../../../src/emulator/delivery/running-attempts.ts';

test('whatever comes and goes in whatever order, those that run are known, and each expires in its time', () => {
  const running = new RunningAttempts();
  const expected = new Set<RunningAttempt>();
  const expired: number[] = [];
  const add = (deadline: number) => {
    const attempt = {
      place: -1,
      deadline,
      expire() {
        expired.push(deadline);
        running.remove(attempt);
        expected.delete(attempt);
      },
    };
    running.add(attempt);
    expected.add(attempt);
  };
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed % below;
  };
  for (let now = 0; now < 5000; now++) {
    if (random(2) === 0 || expected.size === 0) add(now + 1 + random(50));
    else {
      const one = [...expected][random(expected.size)]!;
      running.remove(one);
      expected.delete(one);
    }
    if (now % 10 === 0) {
      const due = [...expected].filter((one) => one.deadline <= now).map((one) => one.deadline);
      expired.length = 0;
      running.expireUntil(now);
      expect([...expired].sort()).toEqual(due.sort());
    }
    expect(running.count).toBe(expected.size);
  }
  running.expireUntil(Number.POSITIVE_INFINITY);
  expect([running.count, expected.size]).toEqual([0, 0]);
});
