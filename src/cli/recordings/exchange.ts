import { asFields, type Fields, stringField } from './fields.ts';

/** A request that somebody recorded, with its answer where that was recorded too. */
export interface Exchange {
  /** Where it stands in its file: `entry 3`, `line 5`, `request 2`. */
  place: string;
  method: string;
  /** As recorded: a URL, or a path. */
  url: string;
  headers: Header[];
  /** `null` where the recording holds none, as `curl -v`, which does not show what it sends. */
  body: Buffer | null;
  /** Milliseconds since 1970, where that is known. */
  at: number | null;
  /** `null` where none was recorded, or it was our own. */
  answer: RecordedAnswer | null;
}

export type Header = readonly [name: string, value: string];

export interface RecordedAnswer {
  status: number;
  headers: Header[];
  body: Buffer | null;
}

export function headerValues(headers: readonly Header[], name: string): string[] {
  return headers.filter(([one]) => one.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

export const bytesOf = (text: string, base64: boolean) => Buffer.from(text, base64 ? 'base64' : 'utf8');

/** The requests of a HAR 1.2 file, or of one entry of it by itself; `null` for what is neither. */
export function exchangesOfHar(value: Fields): Exchange[] | null {
  const entries = asFields(value.log)?.entries;
  const list: unknown[] = Array.isArray(entries) ? entries : [value];
  const found = list.flatMap((entry, index) => exchangeOfEntry(asFields(entry), `entry ${index + 1}`) ?? []);
  return found.length > 0 || Array.isArray(entries) ? found : null;
}

function exchangeOfEntry(entry: Fields | null, place: string): Exchange | null {
  const request = asFields(entry?.request);
  if (request === null || !Array.isArray(request.headers)) return null;
  const post = asFields(request.postData);
  const text = stringField(post, 'text');
  const base64 = post?.encoding === 'base64' || post?._encoding === 'base64';
  const at = Date.parse(stringField(entry, 'startedDateTime') ?? '');
  return {
    place,
    method: stringField(request, 'method') ?? '',
    url: stringField(request, 'url') ?? '',
    headers: headersOf(request.headers),
    body: text === null ? null : bytesOf(text, base64),
    at: Number.isNaN(at) ? null : at,
    answer: answerOf(asFields(entry?.response)),
  };
}

/** Status 0 is what a browser writes of a request that got no answer. */
function answerOf(response: Fields | null): RecordedAnswer | null {
  if (response === null || typeof response.status !== 'number' || response.status < 100) return null;
  const content = asFields(response.content);
  const text = stringField(content, 'text');
  return {
    status: response.status,
    headers: headersOf(response.headers),
    body: text === null ? null : bytesOf(text, content?.encoding === 'base64'),
  };
}

/** A line of `listen --json`: what the gateway sent. What listen answered is no fact of the gateway. */
export function exchangeOfListen(value: Fields, place: string): Exchange | null {
  const body = asFields(value.body);
  const text = stringField(body, 'text');
  if (value.type !== 'request' || text === null) return null;
  const headers = Array.isArray(value.raw_headers)
    ? pairsOf(value.raw_headers)
    : Object.entries(asFields(value.headers) ?? {}).map(([name, one]) => [name, String(one)] as const);
  const signature = stringField(value, 'signature');
  const isThere = headerValues(headers, 'X-Webhook-Signature').length > 0;
  const at = Date.parse(stringField(value, 'at') ?? '');
  return {
    place,
    method: stringField(value, 'method') ?? 'POST',
    url: stringField(value, 'path') ?? '',
    headers: signature === null || isThere ? headers : [...headers, ['X-Webhook-Signature', signature]],
    body: bytesOf(text, body?.encoding === 'base64'),
    at: Number.isNaN(at) ? null : at,
    answer: null,
  };
}

function pairsOf(flat: readonly unknown[]): Header[] {
  const pairs: Header[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2)
    pairs.push([String(flat[index]), String(flat[index + 1])]);
  return pairs;
}

function headersOf(list: unknown): Header[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one): Header[] => {
    const name = stringField(asFields(one), 'name');
    const value = stringField(asFields(one), 'value');
    return name === null || value === null ? [] : [[name, value]];
  });
}
