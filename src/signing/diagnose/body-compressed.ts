import { brotliDecompressSync, gunzipSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { Row } from './types.ts';

/** Bodies that grow beyond this when they are decompressed are left alone. */
const MAX_INFLATED = 8 * 1024 * 1024;
/** Larger bodies are not compressed to compare: each level takes tens of milliseconds. */
const MAX_DEFLATED = 64 * 1024;
const INFLATES = {
  gzip: gunzipSync,
  'zlib (deflate)': inflateSync,
  'raw deflate': inflateRawSync,
  brotli: brotliDecompressSync,
};

/** The body decompressed, where it does not look like JSON, or compressed with gzip where it is small. */
export function compressed(body: Buffer): Row[] {
  const inflated = (inflate: (typeof INFLATES)['gzip']) => {
    try {
      return inflate(body, { maxOutputLength: MAX_INFLATED });
    } catch {
      return null;
    }
  };
  const inflates = /^[{[]/.test(body.toString('latin1', 0, 1)) ? [] : Object.entries(INFLATES);
  return [
    ...inflates.map(([name, one]): Row => [`the body decompressed from ${name}`, () => inflated(one)]),
    ...(body.length <= MAX_DEFLATED ? deflated(body) : []),
  ];
}

/** Best effort: each library compresses a little differently, and each system writes its own number. */
function deflated(body: Buffer): Row[] {
  return [6, 9, 1].flatMap((level) => {
    const packed = gzipSync(body, { level });
    const hints = { 6: [0], 9: [2, 0], 1: [4, 0] }[level]!;
    return [packed[9]!, 3, 255, 0].flatMap((system) =>
      hints.map((hint): Row => {
        const copy = Buffer.from(packed);
        copy.set([hint, system], 8);
        return ['the body compressed with gzip', () => copy];
      }),
    );
  });
}
