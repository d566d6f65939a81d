import { brotliDecompressSync, gunzipSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { type BodyVariant, variant } from './types.ts';

/** Bodies that grow beyond this when they are decompressed are left alone. */
const MAX_INFLATED = 8 * 1024 * 1024;

/** Larger bodies are not compressed to compare: each level takes tens of milliseconds. */
const MAX_DEFLATED = 64 * 1024;

/** The body decompressed, where it looks as if it were compressed. */
export function* inflated(body: Buffer): Generator<BodyVariant> {
  const gzip = (bytes: Buffer, what: string) => variant(() => bytes, 'body_gzip', what);
  for (const [name, inflate] of [
    ['gzip', gunzipSync],
    ['zlib (deflate)', inflateSync],
    ['raw deflate', inflateRawSync],
    ['brotli', brotliDecompressSync],
  ] as const) {
    // gzip and zlib say so in their first bytes; brotli and raw deflate do not, and JSON is neither.
    if (name === 'gzip' && !(body[0] === 0x1f && body[1] === 0x8b)) continue;
    if (name === 'zlib (deflate)' && (body[0] !== 0x78 || ((body[0]! << 8) | body[1]!) % 31 !== 0)) continue;
    if (body[0] === 0x7b || body[0] === 0x5b) break;
    try {
      const out = inflate(body, { maxOutputLength: MAX_INFLATED });
      yield gzip(out, `the body decompressed from ${name}`);
    } catch {}
  }
}

/** The body compressed with gzip, up to 64 KiB. */
export function* deflated(body: Buffer): Generator<BodyVariant> {
  if (body.length > MAX_DEFLATED) return;
  // Best effort: each library compresses a little differently.
  for (const level of [6, 9, 1]) {
    const packed = gzipSync(body, { level });
    for (const system of [packed[9]!, 3, 255, 0]) {
      for (const hint of level === 9 ? [2, 0] : level === 1 ? [4, 0] : [0]) {
        const copy = Buffer.from(packed);
        copy[8] = hint;
        copy[9] = system;
        yield variant(() => copy, 'body_gzip', 'the body compressed with gzip');
      }
    }
  }
}
