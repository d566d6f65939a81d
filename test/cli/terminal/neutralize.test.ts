import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { neutralize, toJson } from '../../../src/cli/terminal/neutralize.ts';
import { shellQuote } from '../../../src/cli/text/curl.ts';

const HOSTILE = [
  '\x1b',
  '\x9b',
  '\u061c',
  '\u180e',
  '\u200b',
  '\u202e',
  '\u2069',
  '\ufeff',
  '\u{e0041}',
  '\ud800',
];

test.each(HOSTILE)('%j never reaches a terminal, in text, JSON or a shell word', (character) => {
  const text = `a${character}b`;
  for (const shown of [neutralize(text), toJson(text), shellQuote(text)])
    expect(shown).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(toJson(text))).toBe(text);
});

test('a shell makes of a quoted word the bytes that a header had', () => {
  const value = "it's \\ \x9b31m \x85";
  const out = execFileSync('sh', ['-c', `printf '%s' ${shellQuote(value)}`]);
  expect(out.equals(Buffer.from(value, 'latin1'))).toBe(true);
});
