import { expect, test } from 'vitest';
import { formatLogTime } from '../../../src/cli/text/times.ts';

const local = (...parts: [number, number, number, number, number, number]) =>
  new Date(...parts).toISOString();
const now = new Date(2027, 0, 1, 0, 0, 1).getTime();

test.each([
  ['of today with seconds', local(2027, 0, 1, 0, 0, 0), '00:00:00'],
  ['of today by the local zone, whatever UTC says', local(2027, 0, 1, 23, 59, 59), '23:59:59'],
  ['of the day before with its day', local(2026, 11, 31, 23, 59, 59), '12-31 23:59'],
  ['of the same day a year before with its day', local(2026, 0, 1, 9, 5, 7), '01-01 09:05'],
  ['that cannot be read', 'yesterday', '--:--:--'],
])('a time %s', (_what, at, shown) => {
  expect(formatLogTime(at, now)).toBe(shown);
});
