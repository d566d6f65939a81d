import { isIndex, type JsonNode, type JsonText, type JsonTraits } from './json-tree.ts';
import { javascriptNumber, pythonNumber } from './numbers.ts';
import { pythonRepr } from './python-repr.ts';

/** How a serializer writes strings. `null` keeps the escapes of the text as they are. */
export interface Escapes {
  /** Everything beyond ASCII as \uXXXX. */
  ascii?: boolean;
  /** Hex digits of \uXXXX in upper case. */
  upper?: boolean;
  /** `/` as `\/`. */
  slash?: boolean;
  /** Further characters that are written as \uXXXX. */
  also?: string;
  /** `"` as \u0022. */
  quote?: boolean;
  /** U+2028 and U+2029 as \uXXXX, as they were once no valid JavaScript. */
  lines?: boolean;
  /** DEL (0x7F) as \u007f. */
  del?: boolean;
}

export interface JsonStyle {
  comma: string;
  colon: string;
  /** One level; `null` writes everything on one line. */
  indent?: string | null;
  newline?: string;
  /** Arrays as `[ 1, 2 ]` on one line while objects are indented, empty ones as `{ }`: Jackson's. */
  jackson?: boolean;
  escapes: Escapes | null;
  numbers: 'raw' | 'javascript' | 'python';
  sort?: boolean;
  dropNulls?: boolean;
  /** Keys that look like an array's index first, as JavaScript's objects have them. */
  indexKeysFirst?: boolean;
  /** `{}` as `[]`: PHP's, for whom both are the same array. */
  emptyAsArray?: boolean;
  /** Single quotes, None, True: Python's `str(dict)`, which is no JSON. */
  pythonRepr?: boolean;
}

const USUAL = /^-?[1-9][0-9]{0,14}$/;

/** Writes a JSON text again, as some serializer would. */
export function writeJson(root: JsonNode, style: JsonStyle): string {
  const { comma, colon } = style;
  const indent = style.indent ?? null;
  const newline = style.newline ?? '\n';
  const encode = style.pythonRepr ? (text: JsonText) => pythonRepr(text.value) : encoder(style.escapes);
  const pads: string[] = [];
  const pad = (depth: number) => {
    pads[depth] ??= newline + indent!.repeat(depth);
    return pads[depth];
  };

  const write = (node: JsonNode, depth: number): string => {
    switch (node.kind) {
      case 'string':
        return encode(node);
      case 'number':
        // Whole numbers of a usual size are written alike by all.
        return USUAL.test(node.raw) ? node.raw : writeNumber(node.raw, style.numbers);
      case 'literal':
        return style.pythonRepr ? { true: 'True', false: 'False', null: 'None' }[node.raw] : node.raw;
      case 'array': {
        if (node.items.length === 0) return style.jackson ? '[ ]' : '[]';
        if (style.jackson) return `[ ${node.items.map((item) => write(item, depth)).join(', ')} ]`;
        let text = '[';
        const inner = indent === null ? '' : pad(depth + 1);
        for (let i = 0; i < node.items.length; i++) {
          text += (i === 0 ? '' : comma) + inner + write(node.items[i]!, depth + 1);
        }
        return `${text}${indent === null ? '' : pad(depth)}]`;
      }
      case 'object': {
        const entries = arrange(node.entries, node.duplicates, style);
        if (entries.length === 0) return style.jackson ? '{ }' : style.emptyAsArray ? '[]' : '{}';
        let text = '{';
        const inner = indent === null ? '' : pad(depth + 1);
        for (let i = 0; i < entries.length; i++) {
          const [key, value] = entries[i]!;
          text += (i === 0 ? '' : comma) + inner + encode(key) + colon + write(value, depth + 1);
        }
        return `${text}${indent === null ? '' : pad(depth)}}`;
      }
    }
  };
  return write(root, 0);
}

type Entries = [key: JsonText, value: JsonNode][];

/** A parser keeps the last of a key's values, at the place of the first: no two keys are equal afterwards. */
function arrange(all: Entries, duplicates: boolean, style: JsonStyle): Entries {
  let entries = all;
  if (duplicates) entries = [...new Map(all.map((entry) => [entry[0].value, entry])).values()];
  if (style.dropNulls)
    entries = entries.filter(([, value]) => value.kind !== 'literal' || value.raw !== 'null');
  if (style.sort) {
    entries = [...entries].sort(([a], [b]) => (a.value < b.value ? -1 : 1));
  }
  if (style.indexKeysFirst && entries.some(([key]) => isIndex(key.value))) {
    const indexes = entries.filter(([key]) => isIndex(key.value));
    indexes.sort(([a], [b]) => Number(a.value) - Number(b.value));
    entries = [...indexes, ...entries.filter(([key]) => !isIndex(key.value))];
  }
  return entries;
}

/**
 * Tells styles apart that make a difference to a text with these traits: two with the same key write it
 * alike, so that only one need be tried.
 */
export function styleKey(style: JsonStyle, traits: JsonTraits): string {
  const { comma, colon, indent = null, newline = '\n', jackson = false, pythonRepr: repr = false } = style;
  const asWritten = style.escapes === null && traits.escaped;
  const sample: JsonText = { kind: 'string', raw: '', value: traits.special, plain: false };
  return JSON.stringify([
    [comma, colon, indent, newline, jackson, style.emptyAsArray === true && traits.emptyObjects, repr],
    asWritten ? null : encoder(style.escapes ?? {})(sample),
    traits.numbers.map((raw) => writeNumber(raw, style.numbers)).join(),
    style.sort === true && traits.unsorted,
    style.dropNulls === true && traits.nulls,
    style.indexKeysFirst === true && traits.indexKeys,
  ]);
}

function writeNumber(raw: string, as: JsonStyle['numbers']): string {
  return as === 'raw' ? raw : as === 'javascript' ? javascriptNumber(raw) : pythonNumber(raw);
}

const SHORT: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function encoder(escapes: Escapes | null): (text: JsonText) => string {
  if (escapes === null) return (text) => text.raw;
  let set = '"\\\\\\x00-\\x1f';
  if (escapes.slash) set += '/';
  if (escapes.also) set += escapes.also.replace(/[\]\\^-]/g, '\\$&');
  if (escapes.del) set += '\\x7f';
  if (escapes.ascii) set += '\\x80-\\uffff';
  else if (escapes.lines) set += '\\u2028\\u2029';
  // Without the u flag, so that a surrogate pair is escaped as two.
  const pattern = new RegExp(`[${set}]`, 'g');
  const replace = (character: string) => {
    if (character === '/') return '\\/';
    const short = escapes.quote && character === '"' ? undefined : SHORT[character];
    if (short !== undefined) return short;
    const hex = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${escapes.upper ? hex.toUpperCase() : hex}`;
  };
  const plainIsSafe = !escapes.also?.includes('=');
  return (text) => (text.plain && plainIsSafe ? text.raw : `"${text.value.replace(pattern, replace)}"`);
}
