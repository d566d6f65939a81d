import type { LoggedBody, TlsView } from '../../contract/control.ts';
import { isLosslessNumber, parseJson } from '../../contract/json.ts';
import { toJson } from '../terminal/neutralize.ts';
import type { HttpRequestText } from './curl.ts';

/** The request as it goes over the wire. */
export function rawHttp({ url, method = 'POST', headers, body }: HttpRequestText): Buffer {
  const head = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.byteLength}`,
    'Connection: close',
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(head.join('\r\n')), body]);
}

/** A body for `--json`: text where it is UTF-8, else base64. */
export function bodyForJson(body: Uint8Array): { text: string; encoding: 'utf8' | 'base64'; bytes: number } {
  const bytes = Buffer.from(body);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes)
    ? { text, encoding: 'utf8', bytes: bytes.length }
    : { text: bytes.toString('base64'), encoding: 'base64', bytes: bytes.length };
}

/** The bytes of a body that was shown so. */
export function bytesOf({ text, encoding }: Pick<LoggedBody, 'text' | 'encoding'>): Buffer {
  return Buffer.from(text, encoding);
}

interface Answer {
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** What is said of a body that is no text; `null` for one that is, also where it was cut off within a letter. */
export function describeBinary({ headers, body }: Answer): string | null {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body, { stream: true });
    if (!body.includes(0)) return null;
  } catch {}
  return `(${headers['content-type'] ?? 'no Content-Type'}, ${body.length} bytes that are no text)`;
}

/** An answer's body as lines for a person: what is wrong one by one where it is the gateway's list of problems. */
export function describeAnswer({ headers, body }: Answer): string[] {
  const binary = describeBinary({ headers, body });
  if (binary !== null) return [binary];
  const text = body.toString('utf8');
  const parsed = parseJson(body);
  const detail = parsed.ok ? (parsed.value as { detail?: unknown } | null)?.detail : undefined;
  if (typeof detail === 'string') return [detail];
  if (Array.isArray(detail)) return detail.map(describeProblem);
  return text.trim() === '' ? [] : text.trimEnd().split('\n');
}

function describeProblem(problem: unknown): string {
  const { loc, msg, input } = (problem ?? {}) as { loc?: unknown; msg?: unknown; input?: unknown };
  // Anything but a text by JSON: the methods of a foreign object are not to be called.
  const where = Array.isArray(loc)
    ? loc.map((one) => (typeof one === 'string' ? one : toJson(one))).join('.')
    : 'body';
  // What is missing has the whole object as its input.
  const isWhole = typeof input === 'object' && !isLosslessNumber(input);
  const got = isWhole || input === undefined ? '' : ` (got ${toJson(input)})`;
  return `${where}: ${typeof msg === 'string' ? msg : toJson(problem)}${got}`;
}

/** A connection over TLS in one line; its words are the receiver's, so not safe for a terminal. */
export function describeTls({ protocol, problem, certificate }: TlsView): string {
  const version = protocol.replace('TLSv', 'TLS ');
  if (certificate === null) return `${version}, no certificate`;
  const { subject, names, issuer, valid_to } = certificate;
  const who = names.replaceAll('IP Address:', '').replaceAll('DNS:', '') || subject;
  const trust = problem === null ? '' : `, NOT TRUSTED: ${problem}`;
  return `${version}, certificate for ${who} from ${issuer || '?'}, until ${valid_to.slice(0, 10)}${trust}`;
}
