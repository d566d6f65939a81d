import { isNull } from './json-changes.ts';
import type { JsonNode } from './json-tree.ts';
import { type JsonStyle, laidOut, type Notation } from './json-write.ts';
import { NUMBERS } from './numbers.ts';
import { pythonRepr } from './string-literals.ts';
import { phpExported, phpSerialized, QUERY } from './text-escapes.ts';

type Numbers = JsonStyle['numbers'];

/** Values as languages print them for people: what is hashed when a value is put into a string. */

/** `str()` of what Python's `json.loads` returned. */
export const pythonDict = laidOut({
  comma: ', ',
  colon: ': ',
  literals: { true: 'True', false: 'False', null: 'None' },
});
const pythonText = (node: JsonNode) =>
  pythonDict(node, { escapes: ({ value }) => pythonRepr(value), numbers: NUMBERS.pythonText });

const WIDTH = 80;

/** `pprint.pformat` (CPython, Lib/pprint.py): what does not fit on 80 columns stands one item a line. */
export const pythonPretty: Notation = (root) => {
  const format = (node: JsonNode, indent: number, allowance: number): string => {
    const room = WIDTH - indent - allowance;
    const entries = entriesOf(node) ?? [];
    const isList = node.kind === 'array';
    // What surely does not fit is not written in full to see that.
    const widthOf = ([name, value]: (typeof entries)[number]) =>
      name.length + (value.kind === 'string' ? value.value.length : 0);
    if (entries.length === 0 || entries.reduce((sum, entry) => sum + widthOf(entry), 0) <= room) {
      const flat = pythonText(node);
      if (flat.length <= room || flat === "''") return flat;
      if (node.kind === 'string') return wrapped(node.value, indent, allowance);
      if (entries.length === 0) return flat;
    }
    const inner = indent + 1;
    const lines = entries.map(([name, value], index) => {
      const key = isList ? '' : `${pythonRepr(name)}: `;
      return key + format(value, inner + key.length, index === entries.length - 1 ? allowance + 1 : 1);
    });
    const [open, close] = isList ? '[]' : '{}';
    return open + lines.join(`,\n${' '.repeat(inner)}`) + close;
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
    const words = line.match(/\S+\s*|\s+/g) ?? [];
    let current = '';
    for (const [at, word] of words.entries()) {
      const room = WIDTH - indent - (at === words.length - 1 ? allowance : 0);
      const isFull = current !== '' && pythonRepr(current + word).length > room;
      if (isFull) chunks.push(pythonRepr(current));
      current = isFull ? word : current + word;
    }
    if (current !== '') chunks.push(pythonRepr(current));
  }
  return chunks.join(`\n${' '.repeat(indent)}`);
}

/** PHP's `print_r($array, true)`. */
export const phpPrint: Notation = (node, style, indent = '') => {
  const line = ([key, value]: [string, JsonNode]) =>
    `${indent}    [${key}] => ${phpPrint(value, style, `${indent}        `)}\n`;
  const lines = entriesOf(node)?.map(line).join('');
  return lines === undefined ? scalar(node, style.numbers) : `Array\n${indent}(\n${lines}${indent})\n`;
};

/** PHP's `var_export($array, true)`. */
export const phpExport: Notation = (node, style, indent = '') => {
  if (node.kind === 'string') return phpExported(node.value);
  if (node.kind === 'literal') return node.raw.replace('null', 'NULL');
  const inner = `${indent}  `;
  const lines = entriesOf(node)?.map(([key, value]) => {
    const nested = isNested(value) ? `\n${inner}` : '';
    return `${inner}${isWhole(key) ? key : phpExported(key)} => ${nested}${phpExport(value, style, inner)},\n`;
  });
  return lines === undefined ? scalar(node, style.numbers) : `array (\n${lines.join('')}${indent})`;
};

/** PHP's `serialize($array)`. */
export const phpSerialize: Notation = (node, style) => {
  if (node.kind === 'string') return phpSerialized(node.value);
  if (node.kind === 'literal') return { true: 'b:1;', false: 'b:0;', null: 'N;' }[node.raw];
  const parts = entriesOf(node)?.map(([key, value]) => {
    return (isWhole(key) ? `i:${key};` : phpSerialized(key)) + phpSerialize(value, style);
  });
  if (parts !== undefined) return `a:${parts.length}:{${parts.join('')}}`;
  const written = scalar(node, style.numbers);
  const isInteger = node.kind === 'number' && [written, node.raw].every((one) => /^-?[0-9]+$/.test(one));
  return `${isInteger ? 'i' : 'd'}:${written};`;
};

/** A query of an object's entries: `values` says what becomes of each. */
const query = (
  encode: (text: string) => string,
  values: (node: JsonNode, numbers: Numbers) => string[],
): Notation => {
  return (root, { numbers }) =>
    (entriesOf(root) ?? [])
      .flatMap(([key, node]) => values(node, numbers).map((value) => `${encode(key)}=${encode(value)}`))
      .join('&');
};

/** PHP's `http_build_query`: brackets for what is nested, nulls left out. */
export const phpQuery: Notation = (root, { numbers }) => {
  const pairs: string[] = [];
  const add = (node: JsonNode, before: string, after: string) => {
    for (const [key, value] of entriesOf(node) ?? []) {
      const full = before + QUERY.php(key) + after;
      const isFalse = value.kind === 'literal' && value.raw === 'false';
      if (isNested(value)) add(value, `${full}%5B`, '%5D');
      else if (!isNull(value)) pairs.push(`${full}=${isFalse ? 0 : QUERY.php(scalar(value, numbers))}`);
    }
  };
  add(root, '', '');
  return pairs.join('&');
};

/** JavaScript's `String(value)`. */
function javascriptText(node: JsonNode, numbers: Numbers): string {
  if (node.kind === 'object') return '[object Object]';
  if (node.kind === 'literal') return node.raw;
  if (node.kind !== 'array') return scalar(node, numbers);
  return node.items.map((item) => (isNull(item) ? '' : javascriptText(item, numbers))).join(',');
}

/** Node's `querystring.stringify`, which leaves out what is nested; lists repeat the key. */
export const nodeQuery = query(QUERY.component, (node, numbers) =>
  (node.kind === 'array' ? node.items : [node]).map((item) =>
    isNested(item) || isNull(item) ? '' : javascriptText(item, numbers),
  ),
);
export const searchParams = query(QUERY.searchParams, (node, numbers) => [javascriptText(node, numbers)]);
/** `urllib.parse.urlencode` of a dict: `str()` of each value. */
export const pythonQuery = query(QUERY.python, (node) => [
  node.kind === 'string' ? node.value : pythonText(node),
]);

function entriesOf(node: JsonNode): [key: string, value: JsonNode][] | null {
  if (node.kind === 'array') return node.items.map((item, index) => [String(index), item]);
  return node.kind === 'object' ? node.entries.map(([key, value]) => [key.value, value]) : null;
}

const isNested = ({ kind }: JsonNode) => kind === 'array' || kind === 'object';
const isWhole = (key: string) => key < ':' && /^(0|-?[1-9][0-9]{0,17})$/.test(key);

/** As PHP converts to a string. */
function scalar(node: JsonNode, numbers: Numbers): string {
  if (node.kind === 'string') return node.value;
  if (node.kind === 'number') return numbers(node.raw);
  return node.kind === 'literal' && node.raw === 'true' ? '1' : '';
}
