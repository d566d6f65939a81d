import { expect, test } from 'vitest';
import { jsonLines } from '../../../src/cli/inspect/json-lines.ts';
import { createStyle } from '../../../src/cli/inspect/style.ts';
import { parseJson } from '../../../src/contract/json.ts';

test('no key, of a value or of a container, reaches the terminal with what a terminal obeys', () => {
  const key = '\u009b31m\u202eKEY';
  const value = { [key]: { [key]: [1, { [key]: '\u009d0;title\u009c' }] }, [`${key}2`]: {} };
  for (const toggled of [new Set<string>(), new Set([`/${key}`])]) {
    const text = jsonLines(value, 60, toggled, createStyle(false))
      .map((line) => line.text)
      .join('\n');
    expect(text).toContain('KEY');
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  }
});

test('a number that JavaScript would change is shown as it came, and an object that only calls itself one is an object', () => {
  const parsed = parseJson(
    Buffer.from('{"long":12345678901234567890,"a":{"isLosslessNumber":true,"value":"1"}}'),
  );
  const text = jsonLines(parsed.ok && parsed.value, 60, new Set(), createStyle(false)).map(
    (line) => line.text,
  );
  expect(text.map((line) => line.replace(/^[ ▾]+/, ''))).toEqual([
    '{',
    '"long": 12345678901234567890,',
    '"a": {',
    '"isLosslessNumber": true,',
    '"value": "1"',
    '}',
    '}',
  ]);
});
