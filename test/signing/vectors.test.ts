import { expect, test } from 'vitest';
import { computeSignature, sign, verify } from '../../src/signing/index.ts';
import { VECTORS } from '../support/vectors.ts';

test('the vectors cover an empty body, bytes that are no text, and one MiB', () => {
  const sizes = VECTORS.map(({ bytes }) => bytes.length);
  expect(sizes).toContain(0);
  expect(sizes).toContain(1_048_576);
  expect(VECTORS.length).toBeGreaterThanOrEqual(11);
});

test.each(VECTORS)('signs and verifies: $name', ({ secret, t, v1, bytes: body }) => {
  expect(computeSignature(body, secret, t)).toBe(v1);
  expect(sign(body, secret, { timestamp: t })).toBe(`t=${t},v1=${v1}`);
  // A plain Uint8Array that is a window on a larger buffer holds the same bytes.
  const wide = new Uint8Array(body.length + 2);
  wide.set(body, 1);
  expect(computeSignature(wide.subarray(1, body.length + 1), secret, t)).toBe(v1);
  const header = `t=${t},v1=${v1}`;
  expect(verify({ body, header, secret, now: t })).toEqual({
    valid: true,
    timestamp: t,
    age: 0,
    secretIndex: 0,
  });
  const longer = Buffer.concat([body, Buffer.from(' ')]);
  expect(verify({ body: longer, header, secret, now: t })).toMatchObject({
    valid: false,
    reason: 'mismatch',
  });
  expect(verify({ body, header, secret: `${secret} `, now: t })).toMatchObject({ reason: 'mismatch' });
});
