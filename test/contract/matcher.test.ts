import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  findRunaway,
  isGivenUp,
  isMatcher,
  matches,
  patternProblem,
  runPattern,
} from '../../src/contract/matcher.ts';

test.each([
  [{ equals: { type: 'string' } }, { type: 'string' }, true],
  [{ not: 1 }, 2, true],
  [{ not: { gte: 1 } }, 2, false],
  [{ contains: 'eld' }, 'Welder', true],
  [{ contains: 'Welder' }, ['a Welder is sought'], true],
  [{ contains: 3 }, [1, 2, 3], true],
  [{ contains: { a: 1 } }, { a: 1, b: 2 }, true],
  [{ contains: { a: 2 } }, { a: 1, b: 2 }, false],
  [{ matches: '^é.$' }, 'é!', true],
  [{ matches: '1' }, 1, false],
  [{ exists: false }, undefined, true],
  [{ exists: true }, null, true],
  [{ gt: 3 }, '4', false],
  [{ gte: '2026-01-01' }, '2026-02-01T00:00:00Z', true],
  [{ length: 2 }, 'ab', true],
  [{ length: { gte: 2 } }, [1], false],
  [{ oneOf: ['a', 'b'] }, 'b', true],
  [{ type: 'array' }, [], true],
  [{ type: 'object' }, null, false],
  [{ gte: 1 }, undefined, false],
])('%j of %j is %s', (matcher, actual, met) => {
  expect(isMatcher(matcher)).toBe(true);
  expect(matches(actual, matcher)).toBe(met);
});

describe('an object is a value, and no matcher', () => {
  test.each([
    [{ type: 'permanent' }],
    [{ length: '3 m' }],
    [{ gte: 1, other: 2 }],
    [{}],
    [[]],
    [{ exists: 'yes' }],
  ])('%j', (value) => expect(isMatcher(value)).toBe(false));
});

test('a pattern that runs away is ended, and does not hold', () => {
  expect(matches(`${'a'.repeat(40)}!`, { matches: '^(a+)+$' })).toBe(false);
  expect(matches('aaa', { matches: '^(a+)+$' })).toBe(true);
});

test.each([
  [0.3, 2],
  [0.7, 2],
  [0.95, 1],
])('a pattern that got to run for %d of its limit is tried %i times', (share, times) => {
  onTestFinished(() => void vi.restoreAllMocks());
  const limitMs = 5;
  const used = vi.spyOn(process, 'cpuUsage');
  used.mockImplementation((before) => ({ user: before ? share * limitMs * 1000 : 0, system: 0 }));
  expect(runPattern('^(a+)+$', `${'a'.repeat(40)}!`, limitMs)).toBeNull();
  expect(used).toHaveBeenCalledTimes(2 * times);
});

test('a pattern that is none is said', () => {
  expect(patternProblem('(')).toMatch(/unterminated group/i);
  expect(isMatcher({ matches: '(' })).toBe(false);
});

test('a pattern that runs away is ended, and not tried for ever', () => {
  const pattern = '^(q+)+z$';
  const text = `${'q'.repeat(60)}!`;
  expect(isGivenUp(pattern)).toBe(false);
  for (let time = 0; time < 3; time++) expect(matches(text, { matches: pattern })).toBe(false);
  expect(isGivenUp(pattern)).toBe(true);
  // Asked at each try.
  const used = vi.spyOn(process, 'cpuUsage');
  onTestFinished(() => void used.mockRestore());
  expect(matches(text, { matches: pattern })).toBe(false);
  expect(used).not.toHaveBeenCalled();
  expect(findRunaway(pattern)).toBe('qqq…');
  expect(findRunaway('^q+z$')).toBeNull();
});
