import { expect, test } from 'vitest';
import { fillIn } from '../../../src/cli/run/variables.ts';

const known: Record<string, unknown> = { n: 42, s: 'x', list: [1], 'run.id': 'r1' };
const fill = (value: unknown) => fillIn(value, (name) => known[name]);

test.each([
  ['${n}', 42],
  ['a ${n} b', 'a 42 b'],
  ['${list}', [1]],
  ['${s}-${run.id}', 'x-r1'],
  ['$${n}', '${n}'],
  [{ a: ['${s}'] }, { a: ['x'] }],
  [7, 7],
  [null, null],
])('%j becomes %j', (value, filled) => {
  expect(fill(value)).toEqual(filled);
});
