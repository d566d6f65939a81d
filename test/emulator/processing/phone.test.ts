import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizeCandidate, normalizePhone } from '../../../src/emulator/processing/stub/normalize.ts';

test.each([
  ['+31 6 12345678', '+31612345678'],
  ['+31 (0)6 - 1234 5678', '+31612345678'],
  ['0031612345678', '+31612345678'],
  ['+49 (0) 171 1234567', '+491711234567'],
  ['+1 (212) 555-0100', '+12125550100'],
  ['06-12345678', '+31612345678'],
  ['0612345678', '+31612345678'],
  ['0171 1234567', '+491711234567'],
  ['01511 1234567', '+4915111234567'],
  ['0470 12 34 56', '+32470123456'],
  ['0470/12.34.56', '+32470123456'],
])('%s is %s', (written, e164) => {
  expect(normalizePhone(written)).toBe(e164);
});

test.each([
  '06131 12345',
  '020 123 45 67',
  '030 1234567',
  '0475-123456',
  '12345',
  '+31',
  'na 17:00: 06-12345678',
  '06-12345678 (privé)',
  '',
])('%s can be read in several ways, or none, and stays', (written) => {
  expect(normalizePhone(written)).toBe(written);
});

test.each([
  ['020 123 45 67', { location: 'Amsterdam, Nederland' }, '+31201234567'],
  ['09 123 45 67', { location: 'Gent, België' }, '+3291234567'],
  ['030 1234567', { country: 'DE', location: 'Utrecht' }, '+49301234567'],
  ['030 1234567', { location: 'De Bilt' }, '030 1234567'],
])('%s with %o is %s', (phone, rest, expected) => {
  expect(normalizeCandidate({ phone, ...rest }).phone).toBe(expected);
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
