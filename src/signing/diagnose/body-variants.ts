import { base64, decompressed, digests, doubleEncoded, hex, printed } from './body-as-string.ts';
import { asText, charsets, LARGE } from './body-charsets.ts';
import { visibleText } from './shown.ts';
import { decodeForm, ESCAPINGS, FORM_LAYERS, READ, USUAL_ESCAPINGS } from './text-escapes.ts';
import { type BodyVariant, type Row, variants } from './types.ts';

const EMPTY = [
  ...['{}', 'null', 'undefined', 'None', '""', "b''", '[]', 'nil', '<nil>', 'false', '0', 'map[]'],
  ...['<QueryDict: {}>', 'ImmutableMultiDict([])', 'Array\n(\n)\n'],
];
/** What a value becomes that is no text. */
const OBJECTS = [
  ...['Object', 'Uint8Array', 'ArrayBuffer', 'Blob', 'ReadableStream', 'Promise', 'Undefined'].map(
    (name) => `[object ${name}]`,
  ),
  ...['{"type":"Buffer","data":[]}', 'Array', 'System.Byte[]', 'System.IO.MemoryStream'],
  'System.Collections.Generic.Dictionary`2[System.String,System.Object]',
  'System.Text.Json.JsonDocument',
];
/** Names that a form gives to the field with the JSON. */
const FIELDS = ['payload', 'data', 'body', 'json', 'event', 'message'];
/** A stream that is read in pieces of these, and decoded piece by piece. */
const CHUNKS = [1024, 1448, 1460, 2048, 4096, 8192, 16_384, 32_768, 65_536];
/** Characters that are split one by one where no piece's size says which. */
const MOST_SPLITS = 400;

/** Other bytes that may have been hashed instead of the body, likeliest first; one mistake each. */
export function* bodyVariants(body: Buffer): Generator<BodyVariant> {
  const text = asText(body);
  const instead = (texts: string[], why: string) =>
    texts.map((one): Row => [`the text ${visibleText(one)} instead of the body: ${why}`, () => one]);
  yield* variants('body_empty', [['an empty body', () => ''], ...instead(EMPTY, 'it was empty or no text')]);
  yield* variants('body_bytes_repr', instead(OBJECTS, 'an object was taken for text'));
  yield* lineEnds(body);
  yield* texts(body);
  yield* variants('body_gzip', decompressed(body));
  yield* variants('body_repeated', [
    ['the body twice: it was added up a second time', () => Buffer.concat([body, body])],
    ['the body twice with a line feed between', () => Buffer.concat([body, Buffer.from('\n'), body])],
  ]);
  yield* variants('truncated_body', cutOff(body, text));
  if (text !== null && text.length < body.length) yield* variants('body_charset', inPieces(body));
  yield* variants('body_digest', digests(body));
}

/** Another character set, a string, an escape: what is done to a text that was written again as well. */
export function* texts(body: Buffer, isFew = body.length > LARGE): Generator<BodyVariant> {
  const text = asText(body);
  if (text !== null) yield* variants('body_double_encoded', doubleEncoded(text));
  yield* variants('body_bytes_repr', printed(body, text));
  yield* variants('body_base64', [...base64(body), ...hex(body)]);
  yield* variants('body_charset', charsets(body, text, isFew));
  if (text !== null) yield* variants('body_escaped', escaped(text, isFew));
}

/** What holds `t` and the dot as well: the whole message went through the step. */
export function* wholeVariants(message: Buffer): Generator<BodyVariant> {
  for (const { make, mistakes } of texts(message)) {
    const what = mistakes[0]!.what.replaceAll('the body', 't, the dot and the body together');
    yield { make, mistakes: [{ code: mistakes[0]!.code, what }] };
  }
}

/** Newlines, byte order marks and line ends: cheap, and often made on top of another mistake. */
export function* lineEnds(body: Buffer): Generator<BodyVariant> {
  const isInk = (byte: number) => byte !== 0x20 && (byte < 9 || byte > 13);
  const start = body.findIndex(isInk);
  const end = body.findLastIndex(isInk) + 1;
  const lineBreak = body.at(-1) !== 0x0a ? 0 : body.at(-2) === 0x0d ? 2 : 1;
  const part = (from: number, to: number) => () =>
    from < 0 || to === 0 || to - from === body.length ? null : body.subarray(from, to);
  const around = (before: string, after: string) => () =>
    Buffer.concat([Buffer.from(before), body, Buffer.from(after)]);
  // biome-ignore format: a table, siblings on a line
  yield* variants('body_newline', [
    ['the body with a line feed added at its end', around('', '\n')], ['the body with CR LF added at its end', around('', '\r\n')],
    ['the body without the line break at its end', part(0, body.length - lineBreak)], ['the body without the whitespace at its end', part(0, end)],
    ['the body without the whitespace at its start', part(start, body.length)], ['the body without the whitespace at either end', part(start, end)],
    ['the body with a line feed before it', around('\n', '')], ['the body with two line feeds added at its end', around('', '\n\n')],
    ['the body with a space added at its end', around('', ' ')], ['the body with a NUL at its end', around('', '\0')],
  ]);
  const isMarked = body.subarray(0, 3).equals(Buffer.from('\ufeff'));
  yield* variants('body_bom', [
    isMarked
      ? ['the body without its byte order mark', part(3, body.length)]
      : ['the body with a byte order mark before it', around('\ufeff', '')],
  ]);
  if (!body.includes(0x0a) && !body.includes(0x0d)) return;
  const replaced = (pattern: RegExp, by: string) => () =>
    Buffer.from(body.toString('latin1').replace(pattern, by), 'latin1');
  yield* variants('body_crlf', [
    ['the body with CR LF for each LF', replaced(/\r\n?|\n/g, '\r\n')],
    ['the body with LF for each CR LF', replaced(/\r\n?/g, '\n')],
  ]);
  yield* variants('body_newline', [
    ['the body without any line break, as curl -d @file sends it', replaced(/[\r\n]/g, '')],
    ['the body with a space for each line break', replaced(/\r\n?|\n/g, ' ')],
    ['the body with its lines trimmed and joined', replaced(/\s*[\r\n]\s*/g, '')],
  ]);
}

/** Forms, pages and addresses: the same layers that a secret goes through. */
function escaped(text: string, few: boolean): Row[] {
  const field = /^[A-Za-z_][\w.-]{0,40}=/.exec(text)?.[0] ?? '';
  const value = text.slice(field.length).replace(/&.*$/s, '');
  const forms: typeof FORM_LAYERS = [['unencoded', (plain) => plain], ...FORM_LAYERS];
  const rows: Row[] = [
    [`the decoded value of the form's field ${field}`, () => decodeForm(value)],
    [`the value of the form's field ${field}, not decoded`, () => value],
  ];
  return [
    ...ESCAPINGS.slice(0, few ? USUAL_ESCAPINGS : undefined).map(
      ([what, apply]): Row => [`the body ${what}`, () => apply(text)],
    ),
    ...forms.slice(0, few ? 4 : undefined).flatMap(([what, encode]) =>
      FIELDS.slice(0, few ? 1 : undefined).map((name): Row => {
        return [`the body as the field ${name}= of a form, ${what}`, () => `${name}=${encode(text)}`];
      }),
    ),
    ...(field === '' ? [] : rows),
    [
      'the body as echo of sh (dash) prints it: escapes read, a line feed behind',
      () => `${READ.dash(text)}\n`,
    ],
    ['the body as echo -e of bash prints it: escapes read, a line feed behind', () => `${READ.bash(text)}\n`],
    ["the body decoded as Python's unicode_escape", () => READ.python(Buffer.from(text).toString('latin1'))],
  ];
}

/** Text that somebody tidied up; what a serializer does as well is looked for before. */
export function edited(text: string): Generator<BodyVariant> {
  const replaced = (pattern: RegExp, by: string) => () => text.replace(pattern, by);
  // biome-ignore format: a table, siblings on a line
  return variants('body_edited', [
    ['the body without any whitespace, that in its strings included', replaced(/\s/g, '')], ['the body without any space, those in its strings included', replaced(/ /g, '')],
    ['the body with its whitespace collapsed', replaced(/\s+/g, ' ')], ['the body without what looks like HTML tags', replaced(/<\/?[a-zA-Z!][^>]*>/g, '')],
    ['the body with / for each \\/', replaced(/\\\//g, '/')], ['the body without control characters', replaced(/[\x00-\x1f\x7f]/g, '')],
    ['the body without \\n, \\r and \\t', replaced(/\\[nrt]/g, '')], ["the body with '' for each single quote, as SQL has it", replaced(/'/g, "''")],
    ['the body with single quotes for double ones', replaced(/"/g, "'")], ['the body with double quotes for single ones', replaced(/'/g, '"')],
    ['the body in lower case', () => text.toLowerCase()], ['the body in upper case', () => text.toUpperCase()],
    ['the body without its first and last character', () => text.slice(1, -1)],
  ]);
}

/** Read in pieces, of which some are missing, or counted wrongly. */
function cutOff(body: Buffer, text: string | null): Row[] {
  const counted = text === null || text.length === body.length ? [] : [text.length, [...text].length];
  const less = (size: number): Row => [`the body without its first ${size} bytes`, () => body.subarray(size)];
  return [
    ...counted.map((count): Row => {
      const what = `only the first ${count} of ${body.length} bytes: characters were counted, not bytes`;
      return [what, () => body.subarray(0, count)];
    }),
    ...Array.from({ length: 16 }, (_none, index) => less(index + 1)),
    ...CHUNKS.filter((size) => size < body.length).flatMap((size): Row[] => {
      const what = `only the last piece of the body, read ${size} bytes at a time`;
      return [[what, () => body.subarray(-(body.length % size || size))], less(size)];
    }),
  ];
}

/** Decoded piece by piece: a character that was split becomes several �. */
function inPieces(body: Buffer): Row[] {
  const decoded = (what: string, ends: number[]): Row => [
    `the body decoded piece by piece${what} was split`,
    () => [...ends, body.length].map((end, at) => body.toString('utf8', ends[at - 1] ?? 0, end)).join(''),
  ];
  const usual = CHUNKS.filter((size) => size < body.length).map((size) => {
    const ends = Array.from({ length: body.length / size }, (_none, at) => (at + 1) * size);
    return decoded(`, ${size} bytes each: a character`, ends);
  });
  // A byte that goes on with a character: a piece may end before it.
  const inside = body.length > LARGE ? [] : [...body.keys()].filter((at) => (body[at]! & 0xc0) === 0x80);
  return [
    ...usual,
    ...inside.slice(0, MOST_SPLITS).map((at) => decoded(`: the character that byte ${at} is part of`, [at])),
  ];
}
