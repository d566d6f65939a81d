import { expect, test } from 'vitest';
import { boundOutput, MAX_OUTPUT } from '../../../src/cli/mcp/bound-output.ts';

test('what fits stays as it is', () => {
  const value = { a: 'x'.repeat(9000), list: Array.from({ length: 500 }, (_, index) => index) };
  expect(JSON.parse(boundOutput(value))).toEqual(value);
});

test.each([
  ['one long text', { text: 'x'.repeat(1_000_000) }],
  [
    'a long list',
    { items: Array.from({ length: 10_000 }, (_, index) => ({ id: index, text: 'some text' })) },
  ],
  [
    'many texts',
    { items: Array.from({ length: 300 }, () => ({ a: 'x'.repeat(5000), b: 'y'.repeat(5000) })) },
  ],
  ['many names', Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`name ${index}`, 'x']))],
  ['a name that grows by escapes', { ['"'.repeat(50_000)]: 'x' }],
  ['text that grows by escapes', { text: '\u0000'.repeat(100_000) }],
])('%s is cut to what an answer may hold, and says so', (_, value) => {
  const text = boundOutput({ exit_code: 0, ...value });
  expect(text.length).toBeLessThanOrEqual(MAX_OUTPUT);
  expect(JSON.parse(text)).toBeTypeOf('object');
  expect(text).toMatch(/cut/);
});
