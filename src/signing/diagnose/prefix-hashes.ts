import { createHash, createHmac } from 'node:crypto';

/**
 * SHA-256 (FIPS 180-4) on whole blocks, in JavaScript: for the HMAC of each of 65,536 prefixes a hash
 * object of node:crypto per prefix costs about ten times as much. What is found here is computed again
 * with node:crypto before it counts.
 */

const BLOCK = 64;
/** Every prefix is tried up to this length. */
const EVERY_PREFIX = 65_536;

const INITIAL = new Int32Array(8);
const ROUNDS = new Int32Array(64);
for (let candidate = 2, found = 0; found < 64; candidate++) {
  let prime = true;
  for (let divisor = 2; divisor * divisor <= candidate; divisor++)
    if (candidate % divisor === 0) prime = false;
  if (!prime) continue;
  // The first 32 bits of the fraction of the square and cube roots of the primes.
  if (found < 8) INITIAL[found] = (Math.sqrt(candidate) % 1) * 2 ** 32;
  ROUNDS[found++] = (Math.cbrt(candidate) % 1) * 2 ** 32;
}

const schedule = new Int32Array(64);

function compress(state: Int32Array, bytes: Uint8Array, offset: number): void {
  const w = schedule;
  for (let i = 0, at = offset; i < 16; i++, at += 4) {
    w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let i = 16; i < 64; i++) {
    const a = w[i - 15]!;
    const b = w[i - 2]!;
    const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i]! + w[i]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
  state[4] = (state[4]! + e) | 0;
  state[5] = (state[5]! + f) | 0;
  state[6] = (state[6]! + g) | 0;
  state[7] = (state[7]! + h) | 0;
}

/** The state after the key's pad, which HMAC (RFC 2104) begins both hashes with. */
function padded(key: Buffer, pad: number): Int32Array {
  const short = key.length > BLOCK ? createHash('sha256').update(key).digest() : key;
  const block = new Uint8Array(BLOCK).fill(pad);
  for (let i = 0; i < short.length; i++) block[i] = short[i]! ^ pad;
  const state = INITIAL.slice();
  compress(state, block, 0);
  return state;
}

/**
 * The length of the prefix of the body whose HMAC, with `before` in front, begins with the hex digits
 * `wanted`: every length below 64 KiB, then the sizes that buffers and limits usually have. Yields now and
 * then, so that the caller can look at its clock; `null` when there is none.
 */
export function* findPrefix(
  key: Buffer,
  before: string,
  body: Buffer,
  wanted: string,
): Generator<undefined, number | null> {
  const start = Number.parseInt(wanted.slice(0, 8), 16) | 0;
  const confirmed = (length: number) => {
    const hex = createHmac('sha256', key).update(before).update(body.subarray(0, length)).digest('hex');
    return hex.startsWith(wanted);
  };
  const inner = padded(key, 0x36);
  const outer = padded(key, 0x5c);
  const head = Buffer.from(before);
  const limit = Math.min(body.length, EVERY_PREFIX);
  const message = Buffer.concat([head, body.subarray(0, limit)]);
  const tail = new Uint8Array(2 * BLOCK);
  const last = new Uint8Array(BLOCK);
  last[32] = 0x80;
  // The outer hash covers the key's pad and the 32 bytes of the inner one.
  writeLength(last, BLOCK, BLOCK + 32);
  const state = new Int32Array(8);
  let done = 0;
  // Not the empty prefix: an empty body is a mistake of its own.
  for (let length = head.length + 1; length < head.length + limit; length++) {
    while (length - done >= BLOCK) {
      compress(inner, message, done);
      done += BLOCK;
    }
    const rest = length - done;
    tail.fill(0);
    tail.set(message.subarray(done, length));
    tail[rest] = 0x80;
    const size = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    writeLength(tail, size, BLOCK + length);
    state.set(inner);
    compress(state, tail, 0);
    if (size > BLOCK) compress(state, tail, BLOCK);
    for (let i = 0; i < 8; i++) {
      const word = state[i]!;
      last[i * 4] = word >>> 24;
      last[i * 4 + 1] = word >>> 16;
      last[i * 4 + 2] = word >>> 8;
      last[i * 4 + 3] = word;
    }
    state.set(outer);
    compress(state, last, 0);
    if (state[0] === start && confirmed(length - head.length)) return length - head.length;
    if (length % 1024 === 0) yield;
  }
  if (body.length <= EVERY_PREFIX) return null;
  return yield* findUsualPrefix(key, before, body, wanted, confirmed);
}

/** Beyond 64 KiB: multiples of 1,000 and 1,024 and of a TCP segment, and one less. */
function* findUsualPrefix(
  key: Buffer,
  before: string,
  body: Buffer,
  wanted: string,
  confirmed: (length: number) => boolean,
): Generator<undefined, number | null> {
  const lengths = new Set<number>();
  for (const size of [1000, 1024, 1448, 1460]) {
    for (let length = EVERY_PREFIX; length < body.length; length += size) {
      const round = Math.ceil(length / size) * size;
      for (const one of [round, round - 1]) if (one >= EVERY_PREFIX && one < body.length) lengths.add(one);
    }
  }
  const sorted = [...lengths].sort((a, b) => a - b);
  const short = key.length > BLOCK ? createHash('sha256').update(key).digest() : key;
  const pad = (value: number) => {
    const block = Buffer.alloc(BLOCK, value);
    for (let i = 0; i < short.length; i++) block[i] = short[i]! ^ value;
    return block;
  };
  const outer = createHash('sha256').update(pad(0x5c));
  const running = createHash('sha256').update(pad(0x36)).update(before);
  let done = 0;
  for (const [index, length] of sorted.entries()) {
    running.update(body.subarray(done, length));
    done = length;
    const hex = outer.copy().update(running.copy().digest()).digest('hex');
    if (hex.startsWith(wanted) && confirmed(length)) return length;
    if (index % 100 === 0) yield;
  }
  return null;
}

/** The length in bits as 64 bits at the end of the last block. */
function writeLength(block: Uint8Array, end: number, bytes: number): void {
  const bits = bytes * 8;
  block[end - 4] = bits >>> 24;
  block[end - 3] = bits >>> 16;
  block[end - 2] = bits >>> 8;
  block[end - 1] = bits;
}
