import { unicodeEscape } from './text-escapes.ts';

/** Bytes that are shown at either end. */
const SHOWN = 48;

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };
const escaped = (character: string) => unicodeEscape(character).replace('\\u00', '\\x');

/** Bytes as text on one line: control characters and everything beyond ASCII as escapes. */
function visible(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return text.replace(/[^\x20-\x5b\x5d-\x7e]/g, (one) => SHORT[one] ?? escaped(one));
}

/** The first and the last bytes of `before` and the body, made visible. */
export function visibleEnds(before: string, body: Uint8Array): { first: string; last: string } {
  const start = Buffer.concat([Buffer.from(before), body.subarray(0, SHOWN)]);
  return { first: visible(start.subarray(0, SHOWN)), last: visible(body.subarray(-SHOWN)) };
}

/** Text on one line, with control characters as escapes; characters beyond ASCII stay. */
export function visibleText(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escaped);
}
