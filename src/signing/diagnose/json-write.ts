import type { JsonStep } from './json-changes.ts';
import type { JsonNode, JsonText } from './json-tree.ts';
import { unicodeEscape } from './text-escapes.ts';

/** How a serializer writes strings. */
interface Escapes {
  /** Everything beyond ASCII as \uXXXX, and further characters, as they stand in a class of a regular expression. */
  ascii?: boolean;
  also?: string;
  /** Hex digits of \uXXXX in upper case: all, or those of `also` alone. */
  upper?: boolean | 'also';
  /** `/` as `\/`, `</` as `<\/`, `"` as \u0022, backspace and form feed as \u0008 and \u000c. */
  slash?: boolean;
  closing?: boolean;
  quote?: boolean;
  long?: boolean;
}

interface Layout {
  comma: string;
  colon: string;
  /** One level; without it everything stands on one line. */
  indent?: string;
  /** Lists as `[ 1, 2 ]` on one line while objects are indented: Jackson's. */
  inlineLists?: boolean;
  /** Empty lists and objects, `*` for the line break before their end. */
  empty?: readonly [list: string, object: string];
  /** What stands before an object and behind it, and the literals, where it is no JSON. */
  braces?: readonly [open: string, close: string];
  literals?: Partial<Record<'true' | 'false' | 'null', string>>;
}

/** How values are laid out. @param indent of the lines, where they stand within another. */
export type Notation = (
  root: JsonNode,
  style: Pick<JsonStyle, 'escapes' | 'numbers'>,
  indent?: string,
) => string;

/** The part of a pipeline between parser and encoder: values changed, keys ordered, text written. */
export interface JsonStyle {
  changes: readonly JsonStep[];
  order?: JsonStep;
  /** What comes after any order. */
  last?: JsonStep;
  write: Notation;
  escapes(text: JsonText): string;
  numbers(raw: string): string;
  /** What is done to the whole text at the end. */
  finish?: (text: string) => string;
}

const apply = (step: JsonStep, node: JsonNode) => step.apply(node);
/** Writes a JSON text again, as some serializer would. @param run applies a step, or knows what it made of that tree before. */
export function writeJson(root: JsonNode, style: JsonStyle, run = apply): string {
  let node = root;
  for (const step of [...style.changes, style.order, style.last]) if (step) node = run(step, node);
  const text = style.write(node, style);
  return style.finish?.(text) ?? text;
}

/** JSON, or what differs from it by its marks alone. */
export const laidOut =
  ({ comma, colon, indent, inlineLists, literals, ...marks }: Layout): Notation =>
  (root, { escapes, numbers }) => {
    const { braces = ['{', '}'], empty = ['[]', braces.join('')] } = marks;
    const pad = (depth: number) => (indent === undefined ? '' : `\n${indent.repeat(depth)}`);
    const list = (parts: string[], [open, close]: readonly [string, string], none: string, depth: number) => {
      if (parts.length === 0) return none.replaceAll('*', pad(depth));
      const inner = pad(depth + 1);
      return open + inner + parts.join(comma + inner) + pad(depth) + close;
    };
    const write = (node: JsonNode, depth: number): string => {
      switch (node.kind) {
        case 'string':
          return escapes(node);
        case 'number':
          return numbers(node.raw);
        case 'literal':
          return literals?.[node.raw] ?? node.raw;
        case 'array': {
          const items = node.items.map((item) => write(item, inlineLists ? depth : depth + 1));
          if (inlineLists && items.length > 0) return `[ ${items.join(', ')} ]`;
          return list(items, ['[', ']'], empty[0], depth);
        }
        case 'object': {
          const entries = node.entries.map(([key, value]) => escapes(key) + colon + write(value, depth + 1));
          return list(entries, braces, empty[1], depth);
        }
      }
    };
    return write(root, 0);
  };

let writers = 0;
/** A writer of strings in JSON. */
export function escaping({ also = '', upper = false, ...escapes }: Escapes): JsonStyle['escapes'] {
  const { slash, ascii, quote, long, closing } = escapes;
  const extra = new RegExp(`[${also}]`);
  // Without the u flag, so that a surrogate pair is escaped as two.
  const pattern = `["\\\\\\x00-\\x1f${slash ? '/' : ''}${also}${ascii ? '\\x80-\\uffff' : ''}]`;
  const all = new RegExp(pattern, 'g');
  const escaped = (character: string) => {
    if (character === '/') return '\\/';
    const isLong = (quote && character === '"') || (long && /[\b\f]/.test(character));
    const short = JSON.stringify(character).slice(1, -1);
    if (short.length === 2 && !isLong) return short;
    return unicodeEscape(character, upper === 'also' ? character === '"' || extra.test(character) : upper);
  };
  const quoted = (value: string) => `"${value.replace(all, escaped)}"`;
  const write = closing ? (value: string) => quoted(value).replaceAll('</', '<\\/') : quoted;
  // What the reader calls plain, Gson alone does not.
  const isPlainSafe = !also.includes('=');
  const place = writers++;
  return (text) => {
    if (text.plain && isPlainSafe) return text.raw;
    text.written ??= [];
    text.written[place] ??= write(text.value);
    return text.written[place];
  };
}
