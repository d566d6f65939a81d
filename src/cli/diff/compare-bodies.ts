import { createHash } from 'node:crypto';
import { type JSONPath, visit } from 'jsonc-parser';
import { isRecord } from '../../contract/is-record.ts';
import { isLosslessNumber, parseJson, stringifyJson } from '../../contract/json.ts';
import type { BodyComparison, SpellingChange, ValueChange } from '../../contract/output/log.ts';

/** What differs between two bodies: by value where both are JSON, and by byte. */
export function compareBodies(before: Buffer, after: Buffer): BodyComparison {
  const equalBytes = before.equals(after);
  const a = parseJson(before);
  const b = parseJson(after);
  const values: ValueChange[] = [];
  if (!equalBytes && a.ok && b.ok) compareValues(a.value, b.value, '', values);
  const equalJson = equalBytes ? (a.ok ? true : null) : a.ok && b.ok ? values.length === 0 : null;
  return {
    equal_bytes: equalBytes,
    equal_json: equalJson,
    sha256: { before: sha256(before), after: sha256(after) },
    bytes: { before: before.length, after: after.length },
    values,
    spelling:
      equalJson && !equalBytes ? compareSpelling(before.toString('utf8'), after.toString('utf8')) : [],
    first_difference: equalBytes ? null : firstDifference(before, after),
  };
}

function compareValues(a: unknown, b: unknown, path: string, found: ValueChange[]): void {
  const [before, after] = [membersOf(a, path), membersOf(b, path)];
  if (before === null || after === null || Array.isArray(a) !== Array.isArray(b)) {
    const texts = { before: stringifyJson(a), after: stringifyJson(b) };
    if (texts.before !== texts.after) found.push({ path, change: 'changed', ...texts });
    return;
  }
  for (const at of new Set([...before.keys(), ...after.keys()])) {
    if (!after.has(at)) found.push({ path: at, change: 'removed', before: stringifyJson(before.get(at)) });
    else if (!before.has(at)) found.push({ path: at, change: 'added', after: stringifyJson(after.get(at)) });
    else compareValues(before.get(at), after.get(at), at, found);
  }
}

/** What stands in a list or an object, by its path; `null` for any other value. */
function membersOf(value: unknown, path: string): Map<string, unknown> | null {
  if (Array.isArray(value)) return new Map(value.map((one, index) => [`${path}[${index}]`, one]));
  if (!isRecord(value) || isLosslessNumber(value)) return null;
  return new Map(Object.entries(value).map(([key, one]) => [memberPath(path, key), one]));
}

function compareSpelling(before: string, after: string): SpellingChange[] {
  const a = readSpelling(before);
  const b = readSpelling(after);
  const found: SpellingChange[] = [];
  for (const [path, keys] of a.keys) {
    const others = b.keys.get(path) ?? [];
    if (keys.join('\n') === others.join('\n')) continue;
    const kind = keys.length === others.length ? 'key order' : 'duplicate keys';
    found.push({ kind, path, before: keys.join(', '), after: others.join(', ') });
  }
  for (const [path, token] of a.tokens) {
    const other = b.tokens.get(path);
    if (other === undefined || other === token) continue;
    found.push({
      kind: token.startsWith('"') ? 'escapes' : 'number spelling',
      path: path.replace(/^key /, 'the key of '),
      before: token,
      after: other,
    });
  }
  const spaces = (one: { spaces: string[] }) => JSON.stringify(one.spaces);
  // Nothing else left to explain it: the same whitespace in other places.
  if (spaces(a) !== spaces(b) || found.length === 0) {
    found.push({
      kind: 'whitespace',
      path: '',
      before: describeSpaces(a.spaces),
      after: describeSpaces(b.spaces),
    });
  }
  return found;
}

function describeSpaces(spaces: readonly string[]): string {
  if (spaces.length === 0) return 'none';
  const characters = spaces.reduce((sum, run) => sum + run.length, 0);
  return `${characters} ${characters === 1 ? 'character' : 'characters'} in ${spaces.length} ${spaces.length === 1 ? 'place' : 'places'}`;
}

/** Bytes shown before and after the place where two bodies part. */
const CONTEXT = 16;

function firstDifference(before: Buffer, after: Buffer) {
  let offset = 0;
  while (offset < before.length && before[offset] === after[offset]) offset++;
  const around = (bytes: Buffer) =>
    bytes.subarray(Math.max(0, offset - CONTEXT), offset + CONTEXT).toString('utf8');
  return { offset, before: around(before), after: around(after) };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** How a JSON text is written, beyond what it means. */
interface JsonSpelling {
  /** Runs of whitespace between tokens, sorted. */
  spaces: string[];
  /** Keys of each object in order, by path, duplicates included. */
  keys: Map<string, string[]>;
  /** Each text, number and key as written, by path. */
  tokens: Map<string, string>;
}

const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"/gs;

/** Reads the spelling of a text that is known to be JSON and not too deep. */
function readSpelling(text: string): JsonSpelling {
  const keys = new Map<string, string[]>();
  const tokens = new Map<string, string>();
  visit(text, {
    onObjectBegin: (_offset, _length, _line, _column, path) => void keys.set(nameOf(path()), []),
    onObjectProperty(key, offset, length, _line, _column, path) {
      const object = nameOf(path());
      keys.get(object)!.push(key);
      tokens.set(`key ${memberPath(object, key)}`, text.slice(offset, offset + length));
    },
    onLiteralValue(_value, offset, length, _line, _column, path) {
      tokens.set(nameOf(path()), text.slice(offset, offset + length));
    },
  });
  const spaces: string[] = text.replace(STRINGS, '""').match(/[ \t\r\n]+/g) ?? [];
  return { spaces: spaces.sort(), keys, tokens };
}

function nameOf(path: JSONPath): string {
  return path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : memberPath(name, part)),
    '',
  );
}

/** `data.skills`, or `data["odd key"]`. */
function memberPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
