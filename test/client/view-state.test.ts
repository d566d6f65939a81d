import { expect, test } from 'vitest';
import { oneAtATime } from '../../src/client/view-state.ts';

test('a task is done one at a time, and once more for all that was asked meanwhile', async () => {
  const ends: (() => void)[] = [];
  const ask = oneAtATime(() => new Promise((resolve) => ends.push(resolve)));
  const begun = (count: number) => expect.poll(() => ends.length).toBe(count);
  for (let times = 0; times < 3; times++) ask();
  await begun(1);
  ends[0]!();
  await begun(2);
  ends[1]!();
  await new Promise(setImmediate);
  expect(ends).toHaveLength(2);
  ask();
  await begun(3);
  ends[2]!();
});
