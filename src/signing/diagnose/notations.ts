import type { JsonNode, JsonText } from './json-tree.ts';
import { NUMBERS, type NumberName, writeNumber } from './numbers.ts';
import { pythonValue } from './python-repr.ts';
import { QUERY } from './text-escapes.ts';

export { pythonPretty, pythonValue } from './python-repr.ts';

/** Values as languages print them for people: what is hashed when a value is put into a string. */

type Notation = (root: JsonNode, numbers: NumberName) => string;

interface Marks {
  object: readonly [open: string, close: string];
  list: readonly [open: string, close: string];
  pair: string;
  separator: string;
  literals: Record<'true' | 'false' | 'null', string>;
  string(text: JsonText): string;
}

const marked =
  (marks: Marks): Notation =>
  (root, numbers) => {
    const write = (node: JsonNode): string => {
      switch (node.kind) {
        case 'array':
          return marks.list[0] + node.items.map(write).join(marks.separator) + marks.list[1];
        case 'object': {
          const entries = node.entries.map(([key, value]) => marks.string(key) + marks.pair + write(value));
          return marks.object[0] + entries.join(marks.separator) + marks.object[1];
        }
        case 'string':
          return marks.string(node);
        case 'number':
          return writeNumber(node.raw, NUMBERS[numbers]);
        case 'literal':
          return marks.literals[node.raw];
      }
    };
    return write(root);
  };

const plain = (text: JsonText) => text.value;
const LITERALS = { true: 'true', false: 'false', null: 'null' };

/** `{a=1, b=[x]}`: `toString()` of a Java Map. */
export const javaMap = marked({
  object: ['{', '}'],
  list: ['[', ']'],
  pair: '=',
  separator: ', ',
  literals: LITERALS,
  string: plain,
});

/** `map[a:1 b:[x]]`: `fmt.Sprint` of a Go map. */
export const goMap = marked({
  object: ['map[', ']'],
  list: ['[', ']'],
  pair: ':',
  separator: ' ',
  literals: { ...LITERALS, null: '<nil>' },
  string: plain,
});

/** `{"a"=>1}`: `inspect` of a Ruby Hash. */
const rubyHash = (pair: string) =>
  marked({
    object: ['{', '}'],
    list: ['[', ']'],
    pair,
    separator: ', ',
    literals: { ...LITERALS, null: 'nil' },
    string: rubyString,
  });
export const rubyInspect = rubyHash('=>');
export const rubyInspectSpaced = rubyHash(' => ');

const RUBY: Record<string, string> = {
  ...{ '\x07': '\\a', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\x0b': '\\v', '\f': '\\f', '\r': '\\r' },
  '\x1b': '\\e',
};

function rubyString({ value }: JsonText): string {
  const text = value
    .replace(/[\\"]|#(?=[{$@])/g, '\\$&')
    .replace(/[\x00-\x1f\x7f\x80-\x84\x86-\x9f\u2028\u2029\u200b-\u200f\ufeff]/g, (one) => {
      const hex = one.charCodeAt(0).toString(16).toUpperCase();
      return RUBY[one] ?? `\\u${hex.padStart(4, '0')}`;
    });
  return `"${text}"`;
}

/** PHP's `print_r($array, true)`. */
export const phpPrint: Notation = (root, numbers) => {
  const write = (node: JsonNode, indent: string): string => {
    const entries = entriesOf(node);
    if (entries === null) return scalar(node, numbers);
    const lines = entries.map(
      ([key, value]) => `${indent}    [${key}] => ${write(value, `${indent}        `)}\n`,
    );
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
    return node.kind === 'literal' && node.raw === 'null'
      ? 'NULL'
      : node.kind === 'literal'
        ? node.raw
        : scalar(node, numbers);
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
    return node.kind === 'number' && /^-?[0-9]+$/.test(node.raw) && /^-?[0-9]+$/.test(written)
      ? `i:${written};`
      : `d:${written};`;
  };
  return write(root);
};

const plus = QUERY.php;
const component = QUERY.component;

/** PHP's `http_build_query`: brackets for what is nested, nulls left out. */
export const phpQuery: Notation = (root, numbers) => {
  const write = (node: JsonNode, name: string): string[] => {
    const entries = entriesOf(node);
    if (entries !== null)
      return entries.flatMap(([key, value]) => write(value, name === '' ? key : `${name}[${key}]`));
    if (node.kind === 'literal')
      return node.raw === 'null' ? [] : [`${plus(name)}=${node.raw === 'true' ? 1 : 0}`];
    return [`${plus(name)}=${plus(scalar(node, numbers))}`];
  };
  return write(root, '').join('&');
};

/** The keys at the top alone: `value` writes each. */
const flatQuery =
  (encode: (text: string) => string, value: (node: JsonNode, numbers: NumberName) => string): Notation =>
  (root, numbers) =>
    (entriesOf(root) ?? []).map(([key, node]) => `${encode(key)}=${encode(value(node, numbers))}`).join('&');

/** Node's `querystring.stringify`, which leaves out what is nested; lists repeat the key. */
export const nodeQuery: Notation = (root, numbers) =>
  (entriesOf(root) ?? [])
    .flatMap(([key, node]) => {
      const one = (item: JsonNode) =>
        item.kind === 'string' || item.kind === 'number'
          ? scalar(item, numbers)
          : item.kind === 'literal' && item.raw !== 'null'
            ? item.raw
            : '';
      const values = node.kind === 'array' ? node.items.map(one) : [one(node)];
      return values.map((item) => `${component(key)}=${component(item)}`);
    })
    .join('&');

/** `urllib.parse.urlencode` of a dict: `str()` of each value. `URLSearchParams` of an object likewise. */
export const pythonQuery: Notation = flatQuery(QUERY.python, (node) =>
  node.kind === 'string' ? node.value : pythonValue(node),
);
export const searchParams: Notation = flatQuery(QUERY.searchParams, function text(node, numbers): string {
  if (node.kind === 'object') return '[object Object]';
  if (node.kind === 'array')
    return node.items
      .map((item) => (item.kind === 'literal' && item.raw === 'null' ? '' : text(item, numbers)))
      .join(',');
  return node.kind === 'literal' ? node.raw : scalar(node, numbers);
});

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
