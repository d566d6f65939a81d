import { createHash } from 'node:crypto';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { isJson } from './json-tree.ts';
import {
  fromPythonBytesRepr,
  pythonBytesRepr,
  pythonRepr,
  rubyBytes,
  rubyString,
} from './string-literals.ts';
import { unicode } from './text-escapes.ts';
import type { Row } from './types.ts';

/** Larger bodies are not written as lists of numbers. */
const MAX_LISTED = 256 * 1024;

/** JSON that was written into a JSON string, or stands in one. */
export function doubleEncoded(text: string): Row[] {
  const inner = () => (/^\s*"/.test(text) && isJson(text) ? JSON.parse(text) : null);
  const json = () => JSON.stringify(text);
  const ascii = () => unicode(/[\x7f-\uffff]/g)(json());
  const as = (writer: string) => `a JSON string that holds the body, as ${writer} writes it`;
  // biome-ignore format: a table, siblings on a line
  return [
    ['the body decoded from this JSON string', inner], [as('JSON.stringify'), json], [as("Python's json.dumps"), ascii],
    [as("PHP's json_encode"), () => ascii().replaceAll('/', '\\/')], [as("Go's json.Marshal or Rails"), () => unicode(/[<>&\u2028\u2029]/g)(json())],
    [as('JSON.stringify, without its quotes,'), () => json().slice(1, -1)], [as('Gson'), () => unicode(/[<>&='\u2028\u2029]/g)(json())],
    ["Postman's pm.request.body as JSON, which holds the body", () => `{"mode":"raw","raw":${json()},"options":{"raw":{"language":"json"}}}`],
    ["the body as the name of a form's field, as a parser of forms makes of it", () => (/[&=+%]/.test(text) ? null : `{${json()}:""}`)],
  ];
}

/** Bytes that were formatted into text. `text` is `null` where the body is no UTF-8. */
export function printed(body: Buffer, text: string | null): Row[] {
  const list = (separator: string) => body.join(separator);
  // biome-ignore format: a table, siblings on a line
  const bytes: Row[] = [
    ["Python's b'…' of the body, from an f-string or str()", () => pythonBytesRepr(body)], ["Ruby's inspect of the body as bytes", () => rubyBytes(body)],
    ["Python's b'…' of the body without b''", () => pythonBytesRepr(body).slice(2, -1)],
  ];
  // biome-ignore format: a table, siblings on a line
  const quoted: Row[] = text === null ? [] : [
    ["the body decoded from this b'…' of Python", () => fromPythonBytesRepr(text)], ["Python's repr() of the body as text", () => pythonRepr(text)],
    ["Python's repr() of the body as text, without its quotes", () => pythonRepr(text).slice(1, -1)], ["Ruby's inspect of the body as text", () => rubyString(text)],
    ['the body with double quotes around it', () => `"${text}"`], ['the body with single quotes around it', () => `'${text}'`],
  ];
  // biome-ignore format: a table, siblings on a line
  const listed: Row[] = body.length > MAX_LISTED ? [] : [
    ['JSON.stringify of the Buffer that holds the body', () => JSON.stringify(body)],
    ['JSON.stringify of a Uint8Array with the body: an object of its bytes', () => JSON.stringify(new Uint8Array(body))],
    ['the bytes of the body as a list of numbers', () => list(',')], ['the bytes of the body as a list of numbers in JSON', () => `[${list(',')}]`],
    ["the bytes of the body as Python's list", () => `[${list(', ')}]`], ['the bytes of the body as Go prints them', () => `[${list(' ')}]`],
    ["the bytes of the body as Java's Arrays.toString prints them", () => `[${new Int8Array(body).join(', ')}]`], ['the bytes of the body as numbers', () => list(' ')],
  ];
  return [...bytes, ...quoted, ...listed];
}

/** Lenient decoders skip what is not of the alphabet: only of JSON nobody would take it for base64. */
export function base64(body: Buffer): Row[] {
  const plain = () => body.toString('base64');
  const lines = (size: number, end: string) => () =>
    plain().replace(new RegExp(`.{${size}}|.+$`, 'g'), `$&${end}`);
  const isJson = /^\s*[{[]/.test(body.toString('latin1', 0, 16));
  // biome-ignore format: a table, siblings on a line
  return [
    ['the body encoded as base64', plain], ['the body decoded from base64', () => (isJson ? null : Buffer.from(body.toString('latin1'), 'base64'))],
    ["the body encoded as base64 in lines, as Python's encodebytes and base64 write it", lines(76, '\n')],
    ["the body encoded as base64 in lines, as Ruby's encode64 writes it", lines(60, '\n')], ['the body encoded as base64 in lines, as MIME has it', lines(76, '\r\n')],
    ["the body encoded as base64 in lines, as Java's MimeEncoder writes it", () => lines(76, '\r\n')().trimEnd()],
    ['the body encoded as base64url', () => body.toString('base64url')], ['the body encoded as base64url with padding', () => plain().replaceAll('+', '-').replaceAll('/', '_')],
    ["the body encoded as base64 in quotes, as Go's json.Marshal writes []byte", () => `"${plain()}"`],
  ];
}

export function hex(body: Buffer): Row[] {
  const text = body.toString('latin1').trim();
  // biome-ignore format: a table, siblings on a line
  return [
    ['the body encoded as hex', () => body.toString('hex')], ['the body encoded as hex in upper case', () => body.toString('hex').toUpperCase()],
    ['the body decoded from hex', () => (/^([0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : null)],
  ];
}

export function digests(body: Buffer): Row[] {
  return ['SHA-256', 'MD5', 'SHA-1'].flatMap((name): Row[] => {
    const digest = () => createHash(name.replace('SHA-', 'sha')).update(body).digest();
    return [
      [`the ${name} of the body in hex instead of the body`, () => digest().toString('hex')],
      [`the ${name} of the body in base64 instead of the body`, () => digest().toString('base64')],
      [`the ${name} of the body as bytes instead of the body`, digest],
    ];
  });
}

/** Bodies that grow beyond this when they are decompressed are left alone. */
const MAX_INFLATED = 8 * 1024 * 1024;
const INFLATES = {
  gzip: gunzipSync,
  'zlib (deflate)': inflateSync,
  'raw deflate': inflateRawSync,
  brotli: brotliDecompressSync,
};

/** The body decompressed, where it does not look like JSON. */
export function decompressed(body: Buffer): Row[] {
  const inflated = (inflate: (typeof INFLATES)['gzip']) => {
    try {
      return inflate(body, { maxOutputLength: MAX_INFLATED });
    } catch {
      return null;
    }
  };
  const inflates = /^[{[]/.test(body.toString('latin1', 0, 1)) ? [] : Object.entries(INFLATES);
  return inflates.map(([name, one]): Row => [`the body decompressed from ${name}`, () => inflated(one)]);
}
