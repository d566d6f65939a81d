import { CHANGES, type ChangeName } from './json-changes.ts';
import { indexKeysFirst, ORDERS, type OrderName, uniqueKeys } from './json-orders.ts';
import type { Entries, JsonNode, JsonText } from './json-tree.ts';
import { NUMBERS, type NumberForm, type NumberName, writeNumber } from './numbers.ts';
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
}

/** The part of a pipeline between parser and encoder: values changed, keys ordered, text written. */
export interface JsonStyle {
  changes: readonly ChangeName[];
  order?: OrderName;
  /** Keys that look like an array's index first, as JavaScript's objects have them. */
  indexKeysFirst?: boolean;
  layout: Layout;
  escapes: Escapes | null;
  /** `null` keeps them as they are. */
  numbers: NumberName | null;
  /** What is written at the end. */
  end?: string;
  /** Writes the ordered values in a notation that is no JSON. */
  notation?: (root: JsonNode, numbers: NumberName) => string;
}

const USUAL = /^-?[1-9][0-9]{0,14}$/;

/** Writes a JSON text again, as some serializer would. */
export function writeJson(root: JsonNode, style: JsonStyle): string {
  let node = root;
  for (const name of style.changes) node = CHANGES[name].apply(node);
  node = arrange(node, style, 0);
  if (style.notation) return style.notation(node, style.numbers ?? 'python') + (style.end ?? '');
  return writeNode(node, style) + (style.end ?? '');
}

function writeNode(root: JsonNode, style: JsonStyle): string {
  const { comma, colon, indent, newline = '\n', inlineLists, empty = ['[]', '{}'] } = style.layout;
  const encode = encoder(style.escapes);
  const form: NumberForm | null = style.numbers === null ? null : NUMBERS[style.numbers];
  const areUsualKept =
    form?.whole !== 'float' || (form.point !== true && (form.to > 14 || form.beyond !== undefined));
  const pads: string[] = [];
  const pad = (depth: number) => {
    if (indent === undefined) return '';
    pads[depth] ??= newline + indent.repeat(depth);
    return pads[depth];
  };
  const list = <T>(
    items: readonly T[],
    [open, close, none]: string[],
    depth: number,
    item: (one: T) => string,
  ) => {
    if (items.length === 0) return none!.replaceAll('*', pad(depth));
    const inner = pad(depth + 1);
    let text = open!;
    for (let at = 0; at < items.length; at++) text += (at === 0 ? '' : comma) + inner + item(items[at]!);
    return text + pad(depth) + close;
  };
  const write = (node: JsonNode, depth: number): string => {
    switch (node.kind) {
      case 'string':
        return encode(node);
      case 'number':
        return form === null || (areUsualKept && USUAL.test(node.raw))
          ? node.raw
          : writeNumber(node.raw, form);
      case 'literal':
        return node.raw;
      case 'array':
        if (inlineLists && node.items.length > 0)
          return `[ ${node.items.map((item) => write(item, depth)).join(', ')} ]`;
        return list(node.items, ['[', ']', empty[0]], depth, (item) => write(item, depth + 1));
      case 'object':
        return list(
          node.entries,
          ['{', '}', empty[1]],
          depth,
          ([key, value]) => encode(key) + colon + write(value, depth + 1),
        );
    }
  };
  return write(root, 0);
}

/** The same tree with its keys unique and in the style's order; shared where nothing moves. */
function arrange(node: JsonNode, style: JsonStyle, depth: number): JsonNode {
  if (node.kind === 'array') {
    const items = node.items.map((item) => arrange(item, style, depth + 1));
    return items.some((item, index) => item !== node.items[index]) ? { kind: 'array', items } : node;
  }
  if (node.kind !== 'object') return node;
  let entries = node.duplicates ? uniqueKeys(node.entries) : node.entries;
  if (style.order !== undefined) entries = ORDERS[style.order].arrange(entries, depth);
  if (style.indexKeysFirst) entries = indexKeysFirst(entries);
  const arranged = entries.map(([key, value]): Entries[number] => [key, arrange(value, style, depth + 1)]);
  const moved = entries !== node.entries || arranged.some(([, value], index) => value !== entries[index]![1]);
  return moved ? { kind: 'object', entries: arranged, duplicates: false } : node;
}

const SHORT: Record<string, string> = {
  ...{ '"': '\\"', '\\': '\\\\', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t' },
};

const encoders = new Map<Escapes | null, (text: JsonText) => string>();

function encoder(escapes: Escapes | null): (text: JsonText) => string {
  const made = encoders.get(escapes) ?? makeEncoder(escapes);
  encoders.set(escapes, made);
  return made;
}

function makeEncoder(escapes: Escapes | null): (text: JsonText) => string {
  if (escapes === null) return (text) => text.raw;
  const { also = '', slash, ascii, upper = false, asWritten, closing } = escapes;
  const extra = new RegExp(`[${also}]`, 'g');
  // Without the u flag, so that a surrogate pair is escaped as two.
  const pattern = new RegExp(
    `["\\\\\\x00-\\x1f${slash ? '/' : ''}${also}${ascii ? '\\x80-\\uffff' : ''}]`,
    'g',
  );
  const replace = (character: string) => {
    if (character === '/') return '\\/';
    const isLong = (escapes.quote && character === '"') || (escapes.long && /[\b\f]/.test(character));
    const short = isLong ? undefined : SHORT[character];
    const isUpper = upper === 'also' ? character === '"' || character.search(extra) === 0 : upper;
    return short ?? unicodeEscape(character, isUpper);
  };
  if (asWritten) return ({ raw }) => raw.replace(extra, replace);
  const write = ({ value }: JsonText) => `"${value.replace(pattern, replace)}"`;
  const ends = closing ? (text: JsonText) => write(text).replaceAll('</', '<\\/') : write;
  // What the reader calls plain, Gson alone does not.
  const isPlainSafe = !also.includes('=');
  return (text) => (text.plain && isPlainSafe ? text.raw : ends(text));
}
