import { fromPythonBytesRepr } from './string-literals.ts';
import type { Mistake } from './types.ts';

export type Algorithm = 'sha256' | 'sha1' | 'sha384' | 'sha512' | 'md5' | 'sha3-256' | 'sha512-256';

/** A digest to look for, and what is wrong with how it was written. */
export interface Target {
  algorithm: Algorithm;
  /** Whether a digest, as lower-case hex digits, is written like this. */
  matches(hex: string): boolean;
  /** It is the HMAC of nothing, behind the hex digits of what should have been its message. */
  sum?: boolean;
  mistakes: Mistake[];
}

/** Fewest hex digits that a shortened signature is looked for with: 64 bits cannot match by chance. */
const SHORTEST = 16;
/** Layers that a value is taken out of, one within another. */
const DEEPEST = 3;
/** Digits that a number loses at its beginning where they are zeros. */
const MOST_ZEROS = 8;

// biome-ignore format: a table, siblings on a line
const ALGORITHMS: [Algorithm, digits: number, label: string][] = [
  ['sha256', 64, 'SHA-256'], ['sha1', 40, 'SHA-1'], ['sha512', 128, 'SHA-512'], ['sha384', 96, 'SHA-384'], ['md5', 32, 'MD5'], ['sha3-256', 64, 'SHA3-256'],
  ['sha512-256', 64, 'SHA-512/256'],
];

/**
 * Every way to read one value as a digest: hex, base64, prefixed, shortened, of another algorithm.
 * @param messages what should have been hashed: its hex digits stand before the digest where Go's Sum got it.
 */
export function readTargets(given: string, messages: readonly Uint8Array[]): Target[] {
  const targets = [...sums(given.trim(), messages), ...read(given, [], DEEPEST)];
  return targets.sort((a, b) => a.mistakes.length - b.mistakes.length);
}

const written = (what: string): Mistake => ({ code: 'digest_written', what });

/** One more layer is taken off at each depth. */
function read(given: string, before: Mistake[], depth: number): Target[] {
  const { value, mistakes } = unwrap(given.trim(), before);
  const within = depth === 0 ? [] : layers(value);
  return [
    ...asHex(value, mistakes),
    ...asBase64(value, mistakes),
    ...within.flatMap(([text, mistake]) => read(text, [...mistakes, mistake], depth - 1)),
  ];
}

const PREFIX =
  /^(?:v1[=,:]|(?:hmac[-_ ]?)?(?:sha-?(?:1|256|384|512)|md5)[=: ]|signature[=:]\s*|0x|hex:|\$)+/i;

/** Without quotes and without the name of what it is. */
function unwrap(given: string, before: Mistake[]): { value: string; mistakes: Mistake[] } {
  const [, bytes, , inner = given] = /^(b?)(["'])(.*)\2$/.exec(given) ?? [];
  const mistakes = bytes ? [...before, written("the digest as Python's b'…'")] : before;
  const prefix = PREFIX.exec(inner)?.[0];
  if (prefix === undefined) return { value: inner, mistakes };
  const what = `the digest with ${prefix.trim()} before it`;
  const mistake: Mistake = { code: 'digest_prefix', what, details: { prefix } };
  return { value: inner.slice(prefix.length), mistakes: [...mistakes, mistake] };
}

const isDigest = (text: string) => /^[A-Za-z0-9+/_=-]{32,128}$/.test(text);
/** 11 characters are SHORTEST hex digits. */
const isBase64 = (value: string) =>
  /^[A-Za-z0-9+/_-]{11,}={0,2}$/.test(value) && !/^[0-9a-f]{64}$/.test(value);

/** What stands within the value where it is encoded once more, and how. */
function layers(value: string): [text: string, mistake: Mistake][] {
  const found: [string, Mistake][] = [];
  const add = (text: string, what: string) => found.push([text, written(what)]);
  const hexOf = (number: bigint) => BigInt.asUintN(256, number).toString(16).padStart(64, '0');
  const hexText = Buffer.from(value.replace(/[-: ]/g, ''), 'hex').toString('latin1');
  const inText = /(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])/i.exec(value)?.[0] ?? value;
  if (inText !== value) add(inText, 'the digest and other text around it');
  if (isDigest(hexText)) add(hexText, 'the hex digits of its text, encoded twice');
  if (/^-[0-9a-f]{50,128}$/i.test(value))
    add(hexOf(-BigInt(`0x${value.slice(1)}`)), "a negative number, as Java's BigInteger writes signed bytes");
  if (/^-?[0-9]{70,80}$/.test(value)) add(hexOf(BigInt(value)), 'a decimal number');
  const numbers = /(?:^|\[)(-?[0-9]{1,3}(?:[, ]+-?[0-9]{1,3}){15,63})(?:\]|$)/.exec(value)?.[1];
  if (numbers !== undefined) {
    const bytes = Buffer.from(numbers.split(/[, ]+/).map(Number));
    add(bytes.toString('hex'), 'the bytes of the digest as numbers');
  }
  const repr = /\\x[0-9a-f]{2}/.test(value) ? fromPythonBytesRepr(`b'${value}'`) : null;
  if (repr !== null) add(repr.toString('hex'), "the bytes of the digest as Python's b'…'");
  if (/%[0-9a-f]{2}/i.test(value)) {
    const byte = (_all: string, code: string) => String.fromCharCode(Number.parseInt(code, 16));
    add(value.replace(/%([0-9a-f]{2})/gi, byte), 'percent-encoded');
  }
  if ([16, 20, 32].includes(value.length) && /[^\x20-\x7e]/.test(value) && !/[^\x00-\xff]/.test(value))
    add(Buffer.from(value, 'latin1').toString('hex'), 'the raw bytes of the digest');
  const base64Text = Buffer.from(value, 'base64').toString('latin1');
  if (isBase64(value) && isDigest(base64Text)) {
    const isHex = /^[0-9a-f]+$/i.test(base64Text);
    const what = isHex ? 'the hex digits encoded as base64' : 'base64 encoded as base64';
    found.push([base64Text, { code: 'digest_base64', what, details: { encoding: 'base64 of text' } }]);
  }
  return found;
}

function asHex(value: string, mistakes: Mistake[]): Target[] {
  // .NET's BitConverter.ToString separates the bytes by hyphens, others by colons or spaces.
  const isSeparated = /^[0-9a-f]{2}([-: ][0-9a-f]{2}){7,}$/i.test(value);
  const hex = isSeparated ? value.replace(/[-: ]/g, '') : value;
  if (!/^[0-9a-f]{16,256}$/i.test(hex)) return [];
  const dotnet = value.includes('-') ? ", as .NET's BitConverter.ToString does" : '';
  const how = isSeparated ? `with separators${dotnet}` : 'in upper case';
  const upper: Mistake = { code: 'digest_uppercase', what: `the hex digits ${how}` };
  const all = isSeparated || /[A-F]/.test(hex) ? [...mistakes, upper] : mistakes;
  return [...sized(hex.toLowerCase(), all), ...byteByByte(hex.toLowerCase(), all)];
}

function asBase64(value: string, mistakes: Mistake[]): Target[] {
  if (!isBase64(value)) return [];
  const encoding = /[-_]/.test(value) ? 'base64url' : 'base64';
  const bytes = Buffer.from(value, encoding);
  const isWhole = ALGORITHMS.some(([, digits]) => digits / 2 === bytes.length);
  // The last byte of a shortened value may be half of one.
  const length = isWhole ? bytes.length : Math.floor((value.replace(/=+$/, '').length * 6) / 8);
  if (length > 64) return [];
  const what = `the digest as ${encoding}`;
  const mistake: Mistake = { code: 'digest_base64', what, details: { encoding } };
  return sized(bytes.toString('hex', 0, length), [...mistakes, mistake]);
}

/** A digest of its full length, or a part of a longer one. */
function sized(hex: string, mistakes: Mistake[]): Target[] {
  const digits = hex.length;
  return ALGORITHMS.flatMap(([algorithm, of, label]): Target[] => {
    const other: Mistake = { code: 'algorithm', what: `HMAC-${label}`, details: { algorithm: label } };
    const how = algorithm === 'sha256' ? mistakes : [...mistakes, other];
    if (digits === of) return [{ algorithm, mistakes: how, matches: (digest) => digest === hex }];
    // A shortened MD5 is nothing that anybody makes.
    if (digits > of || digits < SHORTEST || algorithm === 'md5' || algorithm.includes('-')) return [];
    const lost = (code: Mistake['code'], what: string, matches: Target['matches']): Target => {
      return { algorithm, matches, mistakes: [...how, { code, what, details: { digits, of } }] };
    };
    const part = (which: string) => `only ${which} ${digits} of ${of} hex digits`;
    const zeros = `the digest without ${of - digits} zeros at its beginning, as a number is written`;
    const padded = lost('digest_zeros_lost', zeros, (digest) => digest === hex.padStart(of, '0'));
    return [
      ...(of - digits > MOST_ZEROS ? [] : [padded]),
      lost('truncated_signature', part('the first'), (digest) => digest.startsWith(hex)),
      lost('truncated_signature', part('the last'), (digest) => digest.endsWith(hex)),
      lost('truncated_signature', part('the middle'), (digest) => digest.includes(hex)),
    ];
  });
}

/** Each byte written by itself, without care for zeros or signs. */
function byteByByte(hex: string, mistakes: Mistake[]): Target[] {
  const one = (mistake: Mistake, write: (byte: number) => string): Target => ({
    algorithm: 'sha256',
    matches: (digest) => Array.from(Buffer.from(digest, 'hex'), write).join('') === hex,
    mistakes: [...mistakes, mistake],
  });
  const zeros = 'the digest with each byte written without its leading zero';
  if (hex.length >= 40 && hex.length < 64)
    return [one({ code: 'digest_zeros_lost', what: zeros }, (byte) => byte.toString(16))];
  if (hex.length <= 64) return [];
  const signed = written('its bytes taken for signed numbers, ffffff before each from 80 on');
  return [1, 2].map((width) =>
    one(signed, (byte) => (byte > 127 ? 'ffffff' : '') + byte.toString(16).padStart(width, '0')),
  );
}

/** `mac.Sum(message)` of Go appends the digest to its argument, and hashes nothing of it. */
function sums(given: string, messages: readonly Uint8Array[]): Target[] {
  const value = given.replace(/^v1=/, '');
  const base64 = /^[A-Za-z0-9+/]{64,}={0,2}$/.test(value) && !/^[0-9a-f]+$/i.test(value);
  const hex = base64 ? Buffer.from(value, 'base64').toString('hex') : value.toLowerCase();
  const [before, digest] = [hex.slice(0, -64), hex.slice(-64)];
  if (before === '' || !messages.some((one) => Buffer.from(one).toString('hex') === before)) return [];
  const encoded: Mistake[] = base64 ? [{ code: 'digest_base64', what: 'the digest as base64' }] : [];
  const what = "what Go's mac.Sum(message) returns: the message itself and then the HMAC of nothing";
  const mistakes = [...encoded, { code: 'digest_sum' as const, what }];
  return [{ algorithm: 'sha256', matches: (made) => made === digest, sum: true, mistakes }];
}
