import { isLosslessNumber, isSafeNumber, LosslessNumber, parse, stringify } from 'lossless-json';
import { MAX_READ_DEPTH } from './limits.ts';
import { missingProblem, type Problem } from './problems.ts';

export { isLosslessNumber } from 'lossless-json';

export type ParsedJson = { ok: true; value: unknown } | { ok: false; problem: Problem };

// `ignoreBOM` leaves the byte order mark in the text, where the parser below refuses it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses JSON. Strict UTF-8 without a byte order mark, at most `deepest` levels (checked before parsing: a parser
 * that recurses must never see more). Numbers that JavaScript would change are
 * kept as `LosslessNumber`, unless `plain` numbers are asked for; keys named `__proto__` are dropped, at any depth.
 *
 * @param deepest of the body of a request MAX_JSON_DEPTH.
 */
export function parseJson(
  bytes: Uint8Array,
  numbers: 'exact' | 'plain' = 'exact',
  deepest = MAX_READ_DEPTH,
): ParsedJson {
  if (bytes.length === 0) return { ok: false, problem: missingProblem(['body'], null) };
  const scan = scanBytes(bytes, deepest);
  if (scan.tooDeepAt >= 0) return invalid(scan.tooDeepAt, `nested deeper than ${deepest} levels`);

  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return invalid(0, 'the body is not valid UTF-8');
  }
  if (text.charCodeAt(0) === 0xfeff) return invalid(0, 'the body starts with a byte order mark');

  try {
    let value: unknown = JSON.parse(text);
    if (scan.longNumber && numbers === 'exact') value = parseExactly(text);
    if (mayNameProto(text)) dropProtoKeys(value);
    return { ok: true, value };
  } catch {
    return explain(text);
  }
}

/** Writes JSON, compact unless indented; a `LosslessNumber` comes out as it went in. */
export function stringifyJson(value: unknown, indent = 0): string {
  const text = holdsLossless(value)
    ? stringify(value, undefined, indent)
    : JSON.stringify(value, undefined, indent);
  return text ?? 'null';
}

function holdsLossless(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (isLosslessNumber(value)) return true;
  for (const key in value) if (holdsLossless((value as Record<string, unknown>)[key])) return true;
  return false;
}

interface Scan {
  /** Index of the bracket that goes too deep, or -1. */
  tooDeepAt: number;
  /** A number outside strings that may not survive being a JavaScript number. */
  longNumber: boolean;
}

/** One pass over the bytes; outside strings only ASCII matters, so nothing needs decoding. */
function scanBytes(bytes: Uint8Array, deepest: number): Scan {
  const scan: Scan = { tooDeepAt: -1, longNumber: false };
  let depth = 0;
  let digits = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === 0x22) {
      digits = 0;
      for (i++; i < bytes.length && bytes[i] !== 0x22; i++) if (bytes[i] === 0x5c) i++;
    } else if (byte >= 0x30 && byte <= 0x39) {
      // 15 digits always survive; an exponent can overflow with fewer.
      if (++digits > 15) scan.longNumber = true;
    } else if (byte === 0x65 || byte === 0x45) {
      if (digits > 0) scan.longNumber = true;
    } else if (byte === 0x7b || byte === 0x5b) {
      digits = 0;
      if (++depth > deepest) {
        scan.tooDeepAt = i;
        return scan;
      }
    } else if (byte === 0x7d || byte === 0x5d) {
      digits = 0;
      depth--;
    } else if (byte !== 0x2e) {
      digits = 0;
    }
  }
  return scan;
}

function parseExactly(text: string): unknown {
  return parse(text, undefined, {
    parseNumber: (digits) => (survives(digits) ? Number(digits) : new LosslessNumber(digits)),
    // The last one wins, as in JSON.parse and in Python.
    onDuplicateKey: ({ newValue }) => newValue,
  });
}

/** Integers must come back digit by digit, `1e+22` would not do; decimals need only the same value. */
function survives(digits: string): boolean {
  return /^-?\d+$/.test(digits) ? Number.isSafeInteger(Number(digits)) : isSafeNumber(digits);
}

/** Also true for texts that may spell it with escapes; a false alarm costs one walk. */
function mayNameProto(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u00');
}

function dropProtoKeys(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Reflect.deleteProperty(value, '__proto__');
  for (const one of Object.values(value)) dropProtoKeys(one);
}

/** JSON.parse does not reliably say where it stopped; the exact parser does. */
function explain(text: string): ParsedJson {
  try {
    parse(text);
  } catch (error) {
    const found = /^(.*) at position (\d+)$/s.exec((error as Error).message);
    if (found) return invalid(Number(found[2]), found[1]!);
  }
  return invalid(0, 'not valid JSON');
}

function invalid(position: number, why: string): ParsedJson {
  return {
    ok: false,
    problem: { type: 'json_invalid', loc: ['body', position], msg: `JSON decode error: ${why}`, input: {} },
  };
}
