import { SIGNATURE_HEADER } from '../../signing/header.ts';
import {
  bytesOf,
  type Exchange,
  exchangeOfListen,
  exchangesOfHar,
  headerValues,
} from '../recordings/exchange.ts';
import { asFields, type Fields } from '../recordings/fields.ts';

export interface RecordedRequest {
  signature: string | null;
  /** `null` when the recording holds none, as `curl -v`, which does not show what it sends. */
  body: Buffer | null;
}

/**
 * A request in JSON: a line of `listen --json`, a HAR file or one entry of it, an event of AWS Lambda or API
 * Gateway, or a log line of Express (`pino-http` and the like). `null` when it is none of these.
 */
export function fromJson(text: string): RecordedRequest | null {
  if (text.trimStart()[0] !== '{' && text.trimStart()[0] !== '[') return null;
  const whole = parse(text);
  const values = whole === null ? text.split('\n').map(parse) : [whole].flat();
  for (const value of values) {
    if (value === null) continue;
    const heard = exchangeOfListen(value, '');
    if (heard !== null) return signed(heard);
    const found = fromHar(value) ?? fromLambda(value) ?? fromLogger(value);
    if (found !== null) return found;
  }
  return null;
}

function parse(text: string): Fields | null {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The first entry of a HAR 1.2 file that is signed, or an entry by itself. */
function fromHar(value: Fields): RecordedRequest | null {
  const found = exchangesOfHar(value)?.map(signed) ?? [];
  return found.find(({ signature }) => signature !== null) ?? found[0] ?? null;
}

/** What of a recorded request a signature is about. */
export function signed({ headers, body }: Pick<Exchange, 'headers' | 'body'>): RecordedRequest {
  const values = headerValues(headers, SIGNATURE_HEADER);
  return { signature: values.length === 0 ? null : values.join(', '), body };
}

/** API Gateway's REST and HTTP APIs, a function URL, or a load balancer. */
function fromLambda(value: Fields): RecordedRequest | null {
  const headers = value.headers ?? value.multiValueHeaders;
  if (
    asFields(headers) === null ||
    !('body' in value) ||
    !('isBase64Encoded' in value || 'requestContext' in value)
  )
    return null;
  const body = typeof value.body === 'string' ? bytesOf(value.body, value.isBase64Encoded === true) : null;
  return { signature: signatureIn(headers) ?? signatureIn(value.multiValueHeaders), body };
}

/** What loggers of Node write: `req.headers`, and sometimes the body as text. */
function fromLogger(value: Fields): RecordedRequest | null {
  const request = asFields(value.req) ?? asFields(value.request) ?? value;
  const headers = asFields(request.headers);
  if (headers === null) return null;
  const body = request.rawBody ?? request.body ?? value.rawBody ?? value.body;
  const signature = signatureIn(headers);
  if (signature === null) return null;
  // A body that was parsed already is no raw body.
  return { signature, body: typeof body === 'string' ? Buffer.from(body) : null };
}

/** From an object of headers, or a list of names and values. */
function signatureIn(headers: unknown): string | null {
  const pairs = Array.isArray(headers)
    ? headers.map((one) => [asFields(one)?.name, asFields(one)?.value])
    : Object.entries(asFields(headers) ?? {});
  const values = pairs
    .filter(([name]) => String(name).toLowerCase() === SIGNATURE_HEADER.toLowerCase())
    .flatMap(([, value]) => value)
    .filter((value) => typeof value === 'string');
  return values.length === 0 ? null : values.join(', ');
}
