import { expect, test } from 'vitest';
import { parseSince } from '../../../src/cli/input/flags.ts';

test.each(['5000000h', '99999999h', `${'9'.repeat(400)}d`])(
  '--since %s is older than all there is',
  (age) => {
    expect(parseSince(age)).toBe('1970-01-01T00:00:00.000Z');
  },
);

test.each([
  ['2026-11-23', new Date(2026, 10, 23)],
  ['2026-11', new Date(2026, 10, 1)],
  ['2026-11-23T10:00', new Date(2026, 10, 23, 10)],
  ['2026-11-23T10:00Z', new Date(Date.UTC(2026, 10, 23, 10))],
])('--since %s is local where it names no zone', (text, time) => {
  expect(parseSince(text)).toBe(time.toISOString());
});

test.each(['yesterday', '2026-13-45', '10', ''])(
  '--since %j is refused with both forms that it takes',
  (text) => {
    expect(() => parseSince(text)).toThrow(
      expect.objectContaining({
        message: `--since: ${JSON.stringify(text)} is neither an age nor a time`,
        next: 'write it like 10m or 2026-11-23T10:00:00Z',
      }),
    );
  },
);
