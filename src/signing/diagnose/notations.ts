import { isNull } from './json-changes.ts';
import type { JsonNode } from './json-tree.ts';
import { type Layout, type Notation, writeNode } from './json-write.ts';
import { NUMBERS, type NumberForm, writeNumber } from './numbers.ts';
import { pythonRepr } from './string-literals.ts';
import { QUERY } from './text-escapes.ts';

/** Values as languages print them for people: what is hashed when a value is put into a string. */

/** `str()` of what Python's `json.loads` returned. */
export const PYTHON_DICT: Layout = {
  comma: ', ',
  colon: ': ',
  literals: { true: 'True', false: 'False', null: 'None' },
};
const pythonText = (node: JsonNode) =>
  writeNode(node, PYTHON_DICT, { escapes: pythonRepr, numbers: NUMBERS.pythonText });

const WIDTH = 80;

/** `pprint.pformat` (CPython, Lib/pprint.py): what does not fit on 80 columns stands one item a line. */
export const pythonPretty: Notation = (root) => {
  const format = (node: JsonNode, indent: number, allowance: number): string => {
    const flat = pythonText(node);
    if (flat.length <= WIDTH - indent - allowance || flat === "''") return flat;
    if (node.kind === 'string') return wrapped(node.value, indent, allowance);
    if (node.kind !== 'array' && node.kind !== 'object') return flat;
    const inner = indent + 1;
    const parts =
      node.kind === 'array'
        ? node.items.map((item) => ['', item] as const)
        : node.entries.map(([key, value]) => [`${pythonRepr(key.value)}: `, value] as const);
    const lines = parts.map(([key, value], index) => {
      const isLast = index === parts.length - 1;
      return key + format(value, inner + key.length, isLast ? allowance + 1 : 1);
    });
    return flat.charAt(0) + lines.join(`,\n${' '.repeat(inner)}`) + flat.at(-1);
  };
  return format(root, 0, 0);
};

/** A long string as several literals, one a line. */
function wrapped(text: string, indent: number, outer: number): string {
  const chunks: string[] = [];
  // Where Python ends a line; the ends are kept.
  const lines = text.split(/(?<=\r(?!\n)|[\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029])/);
  for (const [index, line] of lines.entries()) {
    const allowance = index === lines.length - 1 ? outer : 0;
    const words = line.match(/\S*\s*/g)!.filter((word) => word !== '');
    let current = '';
    for (const [at, word] of words.entries()) {
      const room = WIDTH - indent - (at === words.length - 1 ? allowance : 0);
      if (current !== '' && pythonRepr(current + word).length > room) {
        chunks.push(pythonRepr(current));
        current = '';
      }
      current += word;
    }
    if (current !== '') chunks.push(pythonRepr(current));
  }
  return chunks.join(`\n${' '.repeat(indent)}`);
}

/** PHP's arrays: how one is written around its entries, and what is none. */
const php =
  (
    array: (
      entries: [key: string, value: JsonNode][],
      write: (node: JsonNode, indent: string) => string,
      indent: string,
    ) => string,
    plain: (node: JsonNode, numbers: NumberForm) => string,
  ): Notation =>
  (root, numbers) => {
    const write = (node: JsonNode, indent: string): string => {
      const entries = entriesOf(node);
      return entries === null ? plain(node, numbers) : array(entries, write, indent);
    };
    return write(root, '');
  };

/** PHP's `print_r($array, true)`. */
export const phpPrint = php((entries, write, indent) => {
  const line = ([key, value]: [string, JsonNode]) =>
    `${indent}    [${key}] => ${write(value, `${indent}        `)}\n`;
  return `Array\n${indent}(\n${entries.map(line).join('')}${indent})\n`;
}, scalar);

const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
/** PHP's `var_export($array, true)`. */
export const phpExport = php(
  (entries, write, indent) => {
    const lines = entries.map(([key, value]) => {
      const nested = entriesOf(value) === null ? '' : `\n${indent}  `;
      return `${indent}  ${isWhole(key) ? key : quoted(key)} => ${nested}${write(value, `${indent}  `)},\n`;
    });
    return `array (\n${lines.join('')}${indent})`;
  },
  (node, numbers) => {
    if (node.kind === 'string') return quoted(node.value);
    return node.kind === 'literal' ? node.raw.replace('null', 'NULL') : scalar(node, numbers);
  },
);

const serialized = (text: string) => `s:${Buffer.byteLength(text)}:"${text}";`;
/** PHP's `serialize($array)`. */
export const phpSerialize = php(
  (entries, write) => {
    const parts = entries.map(
      ([key, value]) => (isWhole(key) ? `i:${key};` : serialized(key)) + write(value, ''),
    );
    return `a:${entries.length}:{${parts.join('')}}`;
  },
  (node, numbers) => {
    if (node.kind === 'string') return serialized(node.value);
    if (node.kind === 'literal') return { true: 'b:1;', false: 'b:0;', null: 'N;' }[node.raw];
    const written = scalar(node, numbers);
    const isInteger = node.kind === 'number' && [written, node.raw].every((one) => /^-?[0-9]+$/.test(one));
    return `${isInteger ? 'i' : 'd'}:${written};`;
  },
);

type Pairs = (name: string, node: JsonNode, numbers: NumberForm) => [name: string, value: string][];
/** A query of an object's entries: `pairs` says what becomes of each. */
const query =
  (encode: (text: string) => string, pairs: Pairs): Notation =>
  (root, numbers) =>
    (entriesOf(root) ?? [])
      .flatMap(([key, value]) => pairs(key, value, numbers))
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .join('&');

/** PHP's `http_build_query`: brackets for what is nested, nulls left out. */
const bracketed: Pairs = (name, node, numbers) => {
  const nested = entriesOf(node)?.flatMap(([key, value]) => bracketed(`${name}[${key}]`, value, numbers));
  if (nested !== undefined) return nested;
  if (isNull(node)) return [];
  return [[name, node.kind === 'literal' && node.raw === 'false' ? '0' : scalar(node, numbers)]];
};
export const phpQuery = query(QUERY.php, bracketed);

/** JavaScript's `String(value)`. */
function javascriptText(node: JsonNode, numbers: NumberForm): string {
  if (node.kind === 'object') return '[object Object]';
  if (node.kind === 'literal') return node.raw;
  if (node.kind !== 'array') return scalar(node, numbers);
  return node.items.map((item) => (isNull(item) ? '' : javascriptText(item, numbers))).join(',');
}

/** Node's `querystring.stringify`, which leaves out what is nested; lists repeat the key. */
export const nodeQuery = query(QUERY.component, (name, node, numbers) =>
  (node.kind === 'array' ? node.items : [node]).map((item) => [
    name,
    entriesOf(item) !== null || isNull(item) ? '' : javascriptText(item, numbers),
  ]),
);
export const searchParams = query(QUERY.searchParams, (name, node, numbers) => [
  [name, javascriptText(node, numbers)],
]);
/** `urllib.parse.urlencode` of a dict: `str()` of each value. */
export const pythonQuery = query(QUERY.python, (name, node) => [
  [name, node.kind === 'string' ? node.value : pythonText(node)],
]);

function entriesOf(node: JsonNode): [key: string, value: JsonNode][] | null {
  if (node.kind === 'array') return node.items.map((item, index) => [String(index), item]);
  return node.kind === 'object' ? node.entries.map(([key, value]) => [key.value, value]) : null;
}

const isWhole = (key: string) => /^(0|-?[1-9][0-9]{0,17})$/.test(key);

/** As PHP converts to a string. */
function scalar(node: JsonNode, numbers: NumberForm): string {
  if (node.kind === 'string') return node.value;
  if (node.kind === 'number') return writeNumber(node.raw, numbers);
  return node.kind === 'literal' && node.raw === 'true' ? '1' : '';
}
