import { type JSONPath, visit } from 'jsonc-parser';

/** How a JSON text is written, beyond what it means. */
export interface JsonSpelling {
  /** Runs of whitespace between tokens, sorted. */
  spaces: string[];
  /** Keys of each object in order, by path, duplicates included. */
  keys: Map<string, string[]>;
  /** Each text, number and key as written, by path. */
  tokens: Map<string, string>;
}

const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"/gs;

/** Reads the spelling of a text that is known to be JSON and not too deep. */
export function readSpelling(text: string): JsonSpelling {
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
export function memberPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
