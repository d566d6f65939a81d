import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';
import { neutralizeLine } from './neutralize.ts';

/** Signs of our own, one column each. */
const SIGNS = '‖…›→←✓✗│▏▶○◉';
/** Characters of one column each, which need not be looked at: most lines hold no others. */
const NARROW = new RegExp(`^[\\x20-\\x7e\\u00c0-\\u02ff${SIGNS}]*$`);
const COLOURS = /\x1b\[[0-9;]*m/g;

/** Columns that a text takes on a terminal; control sequences take none. */
export function widthOf(text: string): number {
  const bare = text.includes('\x1b') ? text.replace(COLOURS, '') : text;
  return NARROW.test(bare) ? bare.length : stringWidth(bare);
}

/** At most `width` columns: cut with an ellipsis where it is longer. A colour ends where the text does. */
export function cutTo(text: string, width: number): string {
  if (text.length * 2 <= width || widthOf(text) <= width) return text;
  if (width <= 0) return '';
  if (NARROW.test(text)) return `${text.slice(0, width - 1)}…`;
  const cut = sliceAnsi(text, 0, width - 1);
  // A wide character at the edge is not halved: it is taken whole.
  return `${widthOf(cut) < width ? cut : sliceAnsi(text, 0, width - 2)}…`;
}

/** Exactly `width` columns: cut with an ellipsis, or filled up. Control characters are made visible. */
export function toWidth(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  return fill(cutTo(neutralizeLine(text), width), width, align);
}

/** Spaces up to `width` columns; a text that is painted already keeps its colours. */
export function fill(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? space + text : text + space;
}

/**
 * Lines of at most `width` columns, broken at spaces where there are any. By hand: wrap-ansi takes 1.5 s for a body of
 * 64 KiB without a space, and this a few milliseconds.
 */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(4, width);
  const safe = neutralizeLine(text);
  const lines: string[] = [];
  let line = '';
  let used = 0;
  let space = -1;
  for (const [character, own] of charactersOf(safe)) {
    if (used + own > room) {
      const at = space > room / 2 ? space : line.length;
      lines.push(line.slice(0, at).trimEnd());
      line = line.slice(at).trimStart();
      used = widthOf(line);
      space = -1;
    }
    if (character === ' ' && line === '' && lines.length > 0) continue;
    if (character === ' ') space = line.length;
    line += character;
    used += own;
  }
  lines.push(line);
  return lines;
}

/** What takes a place on a terminal, with its columns. */
function* charactersOf(text: string): Generator<readonly [string, number]> {
  if (NARROW.test(text)) for (const character of text) yield [character, 1];
  else for (const { segment } of new Intl.Segmenter().segment(text)) yield [segment, widthOf(segment)];
}
