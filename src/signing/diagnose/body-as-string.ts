import { fromPythonBytesRepr, pythonBytesRepr, pythonRepr } from './python-repr.ts';
import { type BodyVariant, variant } from './types.ts';

/** The body written into a string, or read out of one: JSON, Python's repr, base64. `text` is `null` where it is no UTF-8. */
export function* stringForms(body: Buffer, text: string | null): Generator<BodyVariant> {
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

function unquoted(text: string | null): string | null {
  if (text === null || !/^\s*"/.test(text)) return null;
  try {
    return JSON.parse(text) as string;
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
