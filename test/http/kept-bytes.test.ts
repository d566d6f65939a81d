import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { KeptBytes } from '../../src/transport/kept-bytes.ts';

test('what comes in pieces is kept in their order, up to the limit', () => {
  const sent = randomBytes(10_000);
  for (const size of [1, 7, 1023, 4096, 10_000]) {
    const kept = new KeptBytes(9_001);
    for (let at = 0; at < sent.length; at += size) kept.add(sent.subarray(at, at + size));
    expect(kept.take().equals(sent.subarray(0, 9_001))).toBe(true);
  }
  expect(new KeptBytes(5).take()).toHaveLength(0);
});

test('it keeps no piece, and no more memory than twice what it has', () => {
  const kept = new KeptBytes(1 << 20);
  const piece = Buffer.alloc(1, 1);
  for (let n = 0; n < 100_000; n++) kept.add(piece);
  piece[0] = 2;
  expect(kept.take().every((byte) => byte === 1)).toBe(true);
  expect(kept.take().buffer.byteLength).toBeLessThanOrEqual(2 * 100_000);
});
