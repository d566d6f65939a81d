import { unicodeEscape } from './text-escapes.ts';
import { type BodyVariant, type Row, variants } from './types.ts';

/** Of larger bodies only the usual replacements for what a character set lacks are tried. */
const LARGE = 64 * 1024;

const from = (first: number) =>
  Array.from({ length: 0x100 - first }, (_none, at) => String.fromCharCode(first + at)).join('');

/** Character sets of single bytes: what stands at 0x80 and beyond. Where Windows-1252 has holes, decoders differ. */
const LATIN1 = from(0x80);
const WINDOWS = `€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ${from(0xa0)}`;
const LATIN9 = LATIN1.replace(/[¤¦¨´¸¼½¾]/g, (one) => '€ŠšŽžŒœŸ'.charAt('¤¦¨´¸¼½¾'.indexOf(one)));
const SETS = { ASCII: '', 'Latin-1': LATIN1, 'Windows-1252': WINDOWS, 'ISO 8859-15': LATIN9 };
const HOLES = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

const point = (character: string) => character.codePointAt(0)!;
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** What stands for a character that a set lacks; the usual ones first. */
// biome-ignore format: a table, a row a line
const MISSING: [what: string, replace: (character: string) => string][] = [
  ['with ? for what it lacks', () => '?'],
  ['without what it lacks', () => ''],
  ['with ? for each half of what it lacks', (one) => '?'.repeat(one.length)],
  ['with ? for each byte of what it lacks', (one) => '?'.repeat(Buffer.byteLength(one))],
  ['with &#…; for what it lacks', (one) => `&#${point(one)};`],
  ['with \\u escapes for what it lacks', (one) => point(one) > 0xffff ? `\\U${hex(point(one), 8)}` : point(one) > 0xff ? unicodeEscape(one) : `\\x${hex(point(one), 2)}`],
];

function encode(text: string, set: string, missing: (character: string) => string): Buffer {
  const place = (character: string) => {
    const at = character.length === 1 ? set.indexOf(character) : -1;
    return at < 0 ? missing(character) : String.fromCharCode(0x80 + at);
  };
  return Buffer.from(text.replace(/[^\x00-\x7f]/gu, place), 'latin1');
}

/** A text that is encoded wrongly. */
function encodings(text: string): Row[] {
  const astral = (change: string | ((character: string) => string)) => () =>
    text.replace(/[\u{10000}-\u{10ffff}]/gu, change as string);
  const missing = text.length > LARGE ? MISSING.slice(0, 2) : MISSING;
  // biome-ignore format: a table, a row a line
  return [
    ...Object.entries(SETS).flatMap(([name, set]) =>
      missing.map(
        ([what, replace]): Row => [`the body as ${name}, ${what}`, () => encode(text, set, replace)],
      ),
    ),
    [
      "the body as Latin-1, the low byte of each unit, as Node's latin1 writes it",
      () => Buffer.from(text, 'latin1'),
    ],
    ['the body without emoji', astral('')],
    ["the body with ? for each emoji, as MySQL's utf8mb3 stores it", astral('?')],
    ["the body with ???? for each emoji, as MySQL's utf8mb3 stores it", astral('????')],
    ['the body with � for each emoji', astral('\ufffd')],
    ['the body with �� for each emoji', astral('\ufffd\ufffd')],
    ['the body with \\u escapes for emoji', astral((one) => unicodeEscape(one[0]!) + unicodeEscape(one[1]!))],
    [
      "the body up to its first emoji, as MySQL's utf8mb3 cuts it",
      () => text.split(/[\u{10000}-\u{10ffff}]/u)[0]!,
    ],
    ['the body as CESU-8, in which each half of an emoji is encoded by itself', () => cesu8(text)],
    ...['NFC', 'NFD', 'NFKC', 'NFKD'].map(
      (form): Row => [
        `the body with its characters composed otherwise (Unicode ${form})`,
        () => text.normalize(form),
      ],
    ),
    // Decoded wrongly on its way here, and repaired or never broken on the other side.
    ...Object.entries(SETS)
      .slice(1)
      .map(
        ([name, set]): Row => [
          `the body repaired: its bytes in ${name}, read as UTF-8`,
          () => encode(text, set, () => '?').toString(),
        ],
      ),
  ];
}

/** Bytes that are decoded wrongly; what comes of it is written as UTF-8 again. */
function decodings(body: Buffer): Row[] {
  const each = (map: (byte: number) => string) => () =>
    body.toString('latin1').replace(/[\x80-\xff]/g, (one) => map(one.charCodeAt(0)));
  const windows = (hole?: string) =>
    each((byte) => (HOLES.includes(byte) ? hole : undefined) ?? WINDOWS.charAt(byte - 0x80));
  const latin1 = () => body.toString('latin1');
  const decoded = (how: string) => `the body decoded as ${how} and written as UTF-8`;
  return [
    [decoded('Latin-1'), latin1],
    [decoded('Windows-1252'), windows()],
    [decoded('Windows-1252, with � for what is none'), windows('\ufffd')],
    [decoded('Windows-1252, without what is none'), windows('')],
    [
      decoded("ASCII, with � for each byte, as Java's new String(bytes) under a POSIX locale"),
      each(() => '\ufffd'),
    ],
    [
      decoded(
        "ASCII, with ? for each byte, as .NET's Encoding.ASCII and Java's getBytes() under a POSIX locale",
      ),
      each(() => '?'),
    ],
    [decoded('ASCII, without everything else'), each(() => '')],
    [
      decoded("Node's ascii, which takes the upper bit away"),
      each((byte) => String.fromCharCode(byte & 0x7f)),
    ],
    [decoded('ASCII, with \\x escapes'), each((byte) => `\\x${hex(byte, 2)}`)],
    [decoded('Latin-1 twice'), () => Buffer.from(latin1()).toString('latin1')],
    [
      'the body read and written as Windows-1252, with ? for the bytes that are none',
      () => Buffer.from(body.map((byte) => (HOLES.includes(byte) ? 0x3f : byte))),
    ],
  ];
}

function utf16(text: string): Row[] {
  const little = (marked: string) => Buffer.from(marked, 'utf16le');
  return [
    ['the body as UTF-16 (little-endian)', () => little(text)],
    ['the body as UTF-16 with a byte order mark', () => little(`\ufeff${text}`)],
    ['the body as UTF-16 (big-endian)', () => little(text).swap16()],
    ['the body as UTF-16 (big-endian) with a byte order mark', () => little(`\ufeff${text}`).swap16()],
  ];
}

function fromUtf16(body: Buffer): Row[] {
  const decode = (bytes: Buffer) => bytes.toString('utf16le').replace(/^\ufeff/, '');
  return [
    ['the body decoded as UTF-8, with � for what is none', () => body.toString('utf8')],
    ['the body decoded from UTF-16', () => (body.length % 2 > 0 ? null : decode(body))],
    [
      'the body decoded from UTF-16 (big-endian)',
      () => (body.length % 2 > 0 ? null : decode(Buffer.from(body).swap16())),
    ],
  ];
}

/** The body decoded or written with another character set. `text` is `null` where it is no UTF-8. */
export function* charsets(body: Buffer, text: string | null): Generator<BodyVariant> {
  if (text === null) yield* variants('body_charset', fromUtf16(body));
  if (text?.length !== body.length) yield* variants('body_charset', decodings(body));
  if (text === null) return;
  if (text.length !== body.length) yield* variants('body_charset', encodings(text));
  yield* variants('body_charset', utf16(text), true);
}

/** The text of valid UTF-8; `null` for anything else. */
export function asText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Node writes a lone half of a surrogate pair as U+FFFD; here each half has an encoding of its own. */
function cesu8(text: string): Buffer {
  const bytes = (unit: number) => [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)];
  const encoded = text.replace(/[\ud800-\udfff]|[^\x00-\x7f]/g, (unit) =>
    /[\ud800-\udfff]/.test(unit)
      ? String.fromCharCode(...bytes(unit.charCodeAt(0)))
      : Buffer.from(unit).toString('latin1'),
  );
  return Buffer.from(encoded, 'latin1');
}
