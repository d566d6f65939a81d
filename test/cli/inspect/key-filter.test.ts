import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKeyFilter } from '../../../src/cli/inspect/key-filter.ts';

function filter(...chunks: string[]) {
  const keys: string[] = [];
  const pasted: string[] = [];
  const feed = createKeyFilter(
    (text) => void keys.push(text),
    (text) => void pasted.push(text),
  );
  for (const chunk of chunks) feed(chunk);
  return { keys: keys.join(''), pasted };
}

test.each([
  ['letters', 'jk漢🙂'],
  ['arrows', '\x1b[A\x1bOB\x1b[1;5C'],
  ['Home, End, pages, Delete', '\x1b[H\x1b[4~\x1b[5~\x1b[6;2~\x1b[3~'],
  ['Shift-Tab', '\x1b[Z'],
  ['Escape, and Alt with a letter', '\x1b\x1bj'],
  ['control characters', '\x03\r\t\x7f'],
])('%s pass', (_what, text) => {
  expect(filter(text).keys).toBe(text);
  expect(filter(...text).keys).toBe(text);
});

test.each([
  ['colours, at which Ink throws', '\x1b[31mred\x1b[0m', 'red'],
  ['reports of a mouse', '\x1b[<0;10;20Mj', 'j'],
  ['function keys', '\x1bOPj\x1b[15~k', 'jk'],
  ['an answer of the terminal', 'j\x1b[?62;4ck', 'jk'],
])('%s do not', (_what, text, left) => {
  expect(filter(text).keys).toBe(left);
  expect(filter(text.slice(0, 3), text.slice(3)).keys).toBe(left);
});

test('a sequence whose Escape came before it leaves Escape alone', () => {
  expect(filter('\x1b', '[31mj').keys).toBe('\x1bj');
  expect(filter('\x1b', '[A').keys).toBe('\x1b[A');
});

test('pasted text is no key, however it is cut', () => {
  const text = 'a\x1b[200~rm -r\x1b[31m\r\x1b[201~b';
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 4, max: text.length - 1 })), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      const chunks = places.slice(1).map((end, index) => text.slice(places[index], end));
      expect(filter(...chunks)).toEqual({ keys: 'ab', pasted: ['rm -r\x1b[31m\r'] });
    }),
  );
});

test('a paste without end does not grow without end, and its end is still seen', () => {
  const { keys, pasted } = filter('\x1b[200~', 'x'.repeat(500_000), 'y'.repeat(10), '\x1b[201~j');
  expect(keys).toBe('j');
  expect(pasted[0]!.length).toBeLessThanOrEqual(64 * 1024);
});
