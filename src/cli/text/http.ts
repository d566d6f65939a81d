import { isLosslessNumber, parseJson } from '../../contract/json.ts';
import { neutralize, toJson } from '../terminal/neutralize.ts';

export interface HttpRequestText {
  url: URL;
  /** POST by default. */
  method?: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

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

const API_KEY_HEADER = 'X-API-Key';
/** What stands in a printed request for the API key. */
export const API_KEY_VARIABLE = '$CARVOS_API_KEY';

/**
 * A curl command for a POSIX shell that sends exactly these bytes.
 *
 * @param file the file that holds them, if one does; otherwise they stand in the command.
 */
export function curlCommand(
  { url, method = 'POST', headers, body }: HttpRequestText,
  file: string | null,
): string {
  const empty = method === 'DELETE' && body.byteLength === 0;
  const lines = [
    `curl -sS -i -X ${method} ${shellQuote(url.href)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoteHeader(name, value)}`),
    ...(empty ? [] : [`--data-binary ${file === null ? '@-' : shellQuote(`@${file}`)}`]),
  ];
  const curl = lines.join(' \\\n  ');
  return file === null && !empty ? `${printBytes(body)} | ${curl}` : curl;
}

/** The key is left to the shell, since it must not stand in the command; everything else means itself. */
function quoteHeader(name: string, value: string): string {
  const isKey = name === API_KEY_HEADER && value === API_KEY_VARIABLE;
  return isKey ? `"${name}: ${value}"` : shellQuote(`${name}: ${value}`);
}

/** One word for a POSIX shell, without a character that a terminal would obey. */
export function shellQuote(text: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text;
  if (neutralize(text) === text) return `'${text.replaceAll("'", `'\\''`)}'`;
  // Header values hold a byte a character, as they came; a longer character means its UTF-8.
  const bytes = Buffer.from(text, /[^\x00-\xff]/.test(text) ? 'utf8' : 'latin1');
  const escaped = Array.from(bytes, (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x27 || byte === 0x5c
      ? `\\0${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  ).join('');
  return `"$(printf '%b' '${escaped}')"`;
}

/** A shell command that writes exactly these bytes. A here-document would add a line break. */
function printBytes(body: Uint8Array): string {
  const bytes = Buffer.from(body);
  const text = bytes.toString('utf8');
  // A shell cannot hold NUL, a terminal would obey control characters, and not every body is UTF-8.
  if (Buffer.from(text).equals(bytes) && neutralize(text) === text) {
    return `printf '%s' ${shellQuote(text)}`;
  }
  return `printf '%s' ${bytes.toString('base64')} | base64 -d`;
}

/** A body for `--json`: text where it is UTF-8, else base64. */
export function bodyForJson(body: Uint8Array): { text: string; encoding: 'utf8' | 'base64'; bytes: number } {
  const bytes = Buffer.from(body);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes)
    ? { text, encoding: 'utf8', bytes: bytes.length }
    : { text: bytes.toString('base64'), encoding: 'base64', bytes: bytes.length };
}

/** An answer's body as lines for a person: what is wrong one by one where it is the gateway's list of problems. */
export function describeAnswer(body: Buffer): string[] {
  const text = body.toString('utf8');
  const parsed = parseJson(body);
  const detail = parsed.ok ? (parsed.value as { detail?: unknown } | null)?.detail : undefined;
  if (typeof detail === 'string') return [detail];
  if (Array.isArray(detail)) return detail.map(describeProblem);
  return text.trim() === '' ? [] : text.trimEnd().split('\n');
}

function describeProblem(problem: unknown): string {
  const { loc, msg, input } = (problem ?? {}) as { loc?: unknown; msg?: unknown; input?: unknown };
  const where = Array.isArray(loc) ? loc.join('.') : 'body';
  // What is missing has the whole object as its input.
  const isWhole = typeof input === 'object' && !isLosslessNumber(input);
  const got = isWhole || input === undefined ? '' : ` (got ${toJson(input)})`;
  return `${where}: ${typeof msg === 'string' ? msg : toJson(problem)}${got}`;
}
