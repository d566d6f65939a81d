import { expect, test } from 'vitest';
import { parseJsonTree } from '../../src/signing/diagnose/json-tree.ts';
import { writeJson } from '../../src/signing/diagnose/json-write.ts';
import { RECIPES } from '../../src/signing/diagnose/recipes.ts';
import { sampleOf } from '../../src/signing/diagnose/sample.ts';

/** What some serializer writes otherwise than another, or otherwise than by itself. */
const SPECIAL = [
  ...'"\\/<>&\'=+`#$%~!*()-_.:;,@{}[]|^ ',
  ...['</p>', '<b>', '&amp;', '#{x}', '#$x', '#@x', '\\n', '\\u0041', '\\"'],
  ...[
    '\x00',
    '\x01',
    '\b',
    '\t',
    '\n',
    '\x0b',
    '\f',
    '\r',
    '\r\n',
    '\x1b',
    '\x7f',
    '\x80',
    '\x85',
    '\x9f',
    '\xa0',
  ],
  ...[
    '\xad',
    'é',
    'e\u0301',
    'Ā',
    '\u1fff',
    '\u2000',
    '\u200b',
    '\u2028',
    '\u2029',
    '\u202f',
    '\u20ff',
    '\u2100',
  ],
  ...['漢', '\ud7ff', '\ufeff', '\uffff', '😀', '\ud83d', '\ude00'],
];
const WORDS = 'ten years of work in four towns '.repeat(60);

/** Which recipes write the same. */
function alike(root: NonNullable<ReturnType<typeof parseJsonTree>>) {
  const groups = new Map<string, string[]>();
  for (const { name, style } of RECIPES) {
    const text = writeJson(root, style);
    groups.set(text, [...(groups.get(text) ?? []), name]);
  }
  return [...groups.values()];
}

test.each([
  ...SPECIAL.map((one) => [JSON.stringify(one), WORDS + one + WORDS]),
  ['all of it', SPECIAL.map((one) => WORDS + one).join('')],
  ['/ and < before </', ['/', '<', '</p>', ''].join(WORDS)],
  ['blanks at its ends', `  ${WORDS}\n`],
  ['a number', '1'.repeat(4000)],
])('of a long text with %s the sample is short, and tells the same recipes apart', (_what, text) => {
  const written = JSON.stringify(text);
  // Of what is ASCII both are the same.
  for (const raw of new Set([written, written.replace(/[^\x00-\x7f]/g, escaped)])) {
    const root = parseJsonTree(`{"id":7,"note":${raw},"list":[1.50,null,""]}`)!;
    const sample = sampleOf(root);
    expect(JSON.stringify(sample).length).toBeLessThan(3000);
    expect(alike(sample)).toEqual(alike(root));
  }
});

const escaped = (one: string) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Items that somebody writes otherwise than those around them. */
const ODD = [
  ...SPECIAL.map((one) => JSON.stringify({ city: one })),
  ...SPECIAL.map((one) => JSON.stringify({ city: `Bonn ${one} Ulm` })),
  ...[
    '87.0',
    '1e3',
    '1E+2',
    '-0',
    '0.00001',
    '0.1',
    '1.50',
    '12345678901234567890',
    '9007199254740993',
    '1e400',
  ].map((number) => `{"score":${number}}`),
  ...['null', 'true', '""', '[]', '{}', '[null]', '[""]', '[{}]', '[1,2]', '{"0":1}'].map(
    (value) => `{"city":${value}}`,
  ),
  ...['12', ' a ', 'a  b', '-1.5', '.5', '+1', '1e3'].map((text) => JSON.stringify({ city: text })),
  ...[
    '2026-01-01',
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00.120Z',
    '2026-01-01T00:00:00.1234567+02:00',
  ].map((date) => JSON.stringify({ at: date })),
  ...[
    '{"z":1,"a":2}',
    '{"b":1,"1":2}',
    '{"email":1,"name":2,"id":3,"city":4,"score":5}',
    '{"Ä":1}',
    '{"a_b":1}',
  ],
];

test.each(ODD)(
  'of a list of usual items and %s the sample is short, and tells the same recipes apart',
  (odd) => {
    const items = Array.from({ length: 40 }, (_none, id) => JSON.stringify({ id, name: `Candidate ${id}` }));
    const root = parseJsonTree(`[${items.with(20, odd).join()}]`)!;
    const sample = sampleOf(root);
    expect(sample.kind === 'array' && sample.items.length).toBeLessThan(22);
    expect(alike(sample)).toEqual(alike(root));
  },
);
