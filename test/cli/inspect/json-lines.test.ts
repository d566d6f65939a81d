import { expect, test } from 'vitest';
import { jsonLines } from '../../../src/cli/inspect/json-lines.ts';
import { createStyle } from '../../../src/cli/inspect/style.ts';

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

test('data that calls itself a number, with methods that are none, is shown as the object that it is', () => {
  const value = JSON.parse('{"x":{"isLosslessNumber":true,"value":"1e9","toString":5,"valueOf":null}}');
  const shown = jsonLines(value, 60, new Set(), createStyle(false)).map(({ text }) => text.trim());
  expect(shown.join(' ')).toContain(
    '"isLosslessNumber": true, "value": "1e9", "toString": 5, "valueOf": null',
  );
});
