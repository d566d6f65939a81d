import { fromPythonBytesRepr, pythonBytesRepr, pythonRepr } from './python-repr.ts';
import { unicode } from './text-escapes.ts';
import { type BodyVariant, type Row, variants } from './types.ts';

/** Larger bodies are not written as lists of numbers. */
const MAX_LISTED = 256 * 1024;

/**
 * The body written into a string, or read out of one: JSON, Python's repr, base64. `text` is `null` where it
 * is no UTF-8. What is written may hold the whole message as well.
 */
export function* stringForms(body: Buffer, text: string | null): Generator<BodyVariant> {
  if (text !== null) yield* variants('body_double_encoded', doubleEncoded(text), true);
  yield* variants(
    'body_bytes_repr',
    [
      ["Python's b'…' of the body, from an f-string or str()", () => pythonBytesRepr(body)],
      ["Python's b'…' of the body without b''", () => pythonBytesRepr(body).slice(2, -1)],
    ],
    true,
  );
  if (text !== null) yield* variants('body_bytes_repr', quoted(text), true);
  if (body.length <= MAX_LISTED) yield* variants('body_bytes_repr', listed(body), true);
  yield* variants('body_base64', encoded(body, text), true);
}

function doubleEncoded(text: string): Row[] {
  const json = () => JSON.stringify(text);
  const ascii = () => unicode(/[\x7f-\uffff]/g)(json());
  const as = (writer: string) => `a JSON string that holds the body, as ${writer} writes it`;
  return [
    ['the JSON that stands in this JSON string', () => unquoted(text)],
    [as('JSON.stringify'), json],
    [as("Python's json.dumps"), ascii],
    [as("PHP's json_encode"), () => ascii().replaceAll('/', '\\/')],
    [as("Go's json.Marshal or Rails"), () => unicode(/[<>&\u2028\u2029]/g)(json())],
    [as('JSON.stringify, without its quotes,'), () => json().slice(1, -1)],
  ];
}

function unquoted(text: string): string | null {
  if (!/^\s*"/.test(text)) return null;
  try {
    return JSON.parse(text) as string;
  } catch {
    return null;
  }
}

function quoted(text: string): Row[] {
  return [
    ["the bytes that stand in this b'…' of Python", () => fromPythonBytesRepr(text)],
    ["Python's repr() of the body as text", () => pythonRepr(text)],
    ["Python's repr() of the body as text, without its quotes", () => pythonRepr(text).slice(1, -1)],
    ['the body with double quotes around it', () => `"${text}"`],
    ['the body with single quotes around it', () => `'${text}'`],
  ];
}

function listed(body: Buffer): Row[] {
  const list = (separator: string) => body.join(separator);
  const object = () => JSON.stringify(new Uint8Array(body));
  return [
    ['JSON.stringify of the Buffer that holds the body', () => JSON.stringify(body)],
    ['JSON.stringify of a Uint8Array with the body: an object of its bytes', object],
    ['the bytes of the body as a list of numbers', () => list(',')],
    ['the bytes of the body as a list of numbers in JSON', () => `[${list(',')}]`],
    ["the bytes of the body as Python's list", () => `[${list(', ')}]`],
    ['the bytes of the body as Go prints them', () => `[${list(' ')}]`],
    [
      "the bytes of the body as Java's Arrays.toString prints them",
      () => `[${new Int8Array(body).join(', ')}]`,
    ],
    ['the bytes of the body as numbers', () => list(' ')],
  ];
}

function encoded(body: Buffer, text: string | null): Row[] {
  const as = (form: string) => `the body encoded as ${form}`;
  const base64 = () => body.toString('base64');
  const hex = () => body.toString('hex');
  const lines = (size: number, end: string) => () =>
    base64().replace(new RegExp(`.{${size}}|.+$`, 'g'), `$&${end}`);
  const isBase64 = text !== null && /^[A-Za-z0-9+/\r\n_-]+={0,2}\s*$/.test(text);
  return [
    [as('base64, as AWS Lambda hands it over'), base64],
    [as("base64 in lines, as Python's encodebytes and base64 write it"), lines(76, '\n')],
    [as("base64 in lines, as Ruby's encode64 writes it"), lines(60, '\n')],
    [as('base64 in lines, as MIME has it'), lines(76, '\r\n')],
    [as('base64url'), () => body.toString('base64url')],
    [as('base64url with padding'), () => base64().replaceAll('+', '-').replaceAll('/', '_')],
    [as("base64 in quotes, as Go's json.Marshal writes []byte"), () => `"${base64()}"`],
    [as('hex'), hex],
    [as('hex in upper case'), () => hex().toUpperCase()],
    ['the body decoded from base64', () => (isBase64 ? Buffer.from(text, 'base64') : null)],
  ];
}
