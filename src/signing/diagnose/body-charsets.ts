import { backslashed, unicodeEscape } from './text-escapes.ts';
import type { Row } from './types.ts';

/** Of larger bodies only what is usual is tried: usual escapes and replacements, no compression, no characters split. */
export const LARGE = 64 * 1024;

/** Character sets of single bytes: what stands at 0x80 and beyond. Where Windows-1252 has holes, decoders differ. */
const LATIN1 = String.fromCharCode(...Array.from({ length: 0x80 }, (_none, at) => 0x80 + at));
const WINDOWS = `€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ${LATIN1.slice(0x20)}`;
const LATIN9 = LATIN1.replace(/[¤¦¨´¸¼½¾]/g, (one) => '€ŠšŽžŒœŸ'.charAt('¤¦¨´¸¼½¾'.indexOf(one)));
/** Of consoles of Windows, in the United States and in western Europe. */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
const CP850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';
// biome-ignore format: a table
const SETS = { ASCII: '', 'Latin-1': LATIN1, 'Windows-1252': WINDOWS, 'ISO 8859-15': LATIN9, 'code page 437': CP437, 'code page 850': CP850 };
/** What a platform elsewhere in the world takes text for. */
const ELSEWHERE = 'gbk shift_jis windows-1250 windows-1251 iso-8859-2 koi8-r macintosh ibm866';
const HOLES = '\x81\x8d\x8f\x90\x9d';
const EMOJI = /[\u{10000}-\u{10ffff}]/gu;

type Replace = (character: string) => string;

/** What stands for a character that a set lacks; the usual ones first. */
// biome-ignore format: a table, siblings on a line
const MISSING: [what: string, replace: Replace][] = [
  ['with ? for what it lacks', () => '?'], ['without what it lacks', () => ''], ['with ? for each half of what it lacks', (one) => '?'.repeat(one.length)],
  ['with ? for each byte of what it lacks', (one) => '?'.repeat(Buffer.byteLength(one))], ['with &#…; for what it lacks', (one) => `&#${one.codePointAt(0)};`],
  ['with \\u escapes for what it lacks', (one) => one.length > 1 ? `\\U${one.codePointAt(0)!.toString(16).padStart(8, '0')}` : backslashed(one, /[^\x00-\x7f]/g)],
];

const characterOf = (byte: string, set: string) => set.charAt(byte.charCodeAt(0) - 0x80);
function encode(text: string, set: string, missing: Replace): Buffer {
  const place = (character: string) => {
    const at = character.length === 1 ? set.indexOf(character) : -1;
    return at < 0 ? missing(character) : String.fromCharCode(0x80 + at);
  };
  return Buffer.from(text.replace(/[^\x00-\x7f]/gu, place), 'latin1');
}

/** A text that is encoded wrongly. */
function encodings(text: string, isFew: boolean): Row[] {
  const missing = isFew ? MISSING.slice(0, 2) : MISSING;
  const emoji = (change: string | Replace) => () => text.replace(EMOJI, change as Replace);
  // biome-ignore format: a table, siblings on a line
  return [
    ...Object.entries(SETS).flatMap(([name, set]) => missing.map(([what, replace]): Row => [`the body as ${name}, ${what}`, () => encode(text, set, replace)])),
    ["the body as Latin-1, the low byte of each unit, as Node's latin1 writes it", () => Buffer.from(text, 'latin1')],
    ['the body without emoji', emoji('')],
    ["the body with ? for each emoji, as MySQL's utf8mb3 stores it", emoji('?')], ["the body with ???? for each emoji, as MySQL's utf8mb3 stores it", emoji('????')],
    ['the body with � for each emoji', emoji('\ufffd')], ['the body with �� for each emoji', emoji('\ufffd\ufffd')],
    ['the body with \\u escapes for emoji', emoji((one) => unicodeEscape(one[0]!) + unicodeEscape(one[1]!))],
    ["the body up to its first emoji, as MySQL's utf8mb3 cuts it", () => text.split(EMOJI)[0]!],
    ['the body as CESU-8, in which each half of an emoji is encoded by itself', () => cesu8(text)],
    ...['NFC', 'NFD', 'NFKC', 'NFKD'].map((form): Row => [`the body with its characters composed otherwise (Unicode ${form})`, () => text.normalize(form)]),
    // Decoded wrongly on its way here, and repaired or never broken on the other side.
    ...Object.entries(SETS).slice(1).map(([name, set]): Row => [`the body repaired: its bytes in ${name}, read as UTF-8`, () => encode(text, set, () => '?').toString()]),
  ];
}

/** Bytes that are decoded wrongly; what comes of it is written as UTF-8 again. */
function decodings(body: Buffer): Row[] {
  const latin1 = () => body.toString('latin1');
  const each = (map: Replace) => () => latin1().replace(/[\x80-\xff]/g, map);
  const windows = (hole?: string) =>
    each((one) => (HOLES.includes(one) ? hole : undefined) ?? characterOf(one, WINDOWS));
  const filled = () => Buffer.from(each((one) => (HOLES.includes(one) ? '?' : one))(), 'latin1');
  // biome-ignore format: a table, siblings on a line
  const rows: Row[] = [
    ['Latin-1', latin1], ['Windows-1252', windows()], ['Windows-1252, with � for what is none', windows('\ufffd')], ['Windows-1252, without what is none', windows('')],
    ["ASCII, with � for each byte, as Java's new String(bytes) under a POSIX locale", each(() => '\ufffd')],
    ["ASCII, with ? for each byte, as .NET's Encoding.ASCII and Java's getBytes() under a POSIX locale", each(() => '?')], ['ASCII, without everything else', each(() => '')],
    ["Node's ascii, which takes the upper bit away", () => body.toString('ascii')], ['ASCII, with \\x escapes', () => backslashed(latin1(), /[\x80-\xff]/g)],
    ...Object.entries(SETS).slice(3).map(([name, set]): Row => [name, each((one) => characterOf(one, set))]),
    ...(process.versions.icu ? ELSEWHERE.split(' ') : []).map((name): Row => [name, () => new TextDecoder(name).decode(body)]),
    ['Latin-1 twice', () => Buffer.from(latin1()).toString('latin1')],
  ];
  return [
    ...rows.map(([set, make]): Row => [`the body decoded as ${set} and written as UTF-8`, make]),
    ['the body read and written as Windows-1252, with ? for the bytes that are none', filled],
  ];
}

const UTF16 = {
  'UTF-16 (little-endian)': (bytes: Buffer) => bytes,
  'UTF-16 (big-endian)': (bytes: Buffer) => Buffer.from(bytes).swap16(),
};

function utf16(text: string): Row[] {
  return Object.entries(UTF16).flatMap(([order, swap]): Row[] => [
    [`the body as ${order}`, () => swap(Buffer.from(text, 'utf16le'))],
    [`the body as ${order} with a byte order mark`, () => swap(Buffer.from(`\ufeff${text}`, 'utf16le'))],
  ]);
}

function fromUtf16(body: Buffer): Row[] {
  const orders = body.length % 2 > 0 ? [] : Object.entries(UTF16);
  const decode = (bytes: Buffer) => bytes.toString('utf16le').replace(/^\ufeff/, '');
  return [
    ['the body decoded as UTF-8, with � for what is none', () => body.toString('utf8')],
    ...orders.map(([order, swap]): Row => [`the body decoded from ${order}`, () => decode(swap(body))]),
  ];
}

/** The body decoded or written with another character set. `text` is `null` where it is no UTF-8. */
export function charsets(body: Buffer, text: string | null, isFew = false): Row[] {
  if (text === null) return [...fromUtf16(body), ...decodings(body)];
  const others = text.length === body.length ? [] : [...decodings(body), ...encodings(text, isFew)];
  return [...others, ...utf16(text)];
}

/** The text of valid UTF-8; `null` for anything else, which does not become the same bytes again. */
export function asText(bytes: Buffer): string | null {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : null;
}

/** Node writes a lone half of a surrogate pair as U+FFFD; here each half has an encoding of its own. */
function cesu8(text: string): Buffer {
  const three = (unit: number) => [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)];
  const parts = text.split(/([\ud800-\udfff])/);
  const encode = (part: string, index: number) =>
    index % 2 > 0 ? Buffer.from(three(part.charCodeAt(0))) : Buffer.from(part);
  return Buffer.concat(parts.map(encode));
}
