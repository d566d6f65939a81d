import { MAX_HEADER_LENGTH, type ParsedHeader, parseSignatureHeader } from '../header.ts';
import type { Mistake } from './types.ts';

export type Algorithm = 'sha256' | 'sha1' | 'sha384' | 'sha512' | 'md5';

/** A digest to look for, and what is wrong with how it was written. */
export interface Target {
  algorithm: Algorithm;
  /** Lower-case hex digits that the digest begins with: all of them, or at least 16. */
  hex: string;
  mistakes: Mistake[];
}

/** A header read as generously as possible, beside what the strict reader says of it. */
export interface GivenHeader {
  text: string;
  strict: ParsedHeader;
  t: string | null;
  values: string[];
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

/** Reads a header whose syntax may be wrong: what could be `t`, and what could be a digest. */
export function readGivenHeader(header: string | null | undefined): GivenHeader {
  const text = (header ?? '').replace(/^\s*x-webhook-signature\s*:\s*/i, '');
  const strict = parseSignatureHeader(text);
  if (strict.ok) return { text, strict, t: strict.timestamp, values: strict.signatures };
  const times: string[] = [];
  const values: string[] = [];
  for (const part of text.slice(0, MAX_HEADER_LENGTH).split(/[,;&\s]+/)) {
    const bare = part.replace(/^["']|["']$/g, '');
    const [, key = '', value = ''] = /^([A-Za-z0-9_-]{1,20})[=:](.*)$/.exec(bare) ?? [];
    if (/^(t|ts|timestamp)$/i.test(key)) times.push(value.replace(/^["']|["']$/g, '').slice(0, 64));
    else if (/^(v[0-9]|s|sig|signature|hmac|digest)$/i.test(key)) values.push(value);
    else if (key !== '' && /^(hmac-?)?(sha|md)-?[0-9]+$/i.test(key)) values.push(bare);
    else if (/^[A-Za-z0-9+/_=-]{16,}$/.test(bare)) values.push(bare);
    else if (/^[0-9]{10}([0-9]{3})?$/.test(bare)) times.push(bare);
  }
  // Of several, one that can be Unix seconds of these days.
  const t = times.find((time) => /^[0-9]{10}$/.test(time)) ?? times[0] ?? null;
  return { text, strict, t, values };
}

/** Every way to read one value as a digest: hex, base64, prefixed, shortened, of another algorithm. */
export function readTargets(given: string): Target[] {
  const mistakes: Mistake[] = [];
  let value = given.trim().replace(/^["'](.*)["']$/, '$1');
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
  let hex = value;
  // .NET's BitConverter.ToString separates the bytes by hyphens, others by colons or spaces.
  const separated = /^[0-9a-f]{2}([-: ][0-9a-f]{2}){7,}$/i.test(hex);
  if (separated) hex = hex.replace(/[-: ]/g, '');
  if (/^[0-9a-f]{16,128}$/i.test(hex)) {
    const written = [...mistakes];
    if (separated || /[A-F]/.test(hex)) {
      const what = separated ? "with separators, as .NET's BitConverter.ToString does" : 'in upper case';
      written.push({ code: 'digest_uppercase', what: `the hex digits ${what}` });
    }
    targets.push(...sized(hex.toLowerCase(), written));
  }
  // 11 characters are SHORTEST hex digits.
  if (/^[A-Za-z0-9+/_-]{11,}={0,2}$/.test(value) && !/^[0-9a-f]{64}$/.test(value)) {
    const bytes = Buffer.from(value, 'base64');
    const url = /[_-]/.test(value) || (!value.endsWith('=') && bytes.length % 3 !== 0);
    const name = url ? 'base64url' : 'base64';
    const encoded: Mistake = {
      code: 'digest_base64',
      what: `the digest as ${name}`,
      details: { encoding: name },
    };
    const full = SIZES.some(([, digits]) => digits / 2 === bytes.length);
    // The last byte of a shortened value may be half of one.
    const whole = full ? bytes : bytes.subarray(0, Math.floor((value.replace(/=+$/, '').length * 6) / 8));
    targets.push(...sized(whole.toString('hex'), [...mistakes, encoded]));
    const text = bytes.toString('latin1');
    if (/^[0-9a-f]{40,128}$/i.test(text)) {
      targets.push(
        ...sized(text.toLowerCase(), [
          ...mistakes,
          {
            code: 'digest_base64',
            what: 'the hex digits encoded as base64',
            details: { encoding: 'base64 of hex' },
          },
        ]),
      );
    }
  }
  return targets.sort((a, b) => a.mistakes.length - b.mistakes.length);
}

/** A digest of its full length, or the beginning of a longer one. */
function sized(hex: string, mistakes: Mistake[]): Target[] {
  const targets: Target[] = [];
  for (const [algorithm, digits] of SIZES) {
    const other: Mistake[] =
      algorithm === 'sha256'
        ? []
        : [
            {
              code: 'algorithm',
              what: `HMAC-${LABELS[algorithm]}`,
              details: { algorithm: LABELS[algorithm] },
            },
          ];
    if (hex.length === digits) targets.push({ algorithm, hex, mistakes: [...mistakes, ...other] });
    // A shortened MD5 is nothing that anybody makes.
    else if (hex.length >= SHORTEST && hex.length < digits && algorithm !== 'md5') {
      const short: Mistake = {
        code: 'truncated_signature',
        what: `only the first ${hex.length} of ${digits} hex digits`,
        details: { digits: hex.length, of: digits },
      };
      targets.push({ algorithm, hex, mistakes: [...mistakes, ...other, short] });
    }
  }
  return targets;
}
