import { LosslessNumber } from 'lossless-json';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { boundInput, checkValue } from '../../src/contract/problems.ts';

function messageOf(schema: z.ZodType, value: unknown): string {
  const checked = checkValue(schema, value);
  return checked.ok ? 'fits' : checked.problems.map(({ type, msg }) => `${type}: ${msg}`).join('; ');
}

// The words are those of pydantic v2 (contract, section 3).
test.each<[z.ZodType, unknown, string]>([
  [z.array(z.string()).min(1), [], 'too_short: List should have at least 1 item after validation'],
  [z.array(z.string()).min(2), ['a'], 'too_short: List should have at least 2 items after validation'],
  [z.array(z.string()).max(1), ['a', 'b'], 'too_long: List should have at most 1 item after validation'],
  [z.string().min(1), '', 'string_too_short: String should have at least 1 character'],
  [z.number().min(1), 0, 'greater_than_equal: Input should be greater than or equal to 1'],
  [z.number().max(5), 6, 'less_than_equal: Input should be less than or equal to 5'],
  [z.literal('a'), 'b', "literal_error: Input should be 'a'"],
  [z.enum(['a', 'b', 'c']), 'd', "literal_error: Input should be 'a', 'b' or 'c'"],
  [z.date(), 'x', 'value_error: Value error, expected date'],
])('%#: %j', (schema, value, message) => {
  expect(messageOf(schema, value)).toContain(message);
});

describe('what a problem echoes is bounded', () => {
  test('in depth', () => {
    const deep = { a: { b: { c: { d: { e: { f: 1 } } } } } };
    expect(boundInput(deep)).toEqual({ a: { b: { c: { d: { e: '…' } } } } });
  });

  test('in the length of a text', () => {
    const cut = String(boundInput('x'.repeat(1000)));
    expect(cut.length).toBeLessThan(210);
    expect(cut).toMatch(/^x+…$/);
    expect(boundInput('short')).toBe('short');
    const digits = boundInput(new LosslessNumber('1'.repeat(300)));
    expect(digits).toMatch(/^1{200}…$/);
  });

  test('in the number of entries', () => {
    const list = boundInput(Array.from({ length: 500 }, (_none, index) => index)) as unknown[];
    expect(list.length).toBeLessThan(70);
    expect(list.at(-1)).toBe('…');
  });
});

test('150,000 unknown keys are problems as one is: the first are listed, and how many there are', () => {
  const value = Object.fromEntries(Array.from({ length: 150_000 }, (_, index) => [`k${index}`, 0]));
  const checked = checkValue(z.strictObject({}), value);
  const problems = checked.ok ? [] : checked.problems;
  expect(problems[0]).toMatchObject({ type: 'extra_forbidden', loc: ['body', 'k0'] });
  expect(problems.at(-1)).toMatchObject({ type: 'too_many_problems' });
  expect(problems.at(-1)!.msg).toBe(`${150_001 - problems.length} more problems are not listed`);
});
