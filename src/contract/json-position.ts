/** Where things are in a JSON text. `JSON.parse` forgets that, and its own errors often lack it. */

export type JsonPath = readonly (string | number)[];

export interface TextPosition {
  /** One-based. */
  line: number;
  /** One-based, in UTF-16 units. */
  column: number;
}

export interface JsonMap {
  /** Where the text stops being JSON, and what is wrong there; `null` when it is JSON. */
  problem: { offset: number; message: string } | null;
  /** Offset of each value by its path, as `pathKey` writes it; of members, the offset of their key. */
  offsets: ReadonlyMap<string, number>;
}

const LITERAL = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;
/** Deeper than any configuration; keeps the recursion bounded. */
const MAX_DEPTH = 128;

/** Walks a JSON text and notes where each value begins. */
export function mapJson(text: string): JsonMap {
  const offsets = new Map<string, number>();
  let at = 0;

  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const fail = (message: string): never => {
    throw { offset: at, message } satisfies JsonMap['problem'];
  };
  const expect = (character: string, message: string): void => {
    take(SPACE);
    if (text[at] !== character) fail(message);
    at++;
  };
  const takeMembers = (close: string, member: (index: number) => void): void => {
    at++;
    take(SPACE);
    if (text[at] === close) {
      at++;
      return;
    }
    for (let index = 0; ; index++) {
      member(index);
      take(SPACE);
      if (text[at] === close) {
        at++;
        return;
      }
      expect(',', `expected a comma or ${close}`);
      take(SPACE);
      if (text[at] === close) fail(`a comma before ${close} is not allowed in JSON`);
    }
  };
  const takeValue = (path: JsonPath): void => {
    if (path.length > MAX_DEPTH) fail('nested too deep');
    take(SPACE);
    if (!offsets.has(pathKey(path))) offsets.set(pathKey(path), at);
    if (text[at] === '{') {
      takeMembers('}', () => {
        take(SPACE);
        const start = at;
        const key = take(STRING) ?? fail('expected a key in double quotes');
        const child = [...path, JSON.parse(key) as string];
        offsets.set(pathKey(child), start);
        expect(':', 'expected a colon');
        takeValue(child);
      });
    } else if (text[at] === '[') {
      takeMembers(']', (index) => takeValue([...path, index]));
    } else if (take(text[at] === '"' ? STRING : LITERAL) === null) {
      if (text[at] === '/') fail('comments are not allowed in JSON');
      fail(at >= text.length ? 'the text ends here, too early' : 'expected a value');
    }
  };

  try {
    takeValue([]);
    take(SPACE);
    if (at < text.length) fail('there is something after the end');
    return { problem: null, offsets };
  } catch (problem) {
    if (problem instanceof Error) throw problem;
    return { problem: problem as NonNullable<JsonMap['problem']>, offsets };
  }
}

/** The position of a path, or of the nearest thing around it that is there. */
export function positionOf(text: string, map: JsonMap, path: JsonPath): TextPosition {
  // The whole text has an offset, whatever is in it.
  let around = path;
  while (!map.offsets.has(pathKey(around))) around = around.slice(0, -1);
  return toPosition(text, map.offsets.get(pathKey(around))!);
}

export function toPosition(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** A path as people write it: `ats[0].webhookUrl`. */
export function formatPath(path: JsonPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

function pathKey(path: JsonPath): string {
  return JSON.stringify(path);
}
