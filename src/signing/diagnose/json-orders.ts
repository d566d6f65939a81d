import { type Entries, type JsonNode, walk } from './json-tree.ts';

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
const by =
  (compare: (a: string, b: string) => number): Arrange =>
  (entries) =>
    entries.toSorted(([a], [b]) => compare(a.value, b.value));

const plain = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const ignoringCase = (a: string, b: string) => plain(a.toLowerCase(), b.toLowerCase()) || plain(a, b);
const byLength = (a: string, b: string) => {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length - other.length || Buffer.compare(one, other);
};

/** In which order the keys of an object are written. */
export const ORDERS = {
  sorted: deep('keys sorted', by(plain)),
  sortedTop: top('the keys at the top sorted', by(plain)),
  length: deep('keys by their length, as jsonb orders them', by(byLength)),
  javaHash: deep("keys in the order of Java's HashMap", javaHash),
  javaHashTop: top("the keys at the top in the order of Java's HashMap", javaHash),
  ignoringCase: deep('keys sorted without regard to case', by(ignoringCase)),
  reversed: deep(
    'keys sorted backwards',
    by((a, b) => plain(b, a)),
  ),
};

const NO_INDEX = 4_294_967_295;
const rank = (key: string) =>
  /^(0|[1-9][0-9]{0,9})$/.test(key) ? Math.min(Number(key), NO_INDEX) : NO_INDEX;

/** As JavaScript's objects have them, whatever the order of the others. */
export const INDEX_KEYS_FIRST = deep(
  'keys like an index first',
  by((a, b) => rank(a) - rank(b)),
);

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
