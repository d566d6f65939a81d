import type { JsonNode } from './json-tree.ts';
import { NUMBERS, writeNumber } from './numbers.ts';

/** Text, bytes and values as Python writes them, and back. */

const SHORT: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A Python string literal: single quotes unless only double ones are free. */
export function pythonRepr(text: string): string {
  // What Python calls not printable, as far as it is met with.
  return quoted(text, /[\\'"\x00-\x1f\x7f-\xa0\xad\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/g);
}

/** A Python bytes literal, `b'…'`. */
export function pythonBytesRepr(bytes: Buffer): string {
  return `b${quoted(bytes.toString('latin1'), /[\\'"\x00-\x1f\x7f-\xff]/g)}`;
}

/** @param escaped what is not written as it is. */
function quoted(text: string, escaped: RegExp): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(escaped, (character) => {
    const short = SHORT[character];
    if (short !== undefined) return short;
    if (character === "'" || character === '"') return character === quote ? `\\${character}` : character;
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return quote + body + quote;
}

/** The bytes that a Python bytes literal stands for; `null` where the text is none. */
export function fromPythonBytesRepr(text: string): Buffer | null {
  const inner = /^b(['"])([\s\S]*)\1\s*$/.exec(text)?.[2];
  if (inner === undefined) return null;
  const raw = inner.replace(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (_all, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t' }[code] ?? code;
  });
  return Buffer.from(raw, 'latin1');
}

/** `str()` of what `json.loads` returned. */
export function pythonValue(node: JsonNode): string {
  switch (node.kind) {
    case 'array':
      return `[${node.items.map(pythonValue).join(', ')}]`;
    case 'object':
      return `{${node.entries.map(([key, value]) => `${pythonRepr(key.value)}: ${pythonValue(value)}`).join(', ')}}`;
    case 'string':
      return pythonRepr(node.value);
    case 'number':
      return writeNumber(node.raw, NUMBERS.python).replace('Infinity', 'inf');
    case 'literal':
      return { true: 'True', false: 'False', null: 'None' }[node.raw];
  }
}

const WIDTH = 80;

/** `pprint.pformat` (CPython, Lib/pprint.py): what does not fit on 80 columns stands one item a line. */
export function pythonPretty(root: JsonNode): string {
  const format = (node: JsonNode, indent: number, allowance: number, level: number): string => {
    const flat = pythonValue(node);
    if (flat.length <= WIDTH - indent - allowance) return flat;
    if (node.kind === 'string') return wrapped(node.value, indent, allowance, level);
    if (node.kind !== 'array' && node.kind !== 'object') return flat;
    const inner = indent + 1;
    const parts =
      node.kind === 'array'
        ? node.items.map((item): [string, JsonNode] => ['', item])
        : node.entries.map(([key, value]): [string, JsonNode] => [`${pythonRepr(key.value)}: `, value]);
    const lines = parts.map(([key, value], index) => {
      const last = index === parts.length - 1;
      return key + format(value, inner + key.length, last ? allowance + 1 : 1, level + 1);
    });
    const [open, close] = node.kind === 'array' ? '[]' : '{}';
    return open + lines.join(`,\n${' '.repeat(inner)}`) + close;
  };
  return format(root, 0, 0, 1);
}

/** A long string as several literals, in parentheses at the top. */
function wrapped(text: string, indentation: number, outer: number, level: number): string {
  const indent = level === 1 ? indentation + 1 : indentation;
  const allowance = level === 1 ? outer + 1 : outer;
  const chunks: string[] = [];
  // Where Python ends a line; the ends are kept.
  const lines = text.split(/(?<=\r(?!\n)|[\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029])/);
  for (const [index, line] of lines.entries()) {
    const whole = pythonRepr(line);
    const last = index === lines.length - 1;
    if (whole.length <= WIDTH - indent - (last ? allowance : 0)) {
      chunks.push(whole);
      continue;
    }
    const words = line.match(/\S*\s*/g)!.filter((word) => word !== '');
    let current = '';
    for (const [at, word] of words.entries()) {
      const candidate = current + word;
      const room = WIDTH - indent - (last && at === words.length - 1 ? allowance : 0);
      if (pythonRepr(candidate).length > room) {
        if (current !== '') chunks.push(pythonRepr(current));
        current = word;
      } else current = candidate;
    }
    if (current !== '') chunks.push(pythonRepr(current));
  }
  if (chunks.length === 1) return pythonRepr(text);
  const joined = chunks.join(`\n${' '.repeat(indent)}`);
  return level === 1 ? `(${joined})` : joined;
}
