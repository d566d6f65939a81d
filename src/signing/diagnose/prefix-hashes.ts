import { createHash, type Hash } from 'node:crypto';

const BLOCK = 64;
/** Every prefix is tried up to this length. */
const EVERY_PREFIX = 16 * 1024;
/** Beyond it, multiples of these and one byte less: what buffers, limits and TCP segments usually hold. */
const USUAL_SIZES = [1000, 1024, 1448, 1460];
/** Prefixes between two looks at the clock. */
const BATCH = 256;

/**
 * The length of the prefix of the body whose HMAC-SHA-256, with `before` in front, `matches`: every length to 16 KiB, then the usual ones and one byte less. Yields now and then, so that the
 * caller can look at its clock; `null` when there is none.
 */
export function* findPrefix(
  key: Buffer,
  before: string,
  body: Buffer,
  matches: (hex: string) => boolean,
): Generator<undefined, number | null> {
  // An HMAC (RFC 2104) from its two hashes: an object of createHmac cannot be copied, and a prefix would be hashed
  // from its beginning each time.
  const running = startHash(key, 0x36).update(before);
  const outer = startHash(key, 0x5c);
  let done = 0;
  let count = 0;
  for (const length of prefixLengths(body.length)) {
    running.update(body.subarray(done, length));
    done = length;
    if (matches(outer.copy().update(running.copy().digest()).digest('hex'))) return length;
    if (++count % BATCH === 0) yield;
  }
  return null;
}

function startHash(key: Buffer, pad: number): Hash {
  const block = Buffer.alloc(BLOCK, pad);
  const short = key.length > BLOCK ? createHash('sha256').update(key).digest() : key;
  for (const [index, byte] of short.entries()) block[index] = byte ^ pad;
  return createHash('sha256').update(block);
}

/** Ascending. Neither nothing nor all of the body: these are mistakes of their own, or none. */
function prefixLengths(size: number): Iterable<number> {
  const every = Array.from({ length: Math.min(size - 1, EVERY_PREFIX) }, (_, index) => index + 1);
  const usual = new Set<number>();
  for (const step of USUAL_SIZES) {
    for (let round = step; round <= size; round += step) {
      for (const length of [round - 1, round]) if (length > EVERY_PREFIX && length < size) usual.add(length);
    }
  }
  return [...every, ...[...usual].sort((a, b) => a - b)];
}
