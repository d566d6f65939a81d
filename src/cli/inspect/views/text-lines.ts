import { wrap } from '../../terminal/width.ts';
import type { Line } from '../json-lines.ts';
import type { Style } from '../style.ts';

export function fact(name: string, value: string, width: number, style: Style): Line[] {
  return wrap(value, width - 11).map((text, index) => ({
    text: `${style.dim((index === 0 ? name : '').padEnd(10))} ${text}`,
  }));
}

export function plain(text: string, width: number): Line[] {
  return text.split('\n').flatMap((line) => wrap(line, width).map((part) => ({ text: part })));
}

/** One line of text, wrapped and painted. */
export function tinted(text: string, width: number, paint: (text: string) => string): Line[] {
  return wrap(text, width).map((part) => ({ text: paint(part) }));
}

/** Lines that are painted already: wrapped where they are plain, else left to be cut. */
export function painted(text: string, width: number): Line[] {
  const bare = text.replace(/\x1b\[[0-9;]*m/g, '');
  if (bare.length <= width) return [{ text }];
  const indent = /^\s*/.exec(bare)![0];
  return wrap(bare.trimStart(), width - indent.length - 2).map((part, index) => ({
    text: `${indent}${index === 0 ? '' : '  '}${part}`,
  }));
}
