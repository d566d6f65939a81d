import type { JsonNode } from './json-tree.ts';
import { NUMBERS, type NumberName, writeNumber } from './numbers.ts';
import { pythonRepr } from './python-repr.ts';
import { QUERY, unicodeEscape } from './text-escapes.ts';

/** Values as languages print them for people: what is hashed when a value is put into a string. */

type Notation = (root: JsonNode, numbers: NumberName) => string;
type Write = (text: string) => string;

interface Marks {
  object?: readonly [open: string, close: string];
  list?: readonly [open: string, close: string];
  pair: string;
  separator?: string;
  literals?: Partial<Record<'true' | 'false' | 'null', string>>;
  string?: Write;
}

const marked =
  ({
    object = ['{', '}'],
    list = ['[', ']'],
    pair,
    separator = ', ',
    literals,
    string = same,
  }: Marks): Notation =>
  (root, numbers) => {
    const write = (node: JsonNode): string => {
      switch (node.kind) {
        case 'array':
          return list[0] + node.items.map(write).join(separator) + list[1];
        case 'object': {
          const entries = node.entries.map(([key, value]) => string(key.value) + pair + write(value));
          return object[0] + entries.join(separator) + object[1];
        }
        case 'string':
          return string(node.value);
        case 'number':
          return writeNumber(node.raw, NUMBERS[numbers]);
        case 'literal':
          return literals?.[node.raw] ?? node.raw;
      }
    };
    return write(root);
  };
const same: Write = (text) => text;

/** `{a=1, b=[x]}`: `toString()` of a Java Map. */
export const javaMap = marked({ pair: '=' });

/** `map[a:1 b:[x]]`: `fmt.Sprint` of a Go map. */
export const goMap = marked({
  object: ['map[', ']'],
  pair: ':',
  separator: ' ',
  literals: { null: '<nil>' },
});

/** `{"a"=>1}`: `inspect` of a Ruby Hash, with spaces since Ruby 3.4. */
export const rubyInspect = marked({ pair: '=>', literals: { null: 'nil' }, string: rubyString });
export const rubyInspectSpaced = marked({ pair: ' => ', literals: { null: 'nil' }, string: rubyString });

function rubyString(value: string): string {
  const short = 'abtnvfr';
  const text = value
    .replace(/[\\"]|#(?=[{$@])/g, '\\$&')
    .replace(/[\x00-\x1f\x7f\x80-\x84\x86-\x9f\u2028\u2029\u200b-\u200f\ufeff]/g, (one) => {
      const letter = one === '\x1b' ? 'e' : short.charAt(one.charCodeAt(0) - 7);
      return letter === '' ? unicodeEscape(one, true) : `\\${letter}`;
    });
  return `"${text}"`;
}

/** `str()` of what Python's `json.loads` returned. */
const python = marked({
  pair: ': ',
  literals: { true: 'True', false: 'False', null: 'None' },
  string: pythonRepr,
});
export const pythonValue: Notation = (root) => python(root, 'pythonText');

const WIDTH = 80;

/** `pprint.pformat` (CPython, Lib/pprint.py): what does not fit on 80 columns stands one item a line. */
export const pythonPretty: Notation = (root, numbers) => {
  const format = (node: JsonNode, indent: number, allowance: number, isTop: boolean): string => {
    const flat = pythonValue(node, numbers);
    if (flat.length <= WIDTH - indent - allowance) return flat;
    if (node.kind === 'string') return wrapped(node.value, indent, allowance, isTop);
    if (node.kind !== 'array' && node.kind !== 'object') return flat;
    const inner = indent + 1;
    const parts =
      node.kind === 'array'
        ? node.items.map((item): [string, JsonNode] => ['', item])
        : node.entries.map(([key, value]): [string, JsonNode] => [`${pythonRepr(key.value)}: `, value]);
    const lines = parts.map(([key, value], index) => {
      const isLast = index === parts.length - 1;
      return key + format(value, inner + key.length, isLast ? allowance + 1 : 1, false);
    });
    const [open, close] = node.kind === 'array' ? '[]' : '{}';
    return open + lines.join(`,\n${' '.repeat(inner)}`) + close;
  };
  return format(root, 0, 0, true);
};

/** A long string as several literals, in parentheses at the top. */
function wrapped(text: string, indentation: number, outer: number, isTop: boolean): string {
  const extra = isTop ? 1 : 0;
  const indent = indentation + extra;
  const chunks: string[] = [];
  // Where Python ends a line; the ends are kept.
  const lines = text.split(/(?<=\r(?!\n)|[\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029])/);
  for (const [index, line] of lines.entries()) {
    const allowance = index === lines.length - 1 ? outer + extra : 0;
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
  if (chunks.length === 1) return pythonRepr(text);
  const joined = chunks.join(`\n${' '.repeat(indent)}`);
  return isTop ? `(${joined})` : joined;
}

/** PHP's `print_r($array, true)`. */
export const phpPrint: Notation = (root, numbers) => {
  const write = (node: JsonNode, indent: string): string => {
    const entries = entriesOf(node);
    if (entries === null) return scalar(node, numbers);
    const deeper = `${indent}        `;
    const lines = entries.map(([key, value]) => `${indent}    [${key}] => ${write(value, deeper)}\n`);
    return `Array\n${indent}(\n${lines.join('')}${indent})\n`;
  };
  return write(root, '');
};

/** PHP's `var_export($array, true)`. */
export const phpExport: Notation = (root, numbers) => {
  const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const write = (node: JsonNode, indent: string): string => {
    const entries = entriesOf(node);
    if (entries !== null) {
      const lines = entries.map(([key, value]) => {
        const nested = entriesOf(value) === null ? '' : `\n${indent}  `;
        return `${indent}  ${isWhole(key) ? key : quote(key)} => ${nested}${write(value, `${indent}  `)},\n`;
      });
      return `array (\n${lines.join('')}${indent})`;
    }
    if (node.kind === 'string') return quote(node.value);
    if (node.kind === 'literal') return node.raw === 'null' ? 'NULL' : node.raw;
    return scalar(node, numbers);
  };
  return write(root, '');
};

/** PHP's `serialize($array)`. */
export const phpSerialize: Notation = (root, numbers) => {
  const string = (text: string) => `s:${Buffer.byteLength(text)}:"${text}";`;
  const write = (node: JsonNode): string => {
    const entries = entriesOf(node);
    if (entries !== null) {
      const parts = entries.map(([key, value]) => (isWhole(key) ? `i:${key};` : string(key)) + write(value));
      return `a:${entries.length}:{${parts.join('')}}`;
    }
    if (node.kind === 'string') return string(node.value);
    if (node.kind === 'literal') return { true: 'b:1;', false: 'b:0;', null: 'N;' }[node.raw];
    const written = scalar(node, numbers);
    const isInteger = [scalar(node, numbers), node.kind === 'number' ? node.raw : ''].every((one) =>
      /^-?[0-9]+$/.test(one),
    );
    return `${isInteger ? 'i' : 'd'}:${written};`;
  };
  return write(root);
};

/** PHP's `http_build_query`: brackets for what is nested, nulls left out. */
export const phpQuery: Notation = (root, numbers) => {
  const write = (node: JsonNode, name: string): string[] => {
    const entries = entriesOf(node);
    if (entries !== null)
      return entries.flatMap(([key, value]) => write(value, name === '' ? key : `${name}[${key}]`));
    if (node.kind === 'literal' && node.raw === 'null') return [];
    const value = node.kind === 'literal' && node.raw === 'false' ? '0' : scalar(node, numbers);
    return [`${QUERY.php(name)}=${QUERY.php(value)}`];
  };
  return write(root, '').join('&');
};

/** The keys at the top alone: `values` writes what stands at each. */
const query =
  (encode: Write, values: (node: JsonNode, numbers: NumberName) => string[]): Notation =>
  (root, numbers) =>
    (entriesOf(root) ?? [])
      .flatMap(([key, node]) => values(node, numbers).map((value) => `${encode(key)}=${encode(value)}`))
      .join('&');

/** JavaScript's `String(value)`. */
function javascriptText(node: JsonNode, numbers: NumberName): string {
  if (node.kind === 'object') return '[object Object]';
  if (node.kind === 'literal') return node.raw;
  if (node.kind !== 'array') return scalar(node, numbers);
  return node.items.map((item) => (isNull(item) ? '' : javascriptText(item, numbers))).join(',');
}

/** Node's `querystring.stringify`, which leaves out what is nested; lists repeat the key. */
export const nodeQuery = query(QUERY.component, (node, numbers) =>
  (node.kind === 'array' ? node.items : [node]).map((item) =>
    item.kind === 'array' || item.kind === 'object' || isNull(item) ? '' : javascriptText(item, numbers),
  ),
);
export const searchParams = query(QUERY.searchParams, (node, numbers) => [javascriptText(node, numbers)]);
/** `urllib.parse.urlencode` of a dict: `str()` of each value. */
export const pythonQuery = query(QUERY.python, (node, numbers) => [
  node.kind === 'string' ? node.value : pythonValue(node, numbers),
]);

const isNull = (node: JsonNode) => node.kind === 'literal' && node.raw === 'null';

function entriesOf(node: JsonNode): [key: string, value: JsonNode][] | null {
  if (node.kind === 'array') return node.items.map((item, index) => [String(index), item]);
  return node.kind === 'object' ? node.entries.map(([key, value]) => [key.value, value]) : null;
}

const isWhole = (key: string) => /^(0|-?[1-9][0-9]{0,17})$/.test(key);

/** As PHP converts to a string. */
function scalar(node: JsonNode, numbers: NumberName): string {
  if (node.kind === 'string') return node.value;
  if (node.kind === 'number') return writeNumber(node.raw, NUMBERS[numbers]);
  return node.kind === 'literal' && node.raw === 'true' ? '1' : '';
}
