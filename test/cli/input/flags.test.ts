import { expect, test } from 'vitest';
import { parseSince } from '../../../src/cli/input/flags.ts';

test.each(['500000h', '99999999h', `${'9'.repeat(400)}d`])('--since %s is older than all there is', (age) => {
  expect(parseSince(age)).toBe('1970-01-01T00:00:00.000Z');
});
