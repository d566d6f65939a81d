/** How a JSON text is written, beyond what it means. */
export interface JsonSpelling {
  /** Runs of whitespace between tokens, sorted. */
  spaces: string[];
  /** Keys of each object in order, by path, duplicates included. */
  keys: Map<string, string[]>;
  /** Each text, number and key as written, by path. */
  tokens: Map<string, string>;
}

const STRING = /"(?:[^"\\]|\\.)*"/sy;
const SCALAR = /[^\s,:[\]{}"]+/y;
const SPACE = /[ \t\r\n]*/y;

/** Reads the spelling of a text that is known to be JSON and not too deep. */
export function readSpelling(text: string): JsonSpelling {
  const spelling: JsonSpelling = { spaces: [], keys: new Map(), tokens: new Map() };
  let at = 0;

  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const skip = () => {
    const space = take(SPACE);
    if (space !== '') spelling.spaces.push(space);
  };

  function value(path: string): void {
    skip();
    const first = text[at];
    if (first === '{') members(path, '}');
    else if (first === '[') members(path, ']');
    else spelling.tokens.set(path, take(first === '"' ? STRING : SCALAR));
    skip();
  }

  function members(path: string, end: '}' | ']'): void {
    at++;
    skip();
    const keys: string[] = [];
    for (let index = 0; text[at] !== end && at < text.length; index++) {
      let child = `${path}[${index}]`;
      if (end === '}') {
        skip();
        const raw = take(STRING);
        const key = JSON.parse(raw) as string;
        keys.push(key);
        child = memberPath(path, key);
        spelling.tokens.set(`key ${child}`, raw);
        skip();
        at++; // the colon
      }
      value(child);
      if (text[at] === ',') at++;
    }
    at++;
    if (end === '}') spelling.keys.set(path, keys);
  }

  value('');
  spelling.spaces.sort();
  return spelling;
}

/** `data.skills`, or `data["odd key"]`. */
export function memberPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
