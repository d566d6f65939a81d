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
  root: JsonPlace;
  /** Where each line begins. */
  lines: readonly number[];
}

/** A tree, not paths as text: under one long key those would take the square of the text's length. */
export interface JsonPlace {
  /** Of a member, where its key begins. */
  offset: number;
  inner: Map<string | number, JsonPlace> | null;
}

const LITERAL = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;
/** Deeper than any configuration; keeps the recursion bounded. */
const MAX_DEPTH = 128;

/** Walks a JSON text and notes where each value begins. Takes time and room as the text is long. */
export function mapJson(text: string): JsonMap {
  const root: JsonPlace = { offset: 0, inner: null };
  const lines = lineStarts(text);
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
  const takeValue = (place: JsonPlace, depth: number): void => {
    if (depth > MAX_DEPTH) fail('nested too deep');
    take(SPACE);
    if (text[at] === '{') {
      const inner = new Map<string, JsonPlace>();
      place.inner = inner;
      takeMembers('}', () => {
        take(SPACE);
        const child: JsonPlace = { offset: at, inner: null };
        const key = take(STRING) ?? fail('expected a key in double quotes');
        inner.set(JSON.parse(key) as string, child);
        expect(':', 'expected a colon');
        takeValue(child, depth + 1);
      });
    } else if (text[at] === '[') {
      const inner = new Map<number, JsonPlace>();
      place.inner = inner;
      takeMembers(']', (index) => {
        take(SPACE);
        const child: JsonPlace = { offset: at, inner: null };
        inner.set(index, child);
        takeValue(child, depth + 1);
      });
    } else if (take(text[at] === '"' ? STRING : LITERAL) === null) {
      if (text[at] === '/') fail('comments are not allowed in JSON');
      fail(at >= text.length ? 'the text ends here, too early' : 'expected a value');
    }
  };

  try {
    take(SPACE);
    root.offset = at;
    takeValue(root, 0);
    take(SPACE);
    if (at < text.length) fail('there is something after the end');
    return { problem: null, root, lines };
  } catch (problem) {
    if (problem instanceof Error) throw problem;
    return { problem: problem as NonNullable<JsonMap['problem']>, root, lines };
  }
}

/** The position of a path, or of the nearest thing around it that is there. */
export function positionOf(map: JsonMap, path: JsonPath): TextPosition {
  let place = map.root;
  for (const part of path) {
    const next = place.inner?.get(part);
    if (next === undefined) break;
    place = next;
  }
  return toPosition(map, place.offset);
}

/** Line and column of an offset. */
export function toPosition({ lines }: Pick<JsonMap, 'lines'>, offset: number): TextPosition {
  let low = 0;
  for (let high = lines.length; high - low > 1; ) {
    const middle = (low + high) >> 1;
    if (lines[middle]! <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - lines[low]! + 1 };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** A path as people write it: `ats[0].webhookUrl`. */
export function formatPath(path: JsonPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
