/** JSON as it was written: numbers stay text, keys keep their order, strings their escapes. A signature depends on that. */
export type JsonNode =
  | { kind: 'object'; entries: Entries }
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
  /** What the writers of strings made of it, each at its place. */
  written?: string[];
}

/** Deeper nesting is not looked into: writing it again recurses. */
const MAX_DEPTH = 256;
/** Nor more levels, all parts together: some writers indent each part by its level, so a megabyte of brackets became gigabytes. */
const MAX_LEVELS = 2 ** 21;

/** The parts of a text that is known to be JSON. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]|[^\s,:{}[\]"]+/g;
/** `=` is plain for all but Gson; the writer looks again there. */
const PLAIN = /^"[ !#$%()*,\-.0-9:;=?@A-Z[\]^_a-z{|}~]*"$/;

/** Reads one JSON text; `null` when it is none, or nested too deep. Of a key's values the last counts, at the first's place. */
export function parseJsonTree(text: string): JsonNode | null {
  if (!isJson(text)) return null;
  const open: JsonNode[][] = [[]];
  // What stands in many places is one node, and so written once in each way.
  const values = new Map<string, JsonNode>();
  let levels = 0;
  for (const raw of text.match(TOKENS)!) {
    const children = raw === '}' || raw === ']' ? open.pop()! : [];
    if (raw === '{' || raw === '[') open.push([]);
    else {
      const node = values.get(raw) ?? nodeOf(raw, children);
      if (node.kind !== 'array' && node.kind !== 'object') values.set(raw, node);
      open.at(-1)!.push(node);
    }
    levels += open.length;
    if (open.length > MAX_DEPTH || levels > MAX_LEVELS) return null;
  }
  return open[0]![0]!;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** @param children what stands between the brackets that `raw` closes; of an object, keys and values in turn. */
function nodeOf(raw: string, children: JsonNode[]): JsonNode {
  if (raw === ']') return { kind: 'array', items: children };
  if (raw === '}') {
    const entries = new Map<string, Entries[number]>();
    for (let at = 0; at < children.length; at += 2) {
      const key = children[at] as JsonText;
      entries.set(key.value, [key, children[at + 1]!]);
    }
    return { kind: 'object', entries: [...entries.values()] };
  }
  if (raw.startsWith('"')) return textNode(raw.includes('\\') ? JSON.parse(raw) : raw.slice(1, -1), raw);
  return /^[tfn]/.test(raw) ? { kind: 'literal', raw: raw as 'null' } : { kind: 'number', raw };
}

export function textNode(value: string, raw = JSON.stringify(value)): JsonText {
  return { kind: 'string', raw, value, plain: PLAIN.test(raw) };
}

/** The same tree with `rule` applied to each node once that is done for what is in it; what nothing changes is not copied. */
export function walk(node: JsonNode, rule: (node: JsonNode) => JsonNode): JsonNode {
  if (node.kind === 'array') {
    const items = node.items.map((item) => walk(item, rule));
    return rule(isSame(items, node.items) ? node : { kind: 'array', items });
  }
  if (node.kind !== 'object') return rule(node);
  const entries = node.entries.map((entry) => {
    const value = walk(entry[1], rule);
    return value === entry[1] ? entry : ([entry[0], value] satisfies Entries[number]);
  });
  return rule(isSame(entries, node.entries) ? node : { kind: 'object', entries });
}

const isSame = <T>(list: T[], other: T[]) => list.every((one, index) => one === other[index]);
