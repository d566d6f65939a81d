import { fromPythonBytesRepr, pythonBytesRepr, pythonRepr } from './python-repr.ts';
import { type BodyVariant, variant } from './types.ts';

/** Larger bodies are not written as lists of numbers. */
const MAX_LISTED = 256 * 1024;

/**
 * The body written into a string, or read out of one: JSON, Python's repr, base64. `text` is `null` where it
 * is no UTF-8. What is written may hold the whole message as well.
 */
export function* stringForms(body: Buffer, text: string | null): Generator<BodyVariant> {
  yield* doubleEncoded(text);
  const repr = (make: () => string | Uint8Array, what: string) =>
    variant(make, 'body_bytes_repr', what, true);
  yield repr(() => pythonBytesRepr(body), "Python's b'…' of the body, from an f-string or str()");
  yield repr(() => pythonBytesRepr(body).slice(2, -1), "Python's b'…' of the body without b''");
  const original = text === null ? null : fromPythonBytesRepr(text);
  if (original !== null) yield repr(() => original, "the bytes that stand in this b'…' of Python");
  if (text !== null) {
    yield repr(() => pythonRepr(text), "Python's repr() of the body as text");
    yield repr(
      () => pythonRepr(text).slice(1, -1),
      "Python's repr() of the body as text, without its quotes",
    );
    yield repr(() => `"${text}"`, 'the body with double quotes around it');
    yield repr(() => `'${text}'`, 'the body with single quotes around it');
  }
  if (body.length <= MAX_LISTED) {
    const list = (how: (byte: number) => number, by: string) => [...body].map(how).join(by);
    const same = (byte: number) => byte;
    const signed = (byte: number) => (byte << 24) >> 24;
    yield repr(() => JSON.stringify(body), 'JSON.stringify of the Buffer that holds the body');
    yield repr(
      () => JSON.stringify(new Uint8Array(body)),
      'JSON.stringify of a Uint8Array with the body: an object of its bytes',
    );
    yield repr(() => list(same, ','), 'the bytes of the body as a list of numbers');
    yield repr(() => `[${list(same, ',')}]`, 'the bytes of the body as a list of numbers in JSON');
    yield repr(() => `[${list(same, ', ')}]`, "the bytes of the body as Python's list");
    yield repr(() => `[${list(same, ' ')}]`, 'the bytes of the body as Go prints them');
    yield repr(
      () => `[${list(signed, ', ')}]`,
      "the bytes of the body as Java's Arrays.toString prints them",
    );
    yield repr(() => list(same, ' '), 'the bytes of the body as numbers');
  }
  yield* encoded(body, text);
}

function* doubleEncoded(text: string | null): Generator<BodyVariant> {
  if (text === null) return;
  const one = (make: () => string, what: string) => variant(make, 'body_double_encoded', what, true);
  const inner = unquoted(text);
  if (inner !== null) yield one(() => inner, 'the JSON that stands in this JSON string');
  const json = () => JSON.stringify(text);
  const ascii = () =>
    json().replace(
      /[\x7f-\uffff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  const html = (written: string) =>
    written.replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  for (const [make, by] of [
    [json, 'JSON.stringify'],
    [ascii, "Python's json.dumps"],
    [() => ascii().replaceAll('/', '\\/'), "PHP's json_encode"],
    [() => html(json()), "Go's json.Marshal or Rails"],
    [() => json().slice(1, -1), 'JSON.stringify, without its quotes,'],
  ] as const)
    yield one(make, `a JSON string that holds the body, as ${by} writes it`);
}

function* encoded(body: Buffer, text: string | null): Generator<BodyVariant> {
  const one = (make: () => string | Uint8Array, what: string) => variant(make, 'body_base64', what, true);
  const base64 = () => body.toString('base64');
  const lines = (size: number, end: string) =>
    `${
      base64()
        .match(new RegExp(`.{1,${size}}`, 'g'))
        ?.join(end) ?? ''
    }${end}`;
  yield one(base64, 'the body encoded as base64, as AWS Lambda hands it over');
  yield one(
    () => lines(76, '\n'),
    "the body encoded as base64 in lines, as Python's encodebytes and base64 write it",
  );
  yield one(() => lines(60, '\n'), "the body encoded as base64 in lines, as Ruby's encode64 writes it");
  yield one(() => lines(76, '\r\n'), 'the body encoded as base64 in lines, as MIME has it');
  yield one(() => body.toString('base64url'), 'the body encoded as base64url');
  yield one(
    () => base64().replaceAll('+', '-').replaceAll('/', '_'),
    'the body encoded as base64url with padding',
  );
  yield one(
    () => `"${base64()}"`,
    "the body encoded as base64 in quotes, as Go's json.Marshal writes []byte",
  );
  yield one(() => body.toString('hex'), 'the body encoded as hex');
  yield one(() => body.toString('hex').toUpperCase(), 'the body encoded as hex in upper case');
  if (text !== null && /^[A-Za-z0-9+/\r\n_-]+={0,2}\s*$/.test(text))
    yield one(() => Buffer.from(text, 'base64'), 'the body decoded from base64');
}

function unquoted(text: string): string | null {
  if (!/^\s*"/.test(text)) return null;
  try {
    return JSON.parse(text) as string;
  } catch {
    return null;
  }
}
