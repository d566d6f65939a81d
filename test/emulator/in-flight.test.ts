import { expect, test } from 'vitest';
import { InFlight, type Placed } from '../../src/emulator/in-flight.ts';

type Attempt = Placed & { deadline: number; expire(): void };

test('whatever comes and goes in whatever order, those in flight are known, and each may leave in its turn', () => {
  const running = new InFlight<Attempt>();
  const expected = new Set<Attempt>();
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
      for (const one of running) if (one.deadline <= now) one.expire();
      expect([...expired].sort()).toEqual(due.sort());
    }
    expect(running.count).toBe(expected.size);
  }
  for (const one of running) one.expire();
  expect([running.count, expected.size]).toEqual([0, 0]);
});

test('one may take others with it in its turn', () => {
  const running = new InFlight<Placed>();
  const all = Array.from({ length: 6 }, () => ({ place: -1 }));
  for (const one of all) running.add(one);
  const seen: Placed[] = [];
  for (const one of running) {
    seen.push(one);
    if (seen.length === 1) for (const other of all.slice(1)) running.remove(other);
  }
  expect(seen).toEqual([all[5], all[0]]);
  expect(running.count).toBe(1);
});
