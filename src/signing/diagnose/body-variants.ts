import { createHash } from 'node:crypto';
import { stringForms } from './body-as-string.ts';
import { asText, charsets } from './body-charsets.ts';
import { compressed } from './body-compressed.ts';
import { decodeForm, ESCAPINGS, FORM_LAYERS, USUAL_ESCAPINGS } from './text-escapes.ts';
import { type BodyVariant, type Row, variants } from './types.ts';

const EMPTY = ['', '{}', 'null', 'undefined', 'None', '""', "b''", '[]', 'nil', '<nil>', 'false', '0'];
/** What a value becomes that is no text. */
const OBJECTS = [
  '[object Object]',
  '[object Uint8Array]',
  '[object ArrayBuffer]',
  '[object Blob]',
  '[object ReadableStream]',
  '[object Promise]',
  '[object Undefined]',
  '{"type":"Buffer","data":[]}',
  'Array',
  'System.Byte[]',
  'System.IO.MemoryStream',
  'System.Collections.Generic.Dictionary`2[System.String,System.Object]',
  'System.Text.Json.JsonDocument',
];
/** Names that a form gives to the field with the JSON. */
const FIELDS = ['payload', 'data', 'body', 'json', 'event', 'message'];
/** A stream that is read in pieces of these, and decoded piece by piece. */
const CHUNKS = [1024, 1448, 1460, 2048, 4096, 8192, 16_384, 32_768, 65_536];
/** Characters that are split one by one where no piece's size says which. */
const MOST_SPLITS = 400;
/** Of larger bodies the usual escapes alone are tried, and no characters split one by one. */
const LARGE = 64 * 1024;

/** Other bytes that may have been hashed instead of the body, likeliest first; one mistake each. */
export function* bodyVariants(body: Buffer): Generator<BodyVariant> {
  const text = asText(body);
  yield* variants(
    'body_empty',
    EMPTY.map((one) => [
      one === '' ? 'an empty body' : `the text ${one} instead of the body: it was empty or no text`,
      () => one,
    ]),
  );
  yield* variants(
    'body_bytes_repr',
    OBJECTS.map((one) => [`the text ${one} instead of the body: an object was taken for text`, () => one]),
  );
  yield* lineEnds(body);
  yield* stringForms(body, text);
  yield* charsets(body, text);
  if (text !== null) yield* variants('body_escaped', escaped(text), true);
  yield* compressed(body);
  yield* pieces(body, text);
  yield* variants('body_digest', digests(body));
}

/** Newlines, byte order marks and line ends: cheap, and often made on top of another mistake. */
export function* lineEnds(body: Buffer): Generator<BodyVariant> {
  const isInk = (byte: number) => byte !== 0x20 && (byte < 9 || byte > 13);
  const start = body.findIndex(isInk);
  const end = body.findLastIndex(isInk) + 1;
  const lineBreak = body.at(-1) !== 0x0a ? 0 : body.at(-2) === 0x0d ? 2 : 1;
  const part = (from: number, to: number) => () =>
    to - from === body.length ? null : body.subarray(from, to);
  const around = (before: string, after: string) => () =>
    Buffer.concat([Buffer.from(before), body, Buffer.from(after)]);
  yield* variants('body_newline', [
    ['the body with a line feed added at its end', around('', '\n')],
    ['the body with CR LF added at its end', around('', '\r\n')],
    ['the body without the line break at its end', part(0, body.length - lineBreak)],
    ['the body without the whitespace at its end', part(0, end)],
    ['the body without the whitespace at its start', start < 0 ? () => null : part(start, body.length)],
    ['the body without the whitespace at either end', start < 0 ? () => null : part(start, end)],
    ['the body with a line feed before it', around('\n', '')],
    ['the body with two line feeds added at its end', around('', '\n\n')],
    ['the body with a space added at its end', around('', ' ')],
    ['the body with a NUL at its end', around('', '\0')],
  ]);
  const isMarked = body.subarray(0, 3).equals(Buffer.from('\ufeff'));
  yield* variants('body_bom', [
    isMarked
      ? ['the body without its byte order mark', part(3, body.length)]
      : ['the body with a byte order mark before it', around('\ufeff', '')],
  ]);
  if (!body.includes(0x0a) && !body.includes(0x0d)) return;
  const written = (change: (text: string) => string) => () =>
    Buffer.from(change(body.toString('latin1')), 'latin1');
  yield* variants('body_crlf', [
    ['the body with CR LF for each LF', written((text) => text.replace(/\r\n?|\n/g, '\r\n'))],
    ['the body with LF for each CR LF', written((text) => text.replace(/\r\n?/g, '\n'))],
  ]);
  yield* variants('body_newline', [
    [
      'the body without any line break, as curl -d @file sends it',
      written((text) => text.replace(/[\r\n]/g, '')),
    ],
  ]);
}

/** Forms, pages and addresses: the same layers that a secret goes through. */
function escaped(text: string): Row[] {
  const few = text.length > LARGE;
  const field = /^[A-Za-z_][\w.-]{0,40}=/.exec(text)?.[0] ?? '';
  const value = text.slice(field.length).replace(/&.*$/s, '');
  const forms = [{ what: 'unencoded', encode: (plain: string) => plain }, ...FORM_LAYERS];
  const of = (make: (from: string) => string) => () => (field === '' ? null : make(value));
  return [
    ...ESCAPINGS.slice(0, few ? USUAL_ESCAPINGS : undefined).map(
      ([what, apply]): Row => [`the body ${what}`, () => apply(text)],
    ),
    ...forms
      .slice(0, few ? 4 : undefined)
      .flatMap(({ what, encode }) =>
        FIELDS.slice(0, few ? 1 : undefined).map(
          (name): Row => [
            `the body as the field ${name}= of a form, ${what}`,
            () => `${name}=${encode(text)}`,
          ],
        ),
      ),
    [`the decoded value of the form's field ${field}`, of(decodeForm)],
    [`the value of the form's field ${field}, not decoded`, of((from) => from)],
  ];
}

/** Text that somebody tidied up; what a serializer does as well is looked for before. */
export function edited(text: string): Generator<BodyVariant> {
  const replaced = (pattern: RegExp, by: string) => () => text.replace(pattern, by);
  return variants('body_edited', [
    ['the body without any whitespace, that in its strings included', replaced(/\s/g, '')],
    ['the body without any space, those in its strings included', replaced(/ /g, '')],
    ['the body with its whitespace collapsed', replaced(/\s+/g, ' ')],
    ['the body without what looks like HTML tags', replaced(/<\/?[a-zA-Z!][^>]*>/g, '')],
    ['the body with / for each \\/', replaced(/\\\//g, '/')],
    ['the body without control characters', replaced(/[\x00-\x1f\x7f]/g, '')],
    ['the body without \\n, \\r and \\t', replaced(/\\[nrt]/g, '')],
    ["the body with '' for each single quote, as SQL has it", replaced(/'/g, "''")],
    ['the body with single quotes for double ones', replaced(/"/g, "'")],
    ['the body with double quotes for single ones', replaced(/'/g, '"')],
    ['the body in lower case', () => text.toLowerCase()],
    ['the body in upper case', () => text.toUpperCase()],
    ['the body without its first and last character', () => text.slice(1, -1)],
  ]);
}

/** Read or decoded in pieces, or counted wrongly. */
function* pieces(body: Buffer, text: string | null): Generator<BodyVariant> {
  yield* variants('body_repeated', [
    ['the body twice: it was added up a second time', () => Buffer.concat([body, body])],
    ['the body twice with a line feed between', () => Buffer.concat([body, Buffer.from('\n'), body])],
  ]);
  const isAscii = text === null || text.length === body.length;
  const counted = isAscii ? [] : [text.length, [...text].length];
  const sizes = CHUNKS.filter((size) => size < body.length);
  yield* variants('truncated_body', [
    ...counted.map((count): Row => {
      const what = `only the first ${count} of ${body.length} bytes: characters were counted, not bytes`;
      return [what, () => body.subarray(0, count)];
    }),
    ...Array.from({ length: 16 }, (_none, index): Row => {
      return [`the body without its first ${index + 1} bytes`, () => body.subarray(index + 1)];
    }),
    ...sizes.flatMap((size): Row[] => [
      [
        `only the last piece of the body, read ${size} bytes at a time`,
        () => body.subarray(-(body.length % size || size)),
      ],
      [`the body without its first ${size} bytes`, () => body.subarray(size)],
    ]),
  ]);
  if (isAscii) return;
  yield* variants(
    'body_charset',
    sizes.map((size) => [
      `the body decoded piece by piece, ${size} bytes each: a character was split`,
      () =>
        decodeInPieces(
          body,
          Array.from({ length: body.length / size }, (_n, at) => (at + 1) * size),
        ),
    ]),
  );
  // A byte that goes on with a character: a piece may end before it.
  const inside = body.length > LARGE ? [] : [...body.keys()].filter((at) => (body[at]! & 0xc0) === 0x80);
  yield* variants(
    'body_charset',
    inside
      .slice(0, MOST_SPLITS)
      .map((at) => [
        `the body decoded piece by piece: the character that byte ${at} is part of was split`,
        () => decodeInPieces(body, [at]),
      ]),
  );
}

function decodeInPieces(body: Buffer, ends: readonly number[]): string {
  return [...ends, body.length]
    .map((end, index) => body.toString('utf8', ends[index - 1] ?? 0, end))
    .join('');
}

function digests(body: Buffer): Row[] {
  const names = { sha256: 'SHA-256', md5: 'MD5', sha1: 'SHA-1' };
  return Object.entries(names).flatMap(([algorithm, name]) =>
    (['hex', 'base64'] as const).map(
      (form): Row => [
        `the ${name} of the body in ${form} instead of the body`,
        () => createHash(algorithm).update(body).digest(form),
      ],
    ),
  );
}
