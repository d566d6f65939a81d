import type { Entries } from './json-tree.ts';

type Arrange = (entries: Entries, depth: number) => Entries;

const by =
  (compare: (a: string, b: string) => number): Arrange =>
  (entries) =>
    [...entries].sort(([a], [b]) => compare(a.value, b.value));
const plain = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const top =
  (arrange: Arrange): Arrange =>
  (entries, depth) =>
    depth === 0 ? arrange(entries, depth) : entries;
const bytes = (key: string) => Buffer.byteLength(key);

/** In which order the keys of an object are written. */
// biome-ignore format: a table, a row a line
export const ORDERS = {
  sorted: { what: 'keys sorted', arrange: by(plain) },
  sortedTop: { what: 'the keys at the top sorted', arrange: top(by(plain)) },
  length: { what: 'keys by their length, as jsonb orders them', arrange: by((a, b) => bytes(a) - bytes(b) || Buffer.compare(Buffer.from(a), Buffer.from(b))),},
  javaHash: { what: "keys in the order of Java's HashMap", arrange: javaHash },
  javaHashTop: { what: "the keys at the top in the order of Java's HashMap", arrange: top(javaHash) },
  ignoringCase: { what: 'keys sorted without regard to case', arrange: by((a, b) => plain(a.toLowerCase(), b.toLowerCase()) || plain(a, b)),},
  reversed: { what: 'keys sorted backwards', arrange: by((a, b) => plain(b, a)) },
} as const satisfies Record<string, { what: string; arrange: Arrange }>;

export type OrderName = keyof typeof ORDERS;

/** A parser keeps the last of a key's values, at the place of the first. */
export function uniqueKeys(entries: Entries): Entries {
  return [...new Map(entries.map((entry) => [entry[0].value, entry])).values()];
}

const isIndex = (key: string) => /^(0|[1-9][0-9]{0,9})$/.test(key) && Number(key) < 4_294_967_295;

/** Keys that look like an array's index first, as JavaScript's objects have them. */
export function indexKeysFirst(entries: Entries): Entries {
  if (!entries.some(([key]) => isIndex(key.value))) return entries;
  const indexes = entries.filter(([key]) => isIndex(key.value));
  indexes.sort(([a], [b]) => Number(a.value) - Number(b.value));
  return [...indexes, ...entries.filter(([key]) => !isIndex(key.value))];
}

/** A HashMap grows from 16 buckets, at three quarters; within a bucket the order of arrival stays. */
function javaHash(entries: Entries): Entries {
  let size = 16;
  while (entries.length > size * 0.75) size *= 2;
  const bucket = new Map<string, number>();
  for (const [{ value }] of entries) {
    let hash = 0;
    for (let at = 0; at < value.length; at++) hash = (Math.imul(31, hash) + value.charCodeAt(at)) | 0;
    bucket.set(value, (hash ^ (hash >>> 16)) & (size - 1));
  }
  return [...entries].sort(([a], [b]) => bucket.get(a.value)! - bucket.get(b.value)!);
}
