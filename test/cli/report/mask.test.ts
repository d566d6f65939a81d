import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMasker } from '../../../src/cli/report/mask.ts';

/** Each name by a pattern of its own, the longest first. */
function maskSlowly(names: string[], text: string): string {
  return [...names]
    .sort((a, b) => b.length - a.length)
    .reduce((masked, name) => {
      const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const before = /^[\p{L}\p{N}]/u.test(name) ? '(?<![\\p{L}\\p{N}])' : '';
      return masked.replaceAll(new RegExp(`${before}${quoted}(?![\\p{L}\\p{N}])`, 'giu'), '[name]');
    }, text);
}

function learn(names: string[]) {
  const masker = createMasker();
  masker.learn(Buffer.from(JSON.stringify(names.map((name) => ({ name })))));
  return masker;
}

test('the names of a body are hidden in any text, and no part of another word', () => {
  // A name that is part of another would be looked for in what the other left, which says nothing new.
  const word = fc.constantFrom(
    'Jan',
    'Zoë',
    "'t Hooft",
    'van der Berg',
    'O’Brien',
    '👩 Li',
    'Anna-Lena',
    'Łuk',
  );
  const between = fc.constantFrom(' ', ', ', '-', '', 'x', 'ë', '1', '👩', "'", '\n');
  const text = fc.array(fc.tuple(fc.oneof(word, fc.constantFrom('JAN', 'zoë', 'Berg', 'li')), between));
  fc.assert(
    fc.property(fc.uniqueArray(word), text, (names, parts) => {
      const said = parts.flat().join('');
      expect(learn(names).text(said)).toBe(maskSlowly(names, said));
    }),
    {
      examples: [
        [
          ['👩 Li', 'Anna-Lena'],
          [
            ['Anna-Lena', ''],
            ['👩 Li', 'x👩 Li'],
          ],
        ],
      ],
      numRuns: 300,
    },
  );
});

test.each([
  ['that begin alike', 'Jan '],
  ['that do not', 'Jan'],
])('many names %s, and as many texts to look for them in', (_, start) => {
  const names = Array.from({ length: 100_000 }, (_, index) => `${start}${index}`);
  const body = Object.fromEntries(names.map((name) => [`of ${name}`, name]));
  const masked = learn(names).body(Buffer.from(JSON.stringify(body)));
  expect(Object.keys(JSON.parse(masked))).toEqual(['of [name]']);
});

test('an outgoing event with as deep a field as there can be is masked like any other', () => {
  const deep = `${'['.repeat(127)}${']'.repeat(127)}`;
  const body = Buffer.from(
    `{"event":"candidate.created","data":{"headline":"Nurse in Utrecht","deep":${deep}}}`,
  );
  expect(createMasker().body(body)).not.toContain('Nurse');
});
