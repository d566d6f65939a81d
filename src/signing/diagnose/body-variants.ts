import { createHash } from 'node:crypto';
import { stringForms } from './body-as-string.ts';
import { asText, charsets } from './body-charsets.ts';
import { deflated, inflated } from './body-compressed.ts';
import {
  BACKSLASHES,
  decodeBackslashes,
  decodeHtml,
  decodePercent,
  ENTITIES,
  PERCENT,
} from './text-escapes.ts';
import { type BodyVariant, variant } from './types.ts';

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
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
/** Characters that are split one by one where no piece's size says which, in bodies up to this size. */
const MOST_SPLITS = 400;
const LARGE = 64 * 1024;
const PLAIN = { what: 'unencoded', encode: (text: string) => text };

/** Other bytes that may have been hashed instead of the body, likeliest first; one mistake each. */
export function* bodyVariants(body: Buffer): Generator<BodyVariant> {
  yield* emptied();
  yield* lineEnds(body);
  const text = asText(body);
  yield* stringForms(body, text);
  yield* charsets(body, text);
  if (text !== null) {
    yield* escaped(text);
  }
  yield* inflated(body);
  yield* deflated(body);
  yield* pieces(body, text);
  for (const algorithm of ['sha256', 'md5', 'sha1'] as const)
    for (const form of ['hex', 'base64'] as const)
      yield variant(
        () => createHash(algorithm).update(body).digest(form),
        'body_digest',
        `the ${algorithm.toUpperCase().replace('A', 'A-').replace('MD', 'MD')} of the body in ${form} instead of the body`,
      );
}

/** Newlines, byte order marks and line ends: cheap, and often made on top of another mistake. */
export function* lineEnds(body: Buffer): Generator<BodyVariant> {
  const newline = (make: () => Uint8Array, what: string) => variant(make, 'body_newline', what);
  const added = (end: string, what: string) => newline(() => Buffer.concat([body, Buffer.from(end)]), what);
  yield added('\n', 'the body with a line feed added at its end');
  yield added('\r\n', 'the body with CR LF added at its end');
  const end = trimmedEnd(body);
  if (body.at(-1) === 0x0a) {
    const cut = body.length - (body.at(-2) === 0x0d ? 2 : 1);
    yield newline(() => body.subarray(0, cut), 'the body without the line break at its end');
  }
  if (end < body.length)
    yield newline(() => body.subarray(0, end), 'the body without the whitespace at its end');
  const start = trimmedStart(body);
  if (start > 0) {
    yield newline(() => body.subarray(start), 'the body without the whitespace at its start');
    if (end > start)
      yield newline(() => body.subarray(start, end), 'the body without the whitespace at either end');
  }
  yield newline(() => Buffer.concat([Buffer.from('\n'), body]), 'the body with a line feed before it');
  yield added('\n\n', 'the body with two line feeds added at its end');
  yield added(' ', 'the body with a space added at its end');
  yield added('\0', 'the body with a NUL at its end');

  if (body.subarray(0, 3).equals(BOM))
    yield variant(() => body.subarray(3), 'body_bom', 'the body without its byte order mark');
  else
    yield variant(() => Buffer.concat([BOM, body]), 'body_bom', 'the body with a byte order mark before it');

  if (body.includes(0x0a) || body.includes(0x0d)) {
    const text = body.toString('latin1');
    const lf = text.replace(/\r\n?/g, '\n');
    const changed = (code: 'body_crlf' | 'body_newline', to: string, what: string) =>
      variant(() => Buffer.from(to, 'latin1'), code, what);
    yield changed('body_crlf', lf.replaceAll('\n', '\r\n'), 'the body with CR LF for each LF');
    yield changed('body_crlf', lf, 'the body with LF for each CR LF');
    // As `curl -d @file` sends a file.
    yield changed(
      'body_newline',
      text.replace(/[\r\n]/g, ''),
      'the body without any line break, as curl -d @file sends it',
    );
  }
}

function* emptied(): Generator<BodyVariant> {
  for (const text of EMPTY) {
    const what =
      text === '' ? 'an empty body' : `the text ${text} instead of the body: it was empty or no text`;
    yield variant(() => text, 'body_empty', what);
  }
  for (const text of OBJECTS)
    yield variant(
      () => text,
      'body_bytes_repr',
      `the text ${text} instead of the body: an object was taken for text`,
    );
}

/** Forms, pages and addresses: the same layers that a secret goes through; of a large body the usual ones alone. */
function* escaped(text: string): Generator<BodyVariant> {
  const one = (make: () => string, what: string) => variant(make, 'body_escaped', what, true);
  const few = text.length > LARGE;
  const forms = few ? PERCENT.slice(0, 3) : PERCENT;
  const fields = few ? FIELDS.slice(0, 1) : FIELDS;
  for (const { what, encode } of [...forms, ...(few ? ENTITIES.slice(0, 3) : ENTITIES)])
    yield one(() => encode(text), `the body escaped, as ${what}`);
  for (const { what, encode } of few ? [] : BACKSLASHES)
    yield one(() => encode(text), `the body with ${what}`);
  for (const { what, encode } of [PLAIN, ...forms.slice(0, 7)])
    for (const field of fields)
      yield one(() => `${field}=${encode(text)}`, `the body as the field ${field}= of a form, ${what}`);
  yield one(() => decodePercent(text), 'the body with its %XX decoded');
  yield one(() => decodePercent(text.replaceAll('+', ' ')), 'the body decoded as a form is, + as a space');
  yield one(() => decodeHtml(text), 'the body with its HTML entities decoded');
  yield one(() => decodeBackslashes(text), 'the body with its \\u escapes decoded');
  const field = /^[A-Za-z_][\w.-]{0,40}=/.exec(text)?.[0];
  if (field === undefined) return;
  const value = text.slice(field.length).replace(/&.*$/s, '');
  yield one(
    () => decodePercent(value.replaceAll('+', ' ')),
    `the decoded value of the form's field ${field}`,
  );
  yield one(() => value, `the value of the form's field ${field}, not decoded`);
}

/** Text that somebody tidied up; what a serializer does as well is looked for before. */
export function* edited(text: string): Generator<BodyVariant> {
  const one = (make: () => string, what: string) => variant(make, 'body_edited', what);
  yield one(() => text.replace(/\s/g, ''), 'the body without any whitespace, that in its strings included');
  yield one(() => text.replaceAll(' ', ''), 'the body without any space, those in its strings included');
  yield one(() => text.replace(/\s+/g, ' '), 'the body with its whitespace collapsed');
  yield one(() => text.replace(/<\/?[a-zA-Z!][^>]*>/g, ''), 'the body without what looks like HTML tags');
  yield one(() => text.replaceAll('\\/', '/'), 'the body with / for each \\/');
  yield one(
    () => text.replace(/\\(.?)/gs, '$1'),
    "the body without backslashes, as PHP's stripslashes leaves it",
  );
  yield one(() => text.replace(/[\x00-\x1f\x7f]/g, ''), 'the body without control characters');
  yield one(() => text.replace(/\\[nrt]/g, ''), 'the body without \\n, \\r and \\t');
  yield one(() => text.replaceAll("'", "''"), "the body with '' for each single quote, as SQL has it");
  yield one(() => text.replaceAll('"', "'"), 'the body with single quotes for double ones');
  yield one(() => text.replaceAll("'", '"'), 'the body with double quotes for single ones');
  yield one(() => text.toLowerCase(), 'the body in lower case');
  yield one(() => text.toUpperCase(), 'the body in upper case');
  yield one(() => text.slice(1, -1), 'the body without its first and last character');
}

/** Read or decoded in pieces, or counted wrongly. */
function* pieces(body: Buffer, text: string | null): Generator<BodyVariant> {
  const twice = (what: string, between: string) =>
    variant(() => Buffer.concat([body, Buffer.from(between), body]), 'body_repeated', what);
  yield twice('the body twice: it was added up a second time', '');
  yield twice('the body twice with a line feed between', '\n');
  const part = (from: number, to: number, what: string) =>
    variant(() => body.subarray(from, to), 'truncated_body', what);
  if (text !== null && text.length < body.length) {
    yield part(
      0,
      text.length,
      `only the first ${text.length} of ${body.length} bytes: characters were counted, not bytes`,
    );
    const points = [...text].length;
    yield part(
      0,
      points,
      `only the first ${points} of ${body.length} bytes: characters were counted, not bytes`,
    );
  }
  for (let lost = 1; lost <= 16 && lost < body.length; lost++)
    yield part(lost, body.length, `the body without its first ${lost} bytes`);
  for (const size of CHUNKS) {
    if (size >= body.length) break;
    const last = body.length - (body.length % size || size);
    yield part(last, body.length, `only the last piece of the body, read ${size} bytes at a time`);
    yield part(size, body.length, `the body without its first ${size} bytes`);
  }
  if (text === null || text.length === body.length) return;
  const split = (make: () => string, what: string) => variant(make, 'body_charset', what);
  for (const size of CHUNKS) {
    if (size >= body.length) break;
    yield split(
      () => decodeInPieces(body, size),
      `the body decoded piece by piece, ${size} bytes each: a character was split`,
    );
  }
  let count = body.length > LARGE ? MOST_SPLITS : 0;
  for (let at = 1; at < body.length && count < MOST_SPLITS; at++) {
    // A byte that goes on with a character: a piece may end before it.
    if ((body[at]! & 0xc0) !== 0x80) continue;
    count++;
    yield split(
      () => body.toString('utf8', 0, at) + body.toString('utf8', at),
      `the body decoded piece by piece: the character that byte ${at} is part of was split`,
    );
  }
}

function decodeInPieces(body: Buffer, size: number): string {
  let text = '';
  for (let at = 0; at < body.length; at += size) text += body.toString('utf8', at, at + size);
  return text;
}

const isSpace = (byte: number | undefined) =>
  byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);

function trimmedEnd(body: Buffer): number {
  let end = body.length;
  while (end > 0 && isSpace(body[end - 1])) end--;
  return end;
}

function trimmedStart(body: Buffer): number {
  let start = 0;
  while (start < body.length && isSpace(body[start])) start++;
  return start;
}
