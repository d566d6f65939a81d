import type { IncomingMessage } from 'node:http';

/** What reached a port and is no request that a handler gets to see. */
export interface BrokenRequest {
  code: string;
  /** What was answered; `null` where nothing could be. */
  status: number | null;
  /** What is wrong with it, for the developer. */
  message: string;
  /** As far as they could be read; empty where not. */
  method: string;
  url: string;
}

/** What Node's parser says of what it could not read. */
export interface ParserError extends Error {
  code?: string;
  reason?: string;
  bytesParsed?: number;
  rawPacket?: Buffer;
}

interface Described extends Pick<BrokenRequest, 'code' | 'message'> {
  status: number;
}

/** By the parser's code and, where it uses one for many, its words. What is not here is reported in its words. */
const KINDS: readonly { when: RegExp; status?: number; code: string; message: string }[] = [
  {
    when: /^HPE_PAUSED_H2_UPGRADE/,
    code: 'http2',
    message: 'the client speaks HTTP/2 without being asked; this port speaks HTTP/1.1',
  },
  {
    when: /^HPE_HEADER_OVERFLOW/,
    status: 431,
    code: 'head_too_long',
    message: 'path and headers together are longer than 16 KiB',
  },
  {
    when: /^HPE_UNEXPECTED_CONTENT_LENGTH|Duplicate Content-Length/,
    code: 'two_content_lengths',
    message: 'Content-Length stands there twice, or beside Transfer-Encoding: send one of them, once',
  },
  {
    when: /present with (?:Content-Length|Transfer-Encoding|chunked)/,
    code: 'two_lengths',
    message: 'Content-Length and Transfer-Encoding stand side by side: send one of them',
  },
  {
    when: /^HPE_INVALID_CONTENT_LENGTH/,
    code: 'bad_content_length',
    message: 'the value of Content-Length is no number of bytes',
  },
  {
    when: /^HPE_INVALID_TRANSFER_ENCODING/,
    code: 'bad_transfer_encoding',
    message: 'the last Transfer-Encoding must be chunked',
  },
  {
    when: /Unexpected whitespace after header value/,
    code: 'folded_header',
    message: 'a header goes on in a second line (folded), which HTTP no longer allows: write it in one line',
  },
  {
    when: /Invalid header value char/,
    code: 'bad_header',
    message: 'a header has a control character in its value',
  },
  {
    when: /^HPE_INVALID_HEADER_TOKEN/,
    code: 'bad_header',
    message: 'a header cannot be read: each is a name without spaces, a colon at once, and a value',
  },
  {
    when: /Expected CRLF|Missing expected (?:CR|LF)|^HPE_(?:CR|LF)_EXPECTED/,
    code: 'line_feeds_alone',
    message: 'a line of the head does not end with CR LF (\\r\\n): a line feed alone is not enough',
  },
  {
    when: /^HPE_INVALID_CONSTANT/,
    code: 'bad_request_line',
    message:
      'the path is followed by something other than HTTP/1.1: a space in a path must be written as %20',
  },
  {
    when: /^HPE_INVALID_VERSION/,
    code: 'bad_version',
    message: 'the request line names another version than HTTP/1.1 or HTTP/1.0',
  },
  {
    when: /^HPE_INVALID_URL/,
    code: 'bad_path',
    message: 'the path has a character that must be percent-encoded, such as a letter beyond ASCII',
  },
  {
    when: /^HPE_INVALID_EOF_STATE/,
    code: 'head_cut_off',
    message: 'the connection ended in the middle of the head',
  },
  {
    when: /^ERR_HTTP_REQUEST_TIMEOUT/,
    status: 408,
    code: 'head_timeout',
    message: 'the head of the request did not come to its end in time',
  },
];

const refused = (code: string, message: string, status = 400): Described => ({ code, status, message });

/** @param follows whether a request came before it on the same connection. */
export function describeBroken(error: ParserError, follows: boolean): Described {
  const packet = error.rawPacket ?? Buffer.alloc(0);
  const text = `${error.code} ${error.reason ?? error.message}`;
  if (packet[0] === 0x16 && packet[1] === 0x03) {
    return refused(
      'tls',
      'a TLS handshake came, and this port speaks plain HTTP: use http:// in the URL, not https://',
    );
  }
  const kind = KINDS.find(({ when }) => when.test(text));
  if (kind) return refused(kind.code, kind.message, kind.status);
  if (error.code === 'HPE_INVALID_METHOD') return describeStart(packet, error.bytesParsed ?? 0, follows);
  return refused('not_http', `it cannot be read as HTTP (${error.reason ?? error.message})`);
}

/** A host name or address with or without a port (RFC 9110, 7.2); none where the URL has none. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;

/** What is wrong with the Host of a request: Node keeps the first of several. `null` where it is right (RFC 9112, 3.2). */
export function describeHost({ headersDistinct, httpVersion }: IncomingMessage): Described | null {
  const [host, ...more] = headersDistinct.host ?? [];
  if (more.length > 0) return refused('two_hosts', 'the header Host stands there twice: send it once');
  if (host === undefined && httpVersion === '1.1')
    return refused('host_missing', 'the header Host is missing, which HTTP/1.1 demands');
  if (host === undefined || HOST.test(host)) return null;
  return refused('bad_host', 'the value of Host is no host name or address, with or without a port');
}

/** It does not begin with a method. */
function describeStart(packet: Buffer, parsed: number, follows: boolean): Described {
  if (follows && parsed < packet.length) {
    return refused(
      'bytes_behind_body',
      'bytes that are no HTTP request came behind an earlier one on the same connection: perhaps its Content-Length was too small (count bytes, not characters)',
    );
  }
  const word = /^([A-Za-z_-]{1,20}) \S+ HTTP\//.exec(packet.toString('latin1', 0, 2000))?.[1];
  if (word === undefined) return refused('not_http', 'what came does not begin as an HTTP request does');
  const upper = word !== word.toUpperCase() ? `: methods are written in capitals` : '';
  return refused('unknown_method', `HTTP has no method ${word}${upper}`);
}

/** By OpenSSL's code. What is not here, as a client that hangs up, may be no mistake. */
const HANDSHAKES: readonly { when: RegExp; code: string; message: string }[] = [
  {
    when: /HTTP_REQUEST$/,
    code: 'plain_http',
    message: 'plain HTTP came, and this port speaks HTTPS: use https:// in the URL, not http://',
  },
  {
    when: /ALERT_(?:UNKNOWN_CA|CERTIFICATE_UNKNOWN|BAD_CERTIFICATE|CERTIFICATE_EXPIRED)$/,
    code: 'certificate_refused',
    message:
      'the client does not trust this certificate: let it trust CARVOS_CA_FILE, as carvos env prints it, and use a name that the certificate is for',
  },
  {
    when: /UNSUPPORTED_PROTOCOL$|ALERT_PROTOCOL_VERSION$|WRONG_VERSION_NUMBER$/,
    code: 'tls_version',
    message: 'the client speaks neither TLS 1.2 nor 1.3, which this port does',
  },
];

/** Why a TLS handshake failed, where that is worth a line; `null` otherwise. */
export function describeHandshake(error: ParserError): BrokenRequest | null {
  const kind = HANDSHAKES.find(({ when }) => when.test(error.code ?? ''));
  return kind ? { code: kind.code, message: kind.message, status: null, method: '', url: '' } : null;
}
