import { expect, test } from 'vitest';
import { placeOf, ticksOf } from '../../src/portal/axis.ts';

test('5 ms and 2 h are both far from the edges of one axis', () => {
  const end = 2 * 3_600_000;
  expect(placeOf(0, end)).toBe(0);
  expect(placeOf(5, end)).toBeGreaterThan(0.1);
  expect(placeOf(60_000, end)).toBeLessThan(0.75);
  expect(placeOf(end, end)).toBe(1);
});

test('the labels stand where their times do, and none is beyond the end', () => {
  expect(ticksOf(61_000).map(({ text }) => text)).toEqual(['10ms', '100ms', '1s', '10s', '1m']);
  for (const { at } of ticksOf(61_000)) expect(at).toBeLessThanOrEqual(1);
});
