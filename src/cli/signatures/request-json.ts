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
  /** The likeliest; `null` when the recording holds none, as `curl -v`, which does not show what it sends. */
  body: Buffer | null;
  /** What may be the body as well: it is where the signature is that of these bytes. */
  others?: readonly Buffer[];
  /** Unix seconds, where the recording says when it was. */
  at?: number | undefined;
}

/** A signature wherever it stands. */
export const LOGGED = /t=[0-9]{9,19}\s*,\s*v1=[0-9A-Za-z+/=_-]{16,128}/;
/** What is read out of a text or bytes within JSON. */
type Read = (bytes: Buffer) => RecordedRequest | null;

/**
 * A request in JSON: a line of `listen --json`, a HAR file or one entry of it, an event of AWS Lambda or API
 * Gateway, what a request bin, a tunnel or a logger writes. `null` when it is none of these.
 *
 * @param read for what stands in the JSON as a text or in base64.
 */
export function fromJson(text: string, read: Read): RecordedRequest | null {
  if (text.trimStart()[0] !== '{' && text.trimStart()[0] !== '[') return null;
  const whole = parse(text);
  const values = whole === null ? text.split('\n').map(parse) : [whole].flat();
  for (const value of values) {
    if (value === null) continue;
    const heard = exchangeOfListen(value, '');
    if (heard !== null) return signed(heard);
    const found = fromHar(value) ?? findSigned(value, read) ?? fromLambda(value);
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
  const isFile = asFields(value.log)?.entries !== undefined;
  const found = exchangesOfHar(value)?.map(signed) ?? [];
  return found.find(({ signature }) => signature !== null) ?? (isFile ? (found[0] ?? null) : null);
}

/** What of a recorded request a signature is about. */
export function signed({ headers, body, at }: Pick<Exchange, 'headers' | 'body' | 'at'>): RecordedRequest {
  const values = headerValues(headers, SIGNATURE_HEADER);
  return { signature: values.length === 0 ? null : values.join(', '), body, at: secondsOf(at) };
}

/** An event of API Gateway, a function URL or a load balancer that nobody signed. */
function fromLambda(value: Fields): RecordedRequest | null {
  const isEvent = 'isBase64Encoded' in value || 'requestContext' in value;
  if (!isEvent || !('body' in value) || asFields(value.headers ?? value.multiValueHeaders) === null)
    return null;
  return { signature: null, body: bodyIn([value]) };
}

/** Levels that are gone through, and those above the signature in which its body may stand. */
const DEEPEST = 8;
const NEAR = 3;

/** A signature by its header's name or by its form, and the body that stands beside it, the nearest first. */
export function findSigned(value: Fields, read: Read): RecordedRequest | null {
  return search(value, [], byName) ?? search(value, [], byForm);

  function search(value: Fields, above: Fields[], find: typeof byName): RecordedRequest | null {
    const within = Array.isArray(value) ? above : [value, ...above];
    // A tunnel has the whole of it in base64.
    const whole = typeof value.raw === 'string' ? read(Buffer.from(value.raw, 'base64')) : null;
    if (whole?.signature) return whole;
    const signature = find(value);
    if (signature !== null) return { signature, body: bodyIn(within.slice(0, NEAR)), at: timeIn(within) };
    for (const one of Object.values(value)) {
      const inText =
        find === byForm && typeof one === 'string' && LOGGED.test(one) && !isSignature(one)
          ? read(Buffer.from(one))
          : null;
      if (inText !== null) return inText;
      const fields = asFields(one);
      const found = fields && above.length < DEEPEST ? search(fields, within, find) : null;
      if (found !== null) return found;
    }
    return null;
  }
}

/** By the name of the header: of an object, of a pair of name and value, or of a flat list; as WSGI and PHP call it too. */
function byName(value: Fields): string | null {
  const pairs: (readonly [name: unknown, value: unknown])[] = Array.isArray(value)
    ? value.map((one, index) => [one, value[index + 1]])
    : [...Object.entries(value), [value.name ?? value.key, value.value]];
  const isName = (name: unknown) =>
    /^(?:http-)?x-webhook-signature$/i.test(typeof name === 'string' ? name.replaceAll('_', '-') : '');
  const values = pairs.filter(([name]) => isName(name)).flatMap(([, one]) => one);
  const texts = values.filter((one) => typeof one === 'string');
  return texts.length === 0 ? null : texts.join(', ');
}

const isSignature = (one: unknown): one is string =>
  typeof one === 'string' && LOGGED.exec(one)?.[0] === one.trim();

/** A header of another name is none. */
function byForm(value: Fields): string | null {
  for (const [name, one] of Object.entries(value)) {
    const isHeader = /^x[-_]|-/i.test(typeof value.name === 'string' ? value.name : name);
    if (!isHeader && isSignature(one)) return one;
  }
  return null;
}

/** Names of a body, those of raw ones first; whatever their case, with or without hyphens and the like. */
const BODIES = ['rawBody', 'bodyRaw', 'bodyAsBase64', 'body', 'requestBody', 'payload', 'content', 'data'];
const plain = (name: string) => name.toLowerCase().replace(/[-_ ]/g, '');

/** A body that was parsed already is no raw body. */
function bodyIn(scopes: readonly Fields[]): Buffer | null {
  for (const scope of scopes) {
    const fields = new Map(Object.entries(scope).map(([name, one]) => [plain(name), one]));
    const base64 = scope.isBase64Encoded === true || scope.encoding === 'base64';
    for (const name of BODIES) {
      const value = fields.get(plain(name));
      const inner = asFields(value);
      if (typeof value === 'string') return bytesOf(value, base64 || name === 'bodyAsBase64');
      if (inner?.type === 'Buffer' && Array.isArray(inner.data)) return Buffer.from(inner.data);
      if (typeof inner?.text === 'string' && 'encoding' in inner && inner.truncated !== true)
        return bytesOf(inner.text, inner.encoding === 'base64');
    }
  }
  return null;
}

const secondsOf = (ms: unknown) => (typeof ms === 'number' ? Math.floor(ms / 1000) : undefined);

/** API Gateway and function URLs say when it was. */
function timeIn(scopes: readonly Fields[]): number | undefined {
  const context = scopes.map((one) => asFields(one.requestContext)).find((one) => one !== null);
  return secondsOf(context?.timeEpoch ?? context?.requestTimeEpoch);
}
