/**
 * JSON as it was written: numbers stay text, keys keep their order, and strings keep how they were
 * escaped. `JSON.parse` loses all of that, and a signature depends on it.
 */
export type JsonNode =
  | { kind: 'object'; entries: Entries; duplicates: boolean }
  | { kind: 'array'; items: JsonNode[] }
  | JsonText
  | { kind: 'number'; raw: string }
  | { kind: 'literal'; raw: 'true' | 'false' | 'null' };

export type Entries = [key: JsonText, value: JsonNode][];

export interface JsonText {
  kind: 'string';
  /** With its quotes, as written. */
  raw: string;
  value: string;
  /** Printable ASCII without anything that a serializer might escape: written the same by all of them. */
  plain: boolean;
}

/** Deeper nesting is not looked into: writing it again recurses. */
const MAX_DEPTH = 256;

class NotJson extends Error {}

const STRING = /"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/y;
/** The usual case, which needs no care for escapes. `=` is plain for all but Gson; the writer looks again there. */
const PLAIN_STRING = /"[ !#$%()*,\-.0-9:;=?@A-Z[\]^_a-z{|}~]*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/** Reads one JSON text; `null` when it is none, or nested too deep. */
export function parseJsonTree(text: string): JsonNode | null {
  let at = 0;
  try {
    const node = readValue(0);
    return at === text.length ? node : null;
  } catch (error) {
    if (error instanceof NotJson) return null;
    throw error;
  }

  function readValue(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw new NotJson();
    take(SPACE);
    const node = readBare(depth);
    take(SPACE);
    return node;
  }

  function readBare(depth: number): JsonNode {
    const entries: Entries = [];
    const items: JsonNode[] = [];
    switch (text[at]) {
      case '{':
        readList('}', () => {
          take(SPACE);
          const key = readString();
          take(SPACE);
          if (text[at++] !== ':') throw new NotJson();
          entries.push([key, readValue(depth + 1)]);
        });
        return {
          kind: 'object',
          entries,
          duplicates: new Set(entries.map(([key]) => key.value)).size < entries.length,
        };
      case '[':
        readList(']', () => items.push(readValue(depth + 1)));
        return { kind: 'array', items };
      case '"':
        return readString();
    }
    const literal = take(LITERAL);
    if (literal !== null) return { kind: 'literal', raw: literal as 'true' | 'false' | 'null' };
    const raw = take(NUMBER);
    if (raw === null) throw new NotJson();
    return { kind: 'number', raw };
  }

  function readList(end: string, readItem: () => void): void {
    at++;
    take(SPACE);
    if (text[at] === end) {
      at++;
      return;
    }
    for (;;) {
      readItem();
      const next = text[at++];
      if (next === end) return;
      if (next !== ',') throw new NotJson();
    }
  }

  function readString(): JsonText {
    const plain = take(PLAIN_STRING);
    if (plain !== null) return { kind: 'string', raw: plain, value: plain.slice(1, -1), plain: true };
    const raw = take(STRING);
    if (raw === null) throw new NotJson();
    const value = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
    return { kind: 'string', raw, value, plain: false };
  }

  function take(pattern: RegExp): string | null {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return null;
    at = pattern.lastIndex;
    return match[0];
  }
}

/** So many items of a list stand in a sample. */
const SAMPLED = 64;

/**
 * A small tree that is like `root`, its lists thinned out evenly: two styles that write it alike are taken
 * to write `root` alike. To write a megabyte in a hundred ways takes long, and most of them are the same.
 */
export function sampleOf(root: JsonNode): JsonNode {
  if (root.kind === 'object')
    return { ...root, entries: root.entries.map(([key, value]) => [key, sampleOf(value)]) };
  if (root.kind !== 'array') return root;
  const stride = Math.max(1, Math.ceil(root.items.length / SAMPLED));
  return { kind: 'array', items: root.items.filter((_item, index) => index % stride === 0).map(sampleOf) };
}
