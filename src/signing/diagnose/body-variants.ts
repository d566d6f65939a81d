import { brotliDecompressSync, gunzipSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { pythonRepr } from './json-write.ts';
import type { BodyVariant, Mistake } from './types.ts';

/** Bodies that grow beyond this when they are decompressed are left alone. */
const MAX_INFLATED = 8 * 1024 * 1024;

/** Larger bodies are not compressed to compare: each level takes tens of milliseconds. */
const MAX_DEFLATED = 64 * 1024;

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
  yield* asStrings(body, text);
  yield* charsets(body, text);
  yield* inflated(body);
  if (body.length <= MAX_DEFLATED) yield* deflated(body);
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
  if (end < body.length) yield newline(body.subarray(0, end), 'the body without the white space at its end');
  const start = trimmedStart(body);
  if (start > 0) {
    yield newline(body.subarray(start), 'the body without the white space at its start');
    if (end > start)
      yield newline(body.subarray(start, end), 'the body without the white space at either end');
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

function* asStrings(body: Buffer, text: string | null): Generator<BodyVariant> {
  const inner = unquoted(text);
  if (inner !== null)
    yield variant(Buffer.from(inner), 'body_double_encoded', 'the JSON that stands in this JSON string');
  if (text !== null) {
    const json = JSON.stringify(text);
    const twice = (written: string, by: string) =>
      variant(
        Buffer.from(written),
        'body_double_encoded',
        `a JSON string that holds the body, as ${by} writes it`,
      );
    yield twice(json, 'JSON.stringify');
    yield twice(escapeNonAscii(json), "Python's json.dumps");
    yield twice(escapeNonAscii(json).replaceAll('/', '\\/'), "PHP's json_encode");
  }
  const repr = pythonBytesRepr(body);
  yield variant(Buffer.from(repr), 'body_bytes_repr', "Python's b'…' of the body, from an f-string or str()");
  yield variant(Buffer.from(repr.slice(2, -1)), 'body_bytes_repr', "Python's b'…' of the body without b''");
  const original = text === null ? null : fromPythonBytesRepr(text);
  if (original !== null)
    yield variant(original, 'body_bytes_repr', "the bytes that stand in this b'…' of Python");
  if (text !== null) {
    yield variant(Buffer.from(pythonRepr(text)), 'body_bytes_repr', "Python's repr() of the body as text");
  }
  if (body.length <= 256 * 1024) {
    yield variant(
      Buffer.from(JSON.stringify(body)),
      'body_bytes_repr',
      'JSON.stringify of the Buffer that holds the body',
    );
    yield variant(
      Buffer.from([...body].join(',')),
      'body_bytes_repr',
      'the bytes of the body as a list of numbers',
    );
  }
  yield variant(
    Buffer.from(body.toString('base64')),
    'body_base64',
    'the body encoded as base64, as AWS Lambda hands it over',
  );
  yield variant(Buffer.from(body.toString('hex')), 'body_base64', 'the body encoded as hex');
  if (text !== null && /^[A-Za-z0-9+/\r\n]+={0,2}\s*$/.test(text)) {
    yield variant(Buffer.from(text, 'base64'), 'body_base64', 'the body decoded from base64');
  }
}

function* charsets(body: Buffer, text: string | null): Generator<BodyVariant> {
  const charset = (bytes: Buffer, what: string) => variant(bytes, 'body_charset', what);
  if (text === null) {
    // What a decoder that forgives puts in for bytes that are no UTF-8.
    yield charset(Buffer.from(body.toString('utf8')), 'the body decoded as UTF-8, with � for what is none');
    yield charset(Buffer.from(body.toString('latin1')), 'the body decoded as Latin-1 and written as UTF-8');
    yield charset(Buffer.from(windows1252(body)), 'the body decoded as Windows-1252 and written as UTF-8');
    if (body.length % 2 === 0) {
      yield charset(
        Buffer.from(body.toString('utf16le').replace(/^\ufeff/, '')),
        'the body decoded from UTF-16',
      );
      yield charset(
        Buffer.from(
          Buffer.from(body)
            .swap16()
            .toString('utf16le')
            .replace(/^\ufeff/, ''),
        ),
        'the body decoded from UTF-16 (big-endian)',
      );
    }
    return;
  }
  if (/[^\x00-\x7f]/.test(text)) {
    if (!/[^\x00-\xff]/.test(text)) yield charset(Buffer.from(text, 'latin1'), 'the body as Latin-1');
    const windows = toWindows1252(text);
    if (windows !== null) yield charset(windows, 'the body as Windows-1252');
    yield charset(
      Buffer.from(text.replace(/[^\x00-\xff]/g, '?'), 'latin1'),
      'the body as Latin-1, with ? for what it lacks',
    );
    yield charset(
      Buffer.from(text.replace(/[^\x00-\x7f]/gu, '?')),
      'the body as ASCII, with ? for everything else',
    );
    yield charset(
      Buffer.from(text.replace(/[^\x00-\x7f]/gu, '')),
      'the body as ASCII, without everything else',
    );
    yield charset(Buffer.from(body.toString('latin1')), 'the body decoded as Latin-1 and written as UTF-8');
    yield charset(Buffer.from(windows1252(body)), 'the body decoded as Windows-1252 and written as UTF-8');
    const mojibake = text.normalize('NFC') === text ? text.normalize('NFD') : text.normalize('NFC');
    yield charset(Buffer.from(mojibake), 'the body with its characters composed otherwise (NFC, NFD)');
    if (!/[^\x00-\xff]/.test(text)) {
      const repaired = asText(Buffer.from(text, 'latin1'));
      if (repaired !== null)
        yield charset(Buffer.from(repaired), 'the body with its wrongly decoded characters repaired');
    }
  }
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  yield charset(little, 'the body as UTF-16 (little-endian)');
  yield charset(
    Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
    'the body as UTF-16 with a byte order mark',
  );
  yield charset(big, 'the body as UTF-16 (big-endian)');
  yield charset(
    Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
    'the body as UTF-16 (big-endian) with a byte order mark',
  );
}

function* inflated(body: Buffer): Generator<BodyVariant> {
  const gzip = (bytes: Buffer, what: string) => variant(bytes, 'body_gzip', what);
  for (const [name, inflate] of [
    ['gzip', gunzipSync],
    ['zlib (deflate)', inflateSync],
    ['raw deflate', inflateRawSync],
    ['brotli', brotliDecompressSync],
  ] as const) {
    // gzip and zlib say so in their first bytes; brotli and raw deflate do not, and JSON is neither.
    if (name === 'gzip' && !(body[0] === 0x1f && body[1] === 0x8b)) continue;
    if (name === 'zlib (deflate)' && (body[0] !== 0x78 || ((body[0]! << 8) | body[1]!) % 31 !== 0)) continue;
    if (body[0] === 0x7b || body[0] === 0x5b) break;
    try {
      yield gzip(inflate(body, { maxOutputLength: MAX_INFLATED }), `the body decompressed from ${name}`);
    } catch {}
  }
}

function* deflated(body: Buffer): Generator<BodyVariant> {
  // Best effort: each library compresses a little differently.
  for (const level of [6, 9, 1]) {
    const packed = gzipSync(body, { level });
    for (const system of [packed[9]!, 3, 255, 0]) {
      for (const hint of level === 9 ? [2, 0] : level === 1 ? [4, 0] : [0]) {
        const copy = Buffer.from(packed);
        copy[8] = hint;
        copy[9] = system;
        yield variant(copy, 'body_gzip', 'the body compressed with gzip');
      }
    }
  }
}

/** The text of valid UTF-8; `null` for anything else. */
export function asText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function variant(bytes: Uint8Array, code: Mistake['code'], what: string): BodyVariant {
  return { bytes, mistakes: [{ code, what }] };
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

function unquoted(text: string | null): string | null {
  if (text === null || !/^\s*"/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

function escapeNonAscii(text: string): string {
  return text.replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `repr(bytes)` of Python. */
function pythonBytesRepr(body: Buffer): string {
  const quote = body.includes(0x27) && !body.includes(0x22) ? '"' : "'";
  const text = body.toString('latin1').replace(/[\\\x00-\x1f\x7f-\xff'"]/g, (character) => {
    if (character === '\\') return '\\\\';
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    if (character === "'" || character === '"') return character === quote ? `\\${character}` : character;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `b${quote}${text}${quote}`;
}

function fromPythonBytesRepr(text: string): Buffer | null {
  const inner = /^b(['"])([\s\S]*)\1\s*$/.exec(text)?.[2];
  if (inner === undefined) return null;
  const raw = inner.replace(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (_all, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t' }[code] ?? code;
  });
  return Buffer.from(raw, 'latin1');
}

/** What Windows-1252 has at 0x80 to 0x9F, where Latin-1 has control characters. */
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function windows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => WINDOWS[character.charCodeAt(0) - 0x80]!);
}

function toWindows1252(text: string): Buffer | null {
  let known = true;
  const mapped = text.replace(/[^\x00-\x7f\xa0-\xff]/g, (character) => {
    const index = WINDOWS.indexOf(character);
    if (index < 0) known = false;
    return String.fromCharCode(0x80 + index);
  });
  return known && mapped !== text ? Buffer.from(mapped, 'latin1') : null;
}
