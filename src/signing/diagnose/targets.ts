import type { Mistake } from './types.ts';

export type Algorithm = 'sha256' | 'sha1' | 'sha384' | 'sha512' | 'md5';

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

const SIZES: [Algorithm, number][] = [
  ['sha256', 64],
  ['sha1', 40],
  ['sha512', 128],
  ['sha384', 96],
  ['md5', 32],
];

const LABELS: Record<Algorithm, string> = {
  sha256: 'SHA-256',
  sha1: 'SHA-1',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
  md5: 'MD5',
};

/** Layers that a value is taken out of, one within another. */
const DEEPEST = 3;
/** Digits that a number loses at its beginning where they are zeros. */
const MOST_ZEROS = 8;

/**
 * Every way to read one value as a digest: hex, base64, prefixed, shortened, of another algorithm.
 * @param messages what should have been hashed: its hex digits stand before the digest where Go's Sum got it.
 */
export function readTargets(given: string, messages: readonly Uint8Array[] = []): Target[] {
  const targets = [...sums(given.trim(), messages), ...read(given, [], DEEPEST)];
  return targets.sort((a, b) => a.mistakes.length - b.mistakes.length);
}

function read(given: string, before: Mistake[], depth: number): Target[] {
  const mistakes = [...before];
  const written = (what: string): Mistake => ({ code: 'digest_written', what });
  let value = given.trim();
  const quoted = /^(b?)(["'])(.*)\2$/.exec(value);
  if (quoted) value = quoted[3]!;
  if (quoted?.[1]) mistakes.push(written("the digest as Python's b'…'"));
  const prefix =
    /^(?:v1[=,:]|(?:hmac[-_ ]?)?(?:sha-?(?:1|256|384|512)|md5)[=: ]|signature[=:]\s*|0x|hex:|\$)+/i.exec(
      value,
    )?.[0];
  if (prefix) {
    value = value.slice(prefix.length);
    mistakes.push({
      code: 'digest_prefix',
      what: `the digest with ${prefix.trim()} before it`,
      details: { prefix },
    });
  }
  const targets: Target[] = [];
  const into = (text: string, mistake: Mistake) => {
    if (depth > 0) targets.push(...read(text, [...mistakes, mistake], depth - 1));
  };
  let hex = value;
  // .NET's BitConverter.ToString separates the bytes by hyphens, others by colons or spaces.
  const separated = /^[0-9a-f]{2}([-: ][0-9a-f]{2}){7,}$/i.test(hex);
  if (separated) hex = hex.replace(/[-: ]/g, '');
  if (/^[0-9a-f]{16,256}$/i.test(hex)) {
    const how = [...mistakes];
    if (separated || /[A-F]/.test(hex)) {
      const what = separated ? "with separators, as .NET's BitConverter.ToString does" : 'in upper case';
      how.push({ code: 'digest_uppercase', what: `the hex digits ${what}` });
    }
    targets.push(...sized(hex.toLowerCase(), how), ...byteByByte(hex.toLowerCase(), how));
    const inner = Buffer.from(hex, 'hex').toString('latin1');
    if (/^[A-Za-z0-9+/_=-]{32,}$/.test(inner))
      into(inner, written('the hex digits of its text, encoded twice'));
  }
  if (/^-[0-9a-f]{50,128}$/i.test(value)) {
    const positive = (1n << 256n) - BigInt(`0x${value.slice(1)}`);
    into(
      positive.toString(16).padStart(64, '0'),
      written("a negative number, as Java's BigInteger writes signed bytes"),
    );
  }
  if (/^-?[0-9]{70,80}$/.test(value)) {
    const number = BigInt(value) < 0n ? BigInt(value) + (1n << 256n) : BigInt(value);
    into(number.toString(16).padStart(64, '0'), written('a decimal number'));
  }
  const numbers = /^\[?(-?[0-9]{1,3}(?:[, ]+-?[0-9]{1,3}){15,63})\]?$/.exec(value)?.[1];
  if (numbers !== undefined)
    into(
      Buffer.from(numbers.split(/[, ]+/).map(Number)).toString('hex'),
      written('the bytes of the digest as numbers'),
    );
  if (/%[0-9a-f]{2}/i.test(value))
    into(
      value.replace(/%([0-9a-f]{2})/gi, (_all, code) => String.fromCharCode(Number.parseInt(code, 16))),
      written('percent-encoded'),
    );
  if (/[^\x20-\x7e]/.test(value) && [16, 20, 32].includes(value.length) && !/[^\x00-\xff]/.test(value))
    into(Buffer.from(value, 'latin1').toString('hex'), written('the raw bytes of the digest'));
  // 11 characters are SHORTEST hex digits.
  if (/^[A-Za-z0-9+/_-]{11,}={0,2}$/.test(value) && !/^[0-9a-f]{64}$/.test(value)) {
    const url = /[-_]/.test(value);
    const bytes = Buffer.from(value, url ? 'base64url' : 'base64');
    const name = url ? 'base64url' : 'base64';
    const encoded: Mistake = {
      code: 'digest_base64',
      what: `the digest as ${name}`,
      details: { encoding: name },
    };
    const full = SIZES.some(([, digits]) => digits / 2 === bytes.length);
    // The last byte of a shortened value may be half of one.
    const whole = full ? bytes : bytes.subarray(0, Math.floor((value.replace(/=+$/, '').length * 6) / 8));
    if (whole.length <= 64) targets.push(...sized(whole.toString('hex'), [...mistakes, encoded]));
    const text = bytes.toString('latin1');
    if (/^[A-Za-z0-9+/_=-]{32,128}$/.test(text))
      into(text, {
        code: 'digest_base64',
        what: /^[0-9a-f]+$/i.test(text) ? 'the hex digits encoded as base64' : 'base64 encoded as base64',
        details: { encoding: 'base64 of text' },
      });
  }
  return targets;
}

/** A digest of its full length, or a part of a longer one. */
function sized(hex: string, mistakes: Mistake[]): Target[] {
  const targets: Target[] = [];
  for (const [algorithm, digits] of SIZES) {
    const add = (matches: Target['matches'], ...more: Mistake[]) => {
      const other: Mistake = {
        code: 'algorithm',
        what: `HMAC-${LABELS[algorithm]}`,
        details: { algorithm: LABELS[algorithm] },
      };
      targets.push({
        algorithm,
        matches,
        mistakes: [...mistakes, ...(algorithm === 'sha256' ? [] : [other]), ...more],
      });
    };
    if (hex.length === digits) add((digest) => digest === hex);
    // A shortened MD5 is nothing that anybody makes.
    if (hex.length >= digits || hex.length < SHORTEST || algorithm === 'md5') continue;
    if (digits - hex.length <= MOST_ZEROS) {
      const padded = hex.padStart(digits, '0');
      add((digest) => digest === padded, {
        code: 'digest_zeros_lost',
        what: `the digest without ${digits - hex.length} zeros at its beginning, as a number is written`,
        details: { digits: hex.length, of: digits },
      });
    }
    const cut = (matches: Target['matches'], which: string) =>
      add(matches, {
        code: 'truncated_signature',
        what: `only ${which} ${hex.length} of ${digits} hex digits`,
        details: { digits: hex.length, of: digits },
      });
    cut((digest) => digest.startsWith(hex), 'the first');
    cut((digest) => digest.endsWith(hex), 'the last');
    cut((digest) => digest.includes(hex), 'the middle');
  }
  return targets;
}

/** Each byte written by itself, without care for zeros or signs. */
function byteByByte(hex: string, mistakes: Mistake[]): Target[] {
  const one = (write: (byte: number) => string, mistake: Mistake): Target => ({
    algorithm: 'sha256',
    matches: (digest) => Array.from(Buffer.from(digest, 'hex'), write).join('') === hex,
    mistakes: [...mistakes, mistake],
  });
  const targets: Target[] = [];
  const unpadded = (byte: number) => byte.toString(16);
  if (hex.length < 64 && hex.length >= 40)
    targets.push(
      one(unpadded, {
        code: 'digest_zeros_lost',
        what: 'the digest with each byte written without its leading zero',
      }),
    );
  if (hex.length > 64) {
    const signed = (write: (byte: number) => string) => (byte: number) =>
      (byte > 127 ? 'ffffff' : '') + write(byte);
    const mistake: Mistake = {
      code: 'digest_written',
      what: 'its bytes taken for signed numbers, ffffff before each from 80 on',
    };
    targets.push(
      one(signed(unpadded), mistake),
      one(
        signed((byte) => byte.toString(16).padStart(2, '0')),
        mistake,
      ),
    );
  }
  return targets;
}

/** `mac.Sum(message)` of Go appends the digest to its argument, and hashes nothing of it. */
function sums(given: string, messages: readonly Uint8Array[]): Target[] {
  const value = given.replace(/^v1=/, '');
  const base64 = /^[A-Za-z0-9+/]{64,}={0,2}$/.test(value) && !/^[0-9a-f]+$/i.test(value);
  const hex = base64 ? Buffer.from(value, 'base64').toString('hex') : value.toLowerCase();
  const before = hex.slice(0, -64);
  if (before === '' || !messages.some((message) => Buffer.from(message).toString('hex') === before))
    return [];
  const digest = hex.slice(-64);
  const encoded: Mistake[] = base64 ? [{ code: 'digest_base64', what: 'the digest as base64' }] : [];
  const sum: Mistake = {
    code: 'digest_sum',
    what: "what Go's mac.Sum(message) returns: the message itself and then the HMAC of nothing",
  };
  return [
    { algorithm: 'sha256', matches: (made) => made === digest, sum: true, mistakes: [...encoded, sum] },
  ];
}
