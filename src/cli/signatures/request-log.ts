import { isJsonText } from '../recordings/fields.ts';
import { findSigned, LOGGED, type RecordedRequest } from './request-json.ts';

/** So many braces, quotes and backslashes are looked at: more than any body has. */
const MOST_MARKS = 1_000_000;

/** What the signature is the value of. */
const NAMED = /([\w-]+)\\?["']?\s*(?::|=>|=)\s*[[\\"']*$/;

const hexRead = (text: string) =>
  text.replace(/(?:\\x[0-9A-F]{2})+/gi, (run) => Buffer.from(run.replaceAll('\\x', ''), 'hex').toString());
const LINE_ENDS: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
/** How a log or a command line has a text: as it is, in a shell's quotes, with nginx's \\xHH, in other quotes, in those of a language. */
const READINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.replaceAll("'\\''", "'"),
  hexRead,
  (text) => hexRead(text).replace(/\\(["'\\])/g, '$1'),
  (text) =>
    hexRead(text).replace(/\\(?:u([0-9a-fA-F]{4})|(["'\\/nrt]))/g, (_all, code?: string, one = '') =>
      code === undefined ? (LINE_ENDS[one] ?? one) : String.fromCharCode(Number.parseInt(code, 16)),
    ),
];

/**
 * A line of nginx, Express or another log, a command line, what a console prints: the signature wherever it stands, and the
 * body if JSON stands there as well. JSON that holds the signature is no body: it is the request as a logger writes it.
 */
export function fromLog(text: string): RecordedRequest | null {
  const logged = LOGGED.exec(text);
  if (logged === null) return null;
  const [signature] = logged;
  // In a header of another name it is not the signature that CarvOS and its receivers look for.
  const name = NAMED.exec(text.slice(Math.max(0, logged.index - 100), logged.index))?.[1] ?? '';
  const isOther = /^x[-_]|-/i.test(name) && !/x[-_]webhook[-_]signature$/i.test(name);
  const wrappers = objectsIn(text).filter((json) => json.includes(signature));
  for (const one of wrappers) {
    const request = findSigned(JSON.parse(one), () => null);
    if (request !== null && request.body !== null) return request;
  }
  const around = wrappers.reduce((left, one) => left.replace(one, ''), text);
  const found = [...new Set(READINGS.flatMap((read) => objectsIn(read(around))))];
  const events = found.filter((json) => typeof (JSON.parse(json) as { event?: unknown }).event === 'string');
  // What is no event may be an answer, or a part of a body that cannot be read: it is a body only where it is signed. Where a
  // body ends is not told either.
  const ends = ['\n', '\r\n'].flatMap((end) => events.map((json) => json + end));
  const others = [...ends, ...found].map((json) => Buffer.from(json));
  const body = events[0] === undefined ? null : Buffer.from(events[0]);
  return { signature: isOther ? null : signature, body, others };
}

/** Each JSON object in a text that stands in no other. */
function objectsIn(text: string): string[] {
  const found: string[] = [];
  const mark = /["{}]|\\./gs;
  let left = MOST_MARKS;
  for (let start = text.indexOf('{'); start >= 0 && left > 0; ) {
    const one = objectAt(start);
    if (one !== null) found.push(one);
    start = text.indexOf('{', start + (one?.length ?? 1));
  }
  return found;

  function objectAt(start: number): string | null {
    mark.lastIndex = start;
    let depth = 0;
    let quoted = false;
    for (; left > 0; left--) {
      const next = mark.exec(text)?.[0];
      if (next === undefined) return null;
      if (next === '"') quoted = !quoted;
      else if (!quoted) depth += next === '{' ? 1 : next === '}' ? -1 : 0;
      if (depth > 0) continue;
      const one = text.slice(start, mark.lastIndex);
      return isJsonText(one) ? one : null;
    }
    return null;
  }
}
