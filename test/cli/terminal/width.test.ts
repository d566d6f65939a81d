import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { formatTable, tableWidth } from '../../../src/cli/terminal/table.ts';
import { cutTo, toWidth, widthOf, wrap } from '../../../src/cli/terminal/width.ts';

const RED = (text: string) => `\x1b[31m${text}\x1b[39m`;

test.each([
  ['plain', 5],
  ['漢字', 4],
  ['👩‍👩‍👧', 2],
  ['e\u0301', 1],
  ['🇳🇱', 2],
  [RED('漢'), 2],
])('%j takes %i columns', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test('what is known to be narrow is so', () => {
  for (let code = 0x20; code < 0x3000; code++) {
    const character = String.fromCodePoint(code);
    if (code === 0x1b) continue;
    expect(widthOf(character), code.toString(16)).toBe(stringWidth(character));
  }
});

test('a text is cut between characters as they are seen, and its colour ends with it', () => {
  expect(cutTo('漢字漢字', 5)).toBe('漢字…');
  expect(widthOf(cutTo('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 4))).toBeLessThanOrEqual(4);
  expect(cutTo('short', 5)).toBe('short');
  expect(cutTo(RED('a long text'), 5)).toBe(`${RED('a lo')}…`);
  expect(cutTo('anything', 0)).toBe('');
});

test('a text of any kind fills its columns exactly', () => {
  for (const text of ['', 'a', 'abcdefgh', '漢字漢字漢', '👩‍👩‍👧 family', 'tab\there'])
    for (const width of [1, 2, 5, 9]) expect(widthOf(toWidth(text, width)), `${text} ${width}`).toBe(width);
});

test('lines are broken at spaces where there are any, and never inside what is one character', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrap('漢字漢字漢字', 5)).toEqual(['漢字', '漢字', '漢字']);
  expect(wrap('🇳🇱🇩🇪🇫🇷', 4)).toEqual(['🇳🇱🇩🇪', '🇫🇷']);
});

test('the columns of a table stand below each other, whatever the rows hold', () => {
  const rows = [
    { name: 'Jansen' },
    { name: '山田太郎' },
    { name: '👩‍👩‍👧 De Vries' },
    { name: 'a much longer name than all' },
  ];
  for (const width of [Number.POSITIVE_INFINITY, 24]) {
    const lines = formatTable(
      [
        { title: 'NAME', value: (row: { name: string }) => row.name, min: 6 },
        { title: 'END', value: () => '|' },
      ],
      rows,
      width,
    );
    const places = lines.slice(1).map((line) => widthOf(line.slice(0, line.lastIndexOf('|'))));
    expect(new Set(places).size).toBe(1);
  }
});

test('a terminal without a size is taken for one of 80 columns', () => {
  const widthAt = (columns: number | undefined) =>
    tableWidth({ stdout: { isTTY: true, columns } as NodeJS.WriteStream });
  expect([widthAt(0), widthAt(undefined), widthAt(40)]).toEqual([80, 80, 40]);
});
