import { neutralizeLine } from '../terminal/neutralize.ts';
import { createPaint, type Paint } from '../terminal/output.ts';

/** Colours, where they are wanted. Reversed and bold are no colours, and stay. */
export interface Style extends Paint {
  inverse(text: string): string;
}

export function createStyle(color: boolean): Style {
  return {
    ...createPaint(color),
    bold: (text) => `\x1b[1m${text}\x1b[22m`,
    inverse: (text) => `\x1b[7m${text}\x1b[27m`,
  };
}

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character.codePointAt(0)!);
  return width;
}

function characterWidth(code: number): number {
  if (code < 0x300) return 1;
  // Combining marks, joiners, variation selectors.
  if (code <= 0x36f || (code >= 0x200b && code <= 0x200f) || (code >= 0xfe00 && code <= 0xfe0f)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** Exactly `width` columns: cut with an ellipsis, or filled up. Control characters are made visible. */
export function toWidth(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  if (width <= 0) return '';
  const safe = neutralizeLine(text);
  const cut = cutTo(safe, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(cut)));
  return align === 'right' ? space + cut : cut + space;
}

function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const character of text) {
    const own = characterWidth(character.codePointAt(0)!);
    if (used + own > width - 1) break;
    cut += character;
    used += own;
  }
  return `${cut}…`;
}

/**
 * A line that is painted already, cut with an ellipsis where it is too wide. Its control sequences take no
 * room, and it ends without colour.
 *
 * @param fill fills it up to the width.
 */
export function fitPainted(text: string, width: number, fill = false): string {
  // Most lines: a code unit takes a column at most, wide characters apart.
  if (!fill && text.length * 2 <= width) return text;
  const parts = text.split(/(\x1b\[[0-9;]*m)/);
  const bare = parts.length === 1 ? text : parts.filter((_, index) => index % 2 === 0).join('');
  const whole = widthOf(bare);
  if (whole <= width) return fill ? text + ' '.repeat(width - whole) : text;
  let used = 0;
  let cut = '';
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1) {
      cut += part;
      continue;
    }
    const left = width - used;
    const own = widthOf(part);
    // Something is cut further on: a column stays for the ellipsis.
    if (own < left) {
      cut += part;
      used += own;
      continue;
    }
    cut += cutTo(`${part} `, left);
    break;
  }
  return `${cut}\x1b[0m`;
}

/** Lines of at most `width` columns, broken at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(4, width);
  const lines: string[] = [];
  let line = '';
  let used = 0;
  let space = -1;
  for (const character of neutralizeLine(text)) {
    const own = characterWidth(character.codePointAt(0)!);
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
