import type { JsonStep } from './json-orders.ts';
import type { JsonNode, JsonText } from './json-tree.ts';
import { type NumberForm, writeNumber } from './numbers.ts';
import { unicodeEscape } from './text-escapes.ts';

/** How a serializer writes strings. `null` keeps the escapes of the text as they are. */
export interface Escapes {
  /** Everything beyond ASCII as \uXXXX. */
  ascii?: boolean;
  /** Hex digits of \uXXXX in upper case: all, or those of `also` alone. */
  upper?: boolean | 'also';
  /** `/` as `\/`. */
  slash?: boolean;
  /** Further characters that are written as \uXXXX, as they stand in a class of a regular expression. */
  also?: string;
  /** `"` as \u0022. */
  quote?: boolean;
  /** Backspace and form feed as \u0008 and \u000c. */
  long?: boolean;
  /** `</` as `<\/`. */
  closing?: boolean;
  /** `also` on top of the text as it was written. */
  asWritten?: boolean;
}

export interface Layout {
  comma: string;
  colon: string;
  /** One level; without it everything stands on one line. */
  indent?: string;
  newline?: string;
  /** Lists as `[ 1, 2 ]` on one line while objects are indented: Jackson's. */
  inlineLists?: boolean;
  /** Empty lists and objects, `*` for the line break before their end. */
  empty?: readonly [list: string, object: string];
  /** Of notations that are no JSON: what stands before an object and behind it, and their literals. */
  braces?: readonly [open: string, close: string];
  literals?: Partial<Record<'true' | 'false' | 'null', string>>;
}

/** Values as a language prints them for people, where no layout says it. */
export type Notation = (root: JsonNode, numbers: NumberForm) => string;

/** The part of a pipeline between parser and encoder: values changed, keys ordered, text written. */
export interface JsonStyle {
  changes: readonly JsonStep[];
  order?: JsonStep;
  /** What comes after any order. */
  last?: JsonStep;
  layout: Layout | Notation;
  /** A function writes a string whole. */
  escapes: Escapes | ((value: string) => string) | null;
  /** `null` keeps them as they are. */
  numbers: NumberForm | null;
  /** What is written at the end. */
  end?: string;
}

/** Writes a JSON text again, as some serializer would. */
export function writeJson(root: JsonNode, style: JsonStyle): string {
  const { changes, order, last, layout, numbers, end = '' } = style;
  let node = root;
  for (const step of [...changes, order, last]) if (step !== undefined) node = step.apply(node);
  if (typeof layout !== 'function') return writeNode(node, layout, style) + end;
  return layout(node, numbers!) + end;
}

/** Writes values as they are. */
export function writeNode(
  root: JsonNode,
  layout: Layout,
  { escapes, numbers }: Pick<JsonStyle, 'escapes' | 'numbers'>,
): string {
  const { comma, colon, indent, newline = '\n', inlineLists, literals } = layout;
  const [noItems, noEntries] = layout.empty ?? ['[]', '{}'];
  const braces = layout.braces ?? ['{', '}'];
  const encode = encoder(escapes);
  const pads: string[] = [];
  const pad = (depth: number) => {
    if (indent === undefined) return '';
    pads[depth] ??= newline + indent.repeat(depth);
    return pads[depth];
  };
  const list = (parts: string[], [open, close]: readonly [string, string], none: string, depth: number) =>
    parts.length === 0
      ? none.replaceAll('*', pad(depth))
      : open + pad(depth + 1) + parts.join(comma + pad(depth + 1)) + pad(depth) + close;
  const write = (node: JsonNode, depth: number): string => {
    switch (node.kind) {
      case 'string':
        return encode(node);
      case 'number':
        return numbers === null ? node.raw : writeNumber(node.raw, numbers);
      case 'literal':
        return literals?.[node.raw] ?? node.raw;
      case 'array': {
        const items = node.items.map((item) => write(item, inlineLists ? depth : depth + 1));
        if (inlineLists && items.length > 0) return `[ ${items.join(', ')} ]`;
        return list(items, ['[', ']'], noItems, depth);
      }
      case 'object': {
        const entry = ([key, value]: [JsonText, JsonNode]) => encode(key) + colon + write(value, depth + 1);
        return list(node.entries.map(entry), braces, noEntries, depth);
      }
    }
  };
  return write(root, 0);
}

const SHORT: Record<string, string> = {
  ...{ '"': '\\"', '\\': '\\\\', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t' },
};

type Encoder = (text: JsonText) => string;
const encoders = new Map<JsonStyle['escapes'], Encoder>();

function encoder(escapes: JsonStyle['escapes']): Encoder {
  const made = encoders.get(escapes) ?? makeEncoder(escapes);
  encoders.set(escapes, made);
  return made;
}

function makeEncoder(escapes: JsonStyle['escapes']): Encoder {
  if (escapes === null) return ({ raw }) => raw;
  if (typeof escapes === 'function') return ({ value }) => escapes(value);
  const { also = '', slash, ascii, upper = false, quote, long } = escapes;
  const extra = new RegExp(`[${also}]`, 'g');
  // Without the u flag, so that a surrogate pair is escaped as two.
  const pattern = `["\\\\\\x00-\\x1f${slash ? '/' : ''}${also}${ascii ? '\\x80-\\uffff' : ''}]`;
  const all = new RegExp(pattern, 'g');
  const replace = (character: string) => {
    if (character === '/') return '\\/';
    const isLong = (quote && character === '"') || (long && /[\b\f]/.test(character));
    if (!isLong && character in SHORT) return SHORT[character]!;
    const isUpper = upper === 'also' ? character === '"' || character.search(extra) === 0 : upper;
    return unicodeEscape(character, isUpper);
  };
  if (escapes.asWritten) return ({ raw }) => raw.replace(extra, replace);
  // What the reader calls plain, Gson alone does not.
  const isPlainSafe = !also.includes('=');
  const write = ({ raw, value, plain }: JsonText) =>
    plain && isPlainSafe ? raw : `"${value.replace(all, replace)}"`;
  return escapes.closing ? (text) => write(text).replaceAll('</', '<\\/') : write;
}
