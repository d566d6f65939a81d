import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { computeSignature, sign, verify } from '../../src/signing/index.ts';

interface Vector {
  name: string;
  secret: string;
  t: number;
  v1: string;
  body_base64?: string;
  body?: { repeat: string; times: number };
}

// Computed with Python, not with this code.
const { vectors } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/signature-vectors.json'), 'utf8'),
) as { vectors: Vector[] };

function bodyOf({ body_base64, body }: Vector): Buffer {
  if (body_base64 !== undefined) return Buffer.from(body_base64, 'base64');
  return Buffer.alloc(body!.times, body!.repeat);
}

test('the vectors cover an empty body, bytes that are no text, and one MiB', () => {
  const sizes = vectors.map((vector) => bodyOf(vector).length);
  expect(sizes).toContain(0);
  expect(sizes).toContain(1_048_576);
  expect(vectors.length).toBeGreaterThanOrEqual(11);
});

test.each(vectors)('signs and verifies: $name', (vector) => {
  const { secret, t, v1 } = vector;
  const body = bodyOf(vector);
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
