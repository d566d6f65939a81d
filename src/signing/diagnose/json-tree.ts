/**
 * JSON as it was written: numbers stay text, keys keep their order, and strings keep how they were
 * escaped. `JSON.parse` loses all of that, and a signature depends on it.
 */
export type JsonNode =
  | { kind: 'object'; entries: [key: JsonText, value: JsonNode][]; duplicates: boolean }
  | { kind: 'array'; items: JsonNode[] }
  | JsonText
  | { kind: 'number'; raw: string }
  | { kind: 'literal'; raw: 'true' | 'false' | 'null' };

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

/** Reads one JSON text; `null` when it is none, or nested too deep. */
export function parseJsonTree(text: string): JsonNode | null {
  try {
    const reader = new Reader(text);
    const node = reader.value(0);
    reader.space();
    return reader.at === text.length ? node : null;
  } catch (error) {
    if (error instanceof NotJson) return null;
    throw error;
  }
}

class NotJson extends Error {}

const STRING = /"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/y;
/** The usual case, which needs no care for escapes. */
const PLAIN_STRING = /"[ !#$%()*,\-.0-9:;=?@A-Z[\]^_a-z{|}~]*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

class Reader {
  at = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw new NotJson();
    this.space();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
    }
    const literal = this.take(LITERAL);
    if (literal !== null) return { kind: 'literal', raw: literal as 'true' | 'false' | 'null' };
    const raw = this.take(NUMBER);
    if (raw === null) throw new NotJson();
    return { kind: 'number', raw };
  }

  space(): void {
    this.take(SPACE);
  }

  private object(depth: number): JsonNode {
    const entries: [JsonText, JsonNode][] = [];
    this.at++;
    this.space();
    if (this.text[this.at] === '}') {
      this.at++;
      return { kind: 'object', entries, duplicates: false };
    }
    const keys = new Set<string>();
    for (;;) {
      this.space();
      const key = this.string();
      keys.add(key.value);
      this.space();
      if (this.text[this.at++] !== ':') throw new NotJson();
      entries.push([key, this.value(depth + 1)]);
      this.space();
      const next = this.text[this.at++];
      if (next === '}') return { kind: 'object', entries, duplicates: keys.size < entries.length };
      if (next !== ',') throw new NotJson();
    }
  }

  private array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.at++;
    this.space();
    if (this.text[this.at] === ']') {
      this.at++;
      return { kind: 'array', items };
    }
    for (;;) {
      items.push(this.value(depth + 1));
      this.space();
      const next = this.text[this.at++];
      if (next === ']') return { kind: 'array', items };
      if (next !== ',') throw new NotJson();
    }
  }

  private string(): JsonText {
    const plain = this.take(PLAIN_STRING);
    // `=` is plain for all but Gson; the writer looks again there.
    if (plain !== null) return { kind: 'string', raw: plain, value: plain.slice(1, -1), plain: true };
    const raw = this.take(STRING);
    if (raw === null) throw new NotJson();
    return {
      kind: 'string',
      raw,
      value: raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1),
      plain: false,
    };
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return null;
    this.at = pattern.lastIndex;
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

/** A key that JavaScript moves to the front, as an array's index. */
export function isIndex(key: string): boolean {
  return /^(0|[1-9][0-9]{0,9})$/.test(key) && Number(key) < 4_294_967_295;
}
