import { stringForms } from './body-as-string.ts';
import { asText, charsets } from './body-charsets.ts';
import { deflated, inflated } from './body-compressed.ts';
import { type BodyVariant, variant } from './types.ts';

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const EMPTY = [
  '',
  '{}',
  'null',
  'undefined',
  'None',
  '""',
  "b''",
  '[]',
  '[object Object]',
  '{"type":"Buffer","data":[]}',
];

/** Other bytes that may have been hashed instead of the body, likeliest first; one mistake each. */
export function* bodyVariants(body: Buffer): Generator<BodyVariant> {
  yield* emptied();
  yield* lineEnds(body);
  const text = asText(body);
  yield* stringForms(body, text);
  yield* charsets(body, text);
  yield* inflated(body);
  yield* deflated(body);
}

/** Newlines, byte order marks and line ends: cheap, and often made on top of another mistake. */
export function* lineEnds(body: Buffer): Generator<BodyVariant> {
  const newline = (bytes: Buffer, what: string) => variant(bytes, 'body_newline', what);
  yield newline(append(body, '\n'), 'the body with a line feed added at its end');
  yield newline(append(body, '\r\n'), 'the body with CR LF added at its end');
  const end = trimmedEnd(body);
  if (body.at(-1) === 0x0a) {
    const cut = body.length - (body.at(-2) === 0x0d ? 2 : 1);
    yield newline(body.subarray(0, cut), 'the body without the line break at its end');
  }
  if (end < body.length) yield newline(body.subarray(0, end), 'the body without the whitespace at its end');
  const start = trimmedStart(body);
  if (start > 0) {
    yield newline(body.subarray(start), 'the body without the whitespace at its start');
    if (end > start)
      yield newline(body.subarray(start, end), 'the body without the whitespace at either end');
  }
  yield newline(Buffer.concat([Buffer.from('\n'), body]), 'the body with a line feed before it');
  yield newline(append(body, '\n\n'), 'the body with two line feeds added at its end');
  yield newline(append(body, '\0'), 'the body with a NUL at its end');

  if (body.subarray(0, 3).equals(BOM))
    yield variant(body.subarray(3), 'body_bom', 'the body without its byte order mark');
  else yield variant(Buffer.concat([BOM, body]), 'body_bom', 'the body with a byte order mark before it');

  if (body.includes(0x0a) || body.includes(0x0d)) {
    const text = body.toString('latin1');
    const lf = text.replace(/\r\n?/g, '\n');
    const crlf = (what: string, changed: string) =>
      variant(Buffer.from(changed, 'latin1'), 'body_crlf', what);
    yield crlf('the body with CR LF for each LF', lf.replaceAll('\n', '\r\n'));
    yield crlf('the body with LF for each CR LF', lf);
    // As `curl -d @file` sends a file.
    yield newline(
      Buffer.from(text.replace(/[\r\n]/g, ''), 'latin1'),
      'the body without any line break, as curl -d @file sends it',
    );
  }
}

function* emptied(): Generator<BodyVariant> {
  for (const text of EMPTY) {
    const what =
      text === '' ? 'an empty body' : `the text ${text} instead of the body: it was empty or no text`;
    yield variant(Buffer.from(text), 'body_empty', what);
  }
}

function append(body: Buffer, text: string): Buffer {
  return Buffer.concat([body, Buffer.from(text)]);
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
