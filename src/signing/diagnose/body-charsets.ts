import { type BodyVariant, variant } from './types.ts';

type Encode = (text: string) => Buffer;
type Decode = (bytes: Buffer) => string;

/** What Windows-1252 has at 0x80 to 0x9F, where Latin-1 has control characters. */
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
/** Where Latin-9 is not Latin-1. */
const LATIN9: Record<string, number> = {
  '€': 0xa4,
  Š: 0xa6,
  š: 0xa8,
  Ž: 0xb4,
  ž: 0xb8,
  Œ: 0xbc,
  œ: 0xbd,
  Ÿ: 0xbe,
};

/** Where in a character set a character stands, if it is there. */
const ASCII = (character: string) => (character < '\x80' ? character.charCodeAt(0) : undefined);
const LATIN1 = (character: string) => (character <= '\xff' ? character.charCodeAt(0) : undefined);
const CP1252 = (character: string) => {
  const at = WINDOWS.indexOf(character);
  return at >= 0 ? 0x80 + at : character < '\x80' || character > '\x9f' ? LATIN1(character) : undefined;
};
const ISO15 = (character: string) =>
  LATIN9[character] ??
  (Object.values(LATIN9).includes(character.charCodeAt(0)) ? undefined : LATIN1(character));

/** A character set of single bytes, and what stands for a character that it lacks. */
const single =
  (place: (character: string) => number | undefined, missing: (character: string) => string): Encode =>
  (text) =>
    Buffer.from(
      text.replace(/[^\x00-\x7f]/gu, (character) => {
        const at = character.length === 1 ? place(character) : undefined;
        return at === undefined ? missing(character) : String.fromCharCode(at);
      }),
      'latin1',
    );
const point = (character: string) => character.codePointAt(0)!;
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

// biome-ignore format: a table, a row a line
const MISSING: [what: string, missing: (character: string) => string][] = [
  ['with ? for what it lacks', () => '?'],
  ['without what it lacks', () => ''],
  ['with ? for each half of what it lacks', (one) => '?'.repeat(one.length)],
  ['with ? for each byte of what it lacks', (one) => '?'.repeat(Buffer.byteLength(one))],
  ['with &#…; for what it lacks', (one) => `&#${point(one)};`],
  ['with \\u escapes for what it lacks', (one) => point(one) > 0xffff ? `\\U${hex(point(one), 8)}` : point(one) > 0xff ? `\\u${hex(point(one), 4)}` : `\\x${hex(point(one), 2)}`],
];
const SETS: [name: string, place: (character: string) => number | undefined][] = [
  ['ASCII', ASCII],
  ['Latin-1', LATIN1],
  ['Windows-1252', CP1252],
  ['ISO 8859-15', ISO15],
];

const ASTRAL = /[\u{10000}-\u{10ffff}]/gu;
const astral =
  (change: (character: string) => string): Encode =>
  (text) =>
    Buffer.from(text.replace(ASTRAL, change));

/** How a text is encoded wrongly. */
// biome-ignore format: a table, a row a line
const ENCODES: [what: string, encode: Encode][] = [
  ...SETS.flatMap(([name, place]) => MISSING.map(([what, missing]): [string, Encode] => [`the body as ${name}, ${what}`, single(place, missing)])),
  ["the body as Latin-1, the low byte of each unit, as Node's latin1 writes it", (text) => Buffer.from(text, 'latin1')],
  ['the body without emoji', astral(() => '')],
  ["the body with ? for each emoji, as MySQL's utf8mb3 stores it", astral(() => '?')],
  ["the body with ???? for each emoji, as MySQL's utf8mb3 stores it", astral(() => '????')],
  ['the body with � for each emoji', astral(() => '\ufffd')],
  ['the body with �� for each emoji', astral(() => '\ufffd\ufffd')],
  ['the body with \\u escapes for emoji', astral((one) => one.split('').map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`).join(''))],
  ["the body up to its first emoji, as MySQL's utf8mb3 cuts it", (text) => Buffer.from(text.split(ASTRAL)[0]!)],
  ['the body as CESU-8, in which each half of an emoji is encoded by itself', cesu8],
  ...(['NFC', 'NFD', 'NFKC', 'NFKD'] as const).map((form): [string, Encode] => [`the body with its characters composed otherwise (Unicode ${form})`, (text) => Buffer.from(text.normalize(form))]),
];

const each =
  (map: (byte: number) => string): Decode =>
  (bytes) =>
    bytes.toString('latin1').replace(/[\x80-\xff]/g, (one) => map(one.charCodeAt(0)));
const fromWindows = each((byte) => (byte < 0xa0 ? WINDOWS[byte - 0x80]! : String.fromCharCode(byte)));
const HOLES = [0x81, 0x8d, 0x8f, 0x90, 0x9d];
const holed = (other: string) =>
  each((byte) => (HOLES.includes(byte) ? other : fromWindows(Buffer.from([byte]))));

/** How bytes are decoded wrongly; what comes of it is written as UTF-8 again. */
// biome-ignore format: a table, a row a line
const DECODES: [what: string, decode: Decode][] = [
  ['as Latin-1', (bytes) => bytes.toString('latin1')],
  ['as Windows-1252', fromWindows],
  ['as Windows-1252, with � for what is none', holed('\ufffd')],
  ['as Windows-1252, without what is none', holed('')],
  ["as ASCII, with � for each byte, as Java's new String(bytes) under a POSIX locale", each(() => '\ufffd')],
  ["as ASCII, with ? for each byte, as .NET's Encoding.ASCII and Java's getBytes() under a POSIX locale", each(() => '?')],
  ['as ASCII, without everything else', each(() => '')],
  ["as Node's ascii, which takes the upper bit away", each((byte) => String.fromCharCode(byte & 0x7f))],
  ['as ASCII, with \\x escapes', each((byte) => `\\x${hex(byte, 2)}`)],
  ['as Latin-1 twice', (bytes) => Buffer.from(bytes.toString('latin1')).toString('latin1')],
];

/** The body decoded or written with another character set. `text` is `null` where it is no UTF-8. */
export function* charsets(body: Buffer, text: string | null): Generator<BodyVariant> {
  const charset = (make: () => Uint8Array | string, what: string, whole = false) =>
    variant(make, 'body_charset', what, whole);
  if (text === null)
    yield charset(() => body.toString('utf8'), 'the body decoded as UTF-8, with � for what is none');
  if (text === null || text.length !== body.length) {
    for (const [what, decode] of DECODES)
      yield charset(() => decode(body), `the body decoded ${what} and written as UTF-8`);
  }
  if (HOLES.some((byte) => body.includes(byte)))
    yield charset(
      () => Buffer.from(body.map((byte) => (HOLES.includes(byte) ? 0x3f : byte))),
      'the body read and written as Windows-1252, with ? for the bytes that are none',
    );
  if (text === null) {
    if (body.length % 2 > 0) return;
    const utf16 = (bytes: () => Buffer) => () =>
      bytes()
        .toString('utf16le')
        .replace(/^\ufeff/, '');
    yield charset(
      utf16(() => body),
      'the body decoded from UTF-16',
    );
    yield charset(
      utf16(() => Buffer.from(body).swap16()),
      'the body decoded from UTF-16 (big-endian)',
    );
    return;
  }
  if (text.length !== body.length) {
    const large = body.length > 64 * 1024;
    for (const [what, encode] of ENCODES.filter((_one, index) => !large || index % MISSING.length < 2))
      yield charset(() => encode(text), what);
    // Decoded wrongly on its way here, and repaired or never broken on the other side.
    for (const [name, place] of SETS.slice(1))
      yield charset(
        () => single(place, () => '?')(text).toString(),
        `the body repaired: its bytes in ${name}, read as UTF-8`,
      );
  }
  const little = () => Buffer.from(text, 'utf16le');
  const big = () => little().swap16();
  const marked = (mark: number[], bytes: () => Buffer) => () => Buffer.concat([Buffer.from(mark), bytes()]);
  yield charset(little, 'the body as UTF-16 (little-endian)', true);
  yield charset(marked([0xff, 0xfe], little), 'the body as UTF-16 with a byte order mark', true);
  yield charset(big, 'the body as UTF-16 (big-endian)', true);
  yield charset(marked([0xfe, 0xff], big), 'the body as UTF-16 (big-endian) with a byte order mark', true);
}

/** The text of valid UTF-8; `null` for anything else. */
export function asText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function cesu8(text: string): Buffer {
  const parts = text.split(/([\ud800-\udbff][\udc00-\udfff])/).map((part) => {
    if (!/^[\ud800-\udbff]/.test(part)) return Buffer.from(part);
    return Buffer.from(
      [0, 1].flatMap((at) => {
        const unit = part.charCodeAt(at);
        return [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)];
      }),
    );
  });
  return Buffer.concat(parts);
}
