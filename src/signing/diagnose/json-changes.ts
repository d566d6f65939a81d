import { type Entries, type JsonNode, textNode, walk } from './json-tree.ts';
import { expandNumber } from './numbers.ts';
import { decodeHtml, HTML } from './text-escapes.ts';

/** A step between the parser and the serializer. */
export interface JsonStep {
  what: string;
  apply(root: JsonNode): JsonNode;
}

type Arrange = (entries: Entries) => Entries;

const arrange = (node: JsonNode, order: Arrange): JsonNode =>
  node.kind === 'object' ? { kind: 'object', entries: order(node.entries) } : node;
/** A step that does something with the entries of each object. */
export const deep = (what: string, order: Arrange): JsonStep => ({
  what,
  apply: (root) => walk(root, (node) => arrange(node, order)),
});
const top = (what: string, order: Arrange): JsonStep => ({ what, apply: (root) => arrange(root, order) });
const by = (compare: (a: string, b: string) => number): Arrange => {
  return (entries) => entries.toSorted(([a], [b]) => compare(a.value, b.value));
};

const plain = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const ignoringCase = (a: string, b: string) => plain(a.toLowerCase(), b.toLowerCase()) || plain(a, b);
const byLength = (a: string, b: string) =>
  Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b));

const backwards = (a: string, b: string) => plain(b, a);
const NO_INDEX = 4_294_967_295;
const rank = (key: string) =>
  /^(0|[1-9][0-9]{0,9})$/.test(key) ? Math.min(Number(key), NO_INDEX) : NO_INDEX;
const byIndex = (a: string, b: string) => rank(a) - rank(b);

/** In which order the keys of an object are written. */
export const ORDERS = {
  sorted: deep('keys sorted', by(plain)),
  sortedTop: top('the keys at the top sorted', by(plain)),
  length: deep('keys by their length, as jsonb orders them', by(byLength)),
  javaHash: deep("keys in the order of Java's HashMap", javaHash),
  javaHashTop: top("the keys at the top in the order of Java's HashMap", javaHash),
  ignoringCase: deep('keys sorted without regard to case', by(ignoringCase)),
  reversed: deep('keys sorted backwards', by(backwards)),
};
/** As JavaScript's objects have them, whatever the order of the others. */
export const INDEX_KEYS_FIRST = deep('keys like an index first', by(byIndex));

/** A HashMap grows from 16 buckets, at three quarters; within a bucket the order of arrival stays. */
function javaHash(entries: Entries): Entries {
  let size = 16;
  while (entries.length > size * 0.75) size *= 2;
  const bucket = (key: string) => {
    let hash = 0;
    for (let at = 0; at < key.length; at++) hash = (Math.imul(31, hash) + key.charCodeAt(at)) | 0;
    return (hash ^ (hash >>> 16)) & (size - 1);
  };
  return by((a, b) => bucket(a) - bucket(b))(entries);
}

/** What becomes of a node whose children are done. */
type Rule = (node: JsonNode) => JsonNode;

const number = (raw: string): JsonNode => ({ kind: 'number', raw });
const NULL: JsonNode = { kind: 'literal', raw: 'null' };
export const isNull = (node: JsonNode) => node.kind === 'literal' && node.raw === 'null';
const isEmptyText = (node: JsonNode) => node.kind === 'string' && node.value === '';
export const isEmpty = (node: JsonNode) =>
  isNull(node) ||
  isEmptyText(node) ||
  (node.kind === 'array' && node.items.length === 0) ||
  (node.kind === 'object' && node.entries.length === 0);

const change = (what: string, rule: Rule): JsonStep => ({ what, apply: (root) => walk(root, rule) });
const strings = (what: string, map: (value: string) => string | JsonNode): JsonStep =>
  change(what, (node) => {
    if (node.kind !== 'string') return node;
    const mapped = map(node.value);
    return typeof mapped === 'string' ? (mapped === node.value ? node : textNode(mapped)) : mapped;
  });
const keys = (what: string, map: (key: string) => string): JsonStep =>
  deep(what, (entries) => entries.map(([key, value]) => [textNode(map(key.value)), value]));
/** In objects alone: a list keeps its places. What is empty only once its own values are dropped stays. */
const without = (what: string, drop: (node: JsonNode) => boolean): JsonStep => {
  const apply = (node: JsonNode): JsonNode => {
    if (node.kind === 'array') return { kind: 'array', items: node.items.map(apply) };
    if (node.kind !== 'object') return node;
    const kept = node.entries.filter(([, value]) => !drop(value));
    return { ...node, entries: kept.map(([key, value]) => [key, apply(value)]) };
  };
  return { what, apply };
};

const DATE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/;
type Part = (given: string) => string;
/** Dates read and written again. `digits` of the fraction; a zone of its own, or UTC. */
const dates = (what: string, digits: Part, zone: Part, t = 'T') =>
  strings(what, (value) => {
    const [, given = '', fraction = '', offset = ''] = DATE.exec(value) ?? [];
    if (given === '') return value;
    const moment = new Date(`${given}${offset.length > 1 ? offset : 'Z'}`);
    if (Number.isNaN(moment.getTime())) return value;
    const part = digits(fraction);
    const seconds = moment.toISOString().slice(0, 19).replace('T', t);
    return seconds + (part === '' ? '' : `.${part}`) + zone(offset);
  });
const trimmed: Part = (fraction) => fraction.replace(/0+$/, '');
const fixed = (count: number): Part => {
  return (fraction) => fraction.padEnd(count, '0').slice(0, count);
};
const micro: Part = (fraction) => trimmed(fraction) && fixed(6)(fraction);
const utc = () => '+00:00';

/** Lists are arrays whose keys count from 0; an empty object is one of them. */
const phpArray: Rule = (node) =>
  node.kind === 'object' && node.entries.every(([key], index) => key.value === String(index))
    ? { kind: 'array', items: node.entries.map(([, value]) => value) }
    : node;

// biome-ignore format: a table, siblings on a line
export const CHANGES = {
  phpArray: change('as associative arrays', phpArray),
  trim: strings('strings trimmed', (value) => value.trim()), emptyToNull: strings('empty strings as null', (value) => (value === '' ? NULL : value)),
  noNulls: without('nulls dropped', isNull), noEmpty: without('empty values dropped', isEmpty), noEmptyStrings: without('empty strings dropped', isEmptyText),
  noNullsOrEmptyStrings: without('nulls and empty strings dropped', (node) => isNull(node) || isEmptyText(node)),
  nullToEmpty: change('null as an empty string', (node) => (isNull(node) ? textNode('') : node)),
  newtonsoftDates: dates('dates read and written again', trimmed, (zone) => zone.length > 1 ? '+00:00' : zone),
  datesTrimmed: dates('dates written without zeros at their end', trimmed, (zone) => zone && 'Z'),
  datesSeconds: dates('dates written to the second', () => '', () => 'Z'), datesMilli: dates('dates written with three digits', fixed(3), () => 'Z'),
  datesMicro: dates('dates written with six digits', fixed(6), () => 'Z'), datesSeven: dates('dates written with seven digits', fixed(7), () => 'Z'),
  datesPython: dates("dates as Python's isoformat writes them", micro, utc),
  datesPythonText: dates("dates as Python's str() writes them", micro, utc, ' '),
  datesSql: dates('dates as SQL has them', () => '', () => '', ' '), datesJackson: dates('dates with three digits and +00:00', fixed(3), utc), datesPydantic: dates('dates as Pydantic writes them', micro, () => 'Z'),
  datesOffset: dates('dates written to the second with +00:00', () => '', utc),
  datesRuby: dates('dates as Ruby prints them', () => '', () => ' UTC', ' '),
  datesNumber: strings('dates as milliseconds since 1970', (value) => DATE.exec(value)?.[3] === undefined || Number.isNaN(Date.parse(value)) ? value : number(String(Date.parse(value)))),
  numericStrings: strings('numeric strings as numbers', (value) => /^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(value) ? number(jsonNumber(value)) : value),
  numbersQuoted: change('numbers as strings', (node) => (node.kind === 'number' ? textNode(node.raw) : node)),
  booleansQuoted: change('booleans as strings', (node) => (node.kind === 'literal' && !isNull(node) ? textNode(node.raw) : node)),
  booleansAsNumbers: change('booleans as 0 and 1', (node) => (node.kind === 'literal' && !isNull(node) ? number(node.raw === 'true' ? '1' : '0') : node)),
  forceObject: change('lists as objects', (node) => node.kind === 'array' ? { kind: 'object', entries: node.items.map((item, index) => [textNode(String(index)), item]) } : node),
  emptyListsToNull: change('empty lists as null', (node) => node.kind === 'array' && node.items.length === 0 ? NULL : node),
  numeric: change('numbers without an exponent', (node) => node.kind === 'number' ? number(expandNumber(node.raw)) : node),
  htmlValues: strings('strings escaped for HTML', HTML.php), htmlValuesPython: strings('strings escaped for HTML', HTML.python), htmlValuesDecimal: strings('strings escaped for HTML', HTML.decimal),
  htmlDecoded: strings('strings with their HTML entities decoded', decodeHtml),
  stripTags: strings('strings without HTML tags', (value) => value.replace(/<\/?[a-zA-Z!][^>]*>/g, '')),
  nfc: strings('strings in Unicode NFC', (value) => value.normalize('NFC')), nfd: strings('strings in Unicode NFD', (value) => value.normalize('NFD')),
  unixLines: strings('line ends as LF', (value) => value.replace(/\r\n?/g, '\n')), windowsLines: strings('line ends as CR LF', (value) => value.replace(/\r\n?|\n/g, '\r\n')),
  oneLine: strings('strings with their whitespace collapsed', (value) => value.replace(/\s+/g, ' ')),
  camelKeys: keys('keys in camelCase', (key) => key.replace(/_([a-z0-9])/g, (_all, next: string) => next.toUpperCase())),
  pascalKeys: keys('keys in PascalCase', (key) => key.replace(/(?:^|_)([a-z0-9])/g, (_all, next: string) => next.toUpperCase())),
  snakeKeys: keys('keys in snake_case', (key) => key.replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`)),
  lowerKeys: keys('keys in lower case', (key) => key.toLowerCase()),
  topKeysOnly: { what: 'only keys that stand at the top', apply: keepTopKeys },
} satisfies Record<string, JsonStep>;

const dropped = (drop: (node: JsonNode) => boolean): Arrange => {
  return (entries) => entries.filter(([, value]) => !drop(value));
};
const isFalsy = (node: JsonNode) =>
  isEmpty(node) || ('raw' in node && /^(false|"0"|-?0(\.0*)?)$/.test(node.raw));
const entry = (name: string, value: JsonNode): Entries[number] => [textNode(name), value];
// biome-ignore format: a table, siblings on a line
/** What few pipelines do to the whole. */
export const SHAPES: readonly JsonStep[] = [
  top('nulls at the top dropped', dropped(isNull)), top('what PHP takes for false dropped at the top, as array_filter does', dropped(isFalsy)), without('what PHP takes for false dropped', isFalsy),
  { what: 'in a list', apply: (root) => ({ kind: 'array', items: [root] }) },
  ...['data', 'payload', 'body'].map((name) => ({ what: `as the field "${name}" of an object`, apply: (root: JsonNode): JsonNode => ({ kind: 'object', entries: [entry(name, root)] }) })),
  ...['webhook', 'carvos', 'carvos_webhook', 'callback'].flatMap((name) => [
    top(`with the copy of it in "${name}" that Rails's ParamsWrapper adds`, (entries) => [...entries, entry(name, { kind: 'object', entries })]),
    top(`with controller, action and the copy of it in "${name}" that Rails's ParamsWrapper adds`, (entries) => [...entries, entry('controller', textNode(`${name}s`)), entry('action', textNode('create')), entry(name, { kind: 'object', entries })]),
  ]),
];

/** `JSON.stringify(value, keys)`: a list of keys holds at every depth. */
function keepTopKeys(root: JsonNode): JsonNode {
  if (root.kind !== 'object') return root;
  const top = new Set(root.entries.map(([key]) => key.value));
  return deep('', (entries) => entries.filter(([key]) => top.has(key.value))).apply(root);
}

/** `+1` and `.5` are numbers for PHP, but not for JSON. */
function jsonNumber(value: string): string {
  const plain = value.trim().replace(/^\+/, '');
  const dotted = plain.replace(/^(-?)\./, '$10.').replace(/\.(?=$|e)/i, '');
  return dotted.replace(/^(-?)0+(?=[0-9])/, '$1');
}
