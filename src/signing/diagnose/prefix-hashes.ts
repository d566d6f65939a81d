import { createHash, type Hash } from 'node:crypto';

const BLOCK = 64;
/** Every prefix is tried up to this length. */
const EVERY_PREFIX = 16 * 1024;
/** Beyond it, multiples of these and one byte less: what buffers, limits and TCP segments usually hold. */
const USUAL_SIZES = [1000, 1024, 1448, 1460];
/** Prefixes between two looks at the clock. */
const BATCH = 256;

/**
 * The length of the prefix of the body whose HMAC-SHA-256, with `before` in front, `matches`: every length to
 * 16 KiB, then the usual ones and one byte less. Neither nothing nor all of the body: these are mistakes of their
 * own, or none. Yields now and then, so that the caller can look at its clock; `null` when there is none.
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
  for (let length = 1; length < body.length; length++) {
    if (length > EVERY_PREFIX && !USUAL_SIZES.some((size) => (length + 1) % size < 2)) continue;
    running.update(body.subarray(done, length));
    done = length;
    if (matches(outer.copy().update(running.copy().digest()).digest('hex'))) return length;
    if (length % BATCH === 0) yield;
  }
  return null;
}

function startHash(key: Buffer, pad: number): Hash {
  const block = Buffer.alloc(BLOCK, pad);
  const short = key.length > BLOCK ? createHash('sha256').update(key).digest() : key;
  for (const [index, byte] of short.entries()) block[index] = byte ^ pad;
  return createHash('sha256').update(block);
}
