import type { LoggedBody, LogRecordDetail } from '../../contract/control.ts';
import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { neutralize } from '../terminal/neutralize.ts';

// For the page as well: nothing of Node.

export interface HttpRequestText {
  url: URL;
  /** POST by default. */
  method?: string;
  headers: Record<string, string>;
  body: Uint8Array;
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
  const empty = /^(?:GET|HEAD|DELETE)$/.test(method) && body.byteLength === 0;
  const lines = [
    // With `-X HEAD` it would wait for a body.
    `curl -sS -i ${method === 'HEAD' ? '--head' : `-X ${shellQuote(method)}`} ${shellQuote(url.href)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoteHeader(name, value)}`),
    ...(empty ? [] : [`--data-binary ${file === null ? '@-' : shellQuote(`@${file}`)}`]),
  ];
  const curl = lines.join(' \\\n  ');
  return file === null && !empty ? `${printBytes(body)} | ${curl}` : curl;
}

/**
 * The recorded request as it would be sent again, with the recorded signature. An API key is left to the shell.
 *
 * @param gateway where an incoming request went, of which only the path is recorded.
 * @returns `null` where the log holds only the beginning of the body, it went nowhere, or it did not come by HTTP.
 */
export function recordedRequest(
  { direction, request }: Pick<LogRecordDetail, 'direction' | 'request'>,
  gateway: string,
): HttpRequestText | null {
  const { url, method, signature, body } = request;
  // Of a request to the gateway the address is whatever its sender wrote; it came here. A path is no address relative to
  // the gateway's: it can begin with two slashes.
  const path = /^(?:https?:\/\/[^/?#]*)?(\/.*)$/is.exec(url)?.[1];
  const address = direction === 'outgoing' ? url : path && new URL(gateway).origin + path;
  if (body.truncated || !address || !URL.canParse(address)) return null;
  const fields = Object.entries(request.headers).filter(([name]) => !/^(host|content-length)$/i.test(name));
  const headers = fields.map(([name, value]) =>
    /^x-api-key$/i.test(name) ? [API_KEY_HEADER, API_KEY_VARIABLE] : [name, value],
  );
  if (signature !== null) headers.push([SIGNATURE_HEADER, signature]);
  return { url: new URL(address), method, headers: Object.fromEntries(headers), body: bytesOf(body) };
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
  const bytes = /[^\x00-\xff]/.test(text) ? new TextEncoder().encode(text) : ofLatin1(text);
  const escaped = Array.from(bytes, (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x27 || byte === 0x5c
      ? `\\0${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  ).join('');
  return `"$(printf '%b' '${escaped}')"`;
}

/** A shell command that writes exactly these bytes. A here-document would add a line break. */
function printBytes(body: Uint8Array): string {
  // A shell cannot hold NUL, a terminal would obey control characters, and not every body is UTF-8.
  const text = decode(body);
  if (text !== null && neutralize(text) === text) return `printf '%s' ${shellQuote(text)}`;
  return `printf '%s' ${toBase64(body)} | base64 -d`;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function bytesOf({ text, encoding }: LoggedBody): Uint8Array {
  return encoding === 'base64' ? ofLatin1(atob(text)) : new TextEncoder().encode(text);
}

function ofLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** As the control API takes bodies. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
