import { backslashed } from './text-escapes.ts';

/** Bytes that are shown at either end. */
const SHOWN = 48;

/** The first and the last bytes of `before` and the body on one line, everything but printable ASCII as escapes. */
export function visibleEnds(before: string, body: Uint8Array): { first: string; last: string } {
  const visible = (bytes: Uint8Array) =>
    backslashed(Buffer.from(bytes).toString('latin1'), /[^\x20-\x5b\x5d-\x7e]/g);
  const start = Buffer.concat([Buffer.from(before), body.subarray(0, SHOWN)]);
  return { first: visible(start.subarray(0, SHOWN)), last: visible(body.subarray(-SHOWN)) };
}

/** Text on one line, with control characters as escapes; characters beyond ASCII stay. */
export function visibleText(text: string): string {
  return backslashed(text, /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g);
}
