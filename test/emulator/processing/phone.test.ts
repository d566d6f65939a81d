import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizePhone } from '../../../src/emulator/processing/stub/normalize.ts';

test.each([
  ['+31 6 12345678', '+31612345678'],
  ['+31 (0)6 - 1234 5678', '+31612345678'],
  ['0031612345678', '+31612345678'],
  ['+49 (0) 171 1234567', '+491711234567'],
  ['+1 (212) 555-0100', '+12125550100'],
])('%s is %s', (written, e164) => {
  expect(normalizePhone(written)).toBe(e164);
});

test.each([
  '06-12345678',
  '0171 1234567',
  '06131 12345',
  '020 123 45 67',
  '030 1234567',
  '0475-123456',
  '12345',
  '+31',
  'na 17:00: 06-12345678',
  '06-12345678 (privé)',
  '',
])('%s names no country, and stays', (written) => {
  expect(normalizePhone(written)).toBe(written);
});

test('what comes out is E.164 or what went in, and normalizing again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'+0123456789 ()-./x') }), (written) => {
      const once = normalizePhone(written);
      expect(normalizePhone(once)).toBe(once);
      if (once !== written.replace(/\s+/g, ' ').trim()) expect(once).toMatch(/^\+[1-9]\d{7,14}$/);
    }),
    { numRuns: 2000 },
  );
});
