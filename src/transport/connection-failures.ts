import { CertificateError } from './receiver-tls.ts';

/**
 * Why no complete answer came, by code: the one table for gateway and commands. The code stands in the log and in
 * `--json`; `says` completes "HOST: ...", and states what was seen, not what may have caused it. What to do about each is in
 * `explain-failure.ts`.
 */
export const CONNECTION_FAILURES = {
  refused: { kind: 'absent', says: 'nothing listens there' },
  refused_family: { kind: 'absent', says: 'nothing listens on this loopback address, but on the other' },
  dns: { kind: 'absent', says: 'the host name does not resolve' },
  dns_timeout: { kind: 'absent', says: 'the host name was not resolved: no name server answered' },
  unreachable: { kind: 'absent', says: 'there is no route to the host' },
  timeout: { kind: 'slow', says: 'the connection could not be made in time' },
  reset: { kind: 'cut', says: 'the connection was closed before the answer was complete' },
  reset_kept: {
    kind: 'cut',
    says: 'a connection kept open since an earlier attempt was closed before an answer began',
  },
  tls: { kind: 'tls', says: 'the TLS handshake failed' },
  tls_plain: { kind: 'tls', says: 'the TLS handshake failed: what answers there does not speak TLS' },
  tls_untrusted: { kind: 'tls', says: 'its certificate is not signed by an authority that is known here' },
  tls_expired: { kind: 'tls', says: 'its certificate has expired' },
  tls_not_yet: { kind: 'tls', says: 'its certificate is not valid yet' },
  tls_name: { kind: 'tls', says: 'its certificate is for another name' },
  tls_version: { kind: 'tls', says: 'the TLS handshake failed: the two sides share no TLS version' },
  tls_refused: { kind: 'tls', says: 'it refused the TLS handshake' },
  tls_client: { kind: 'tls', says: 'it wants a certificate of its client' },
  tls_closed: { kind: 'tls', says: 'it closed the connection during the TLS handshake' },
  tls_at_http: { kind: 'garbled', says: 'it answered in TLS, not in HTTP' },
  not_http: { kind: 'garbled', says: 'the answer does not begin as HTTP does' },
  broken_http: { kind: 'garbled', says: 'the answer is HTTP, but broken' },
  wrong_length: {
    kind: 'garbled',
    says: 'the answer is not as long as its Content-Length says, or has two of them',
  },
  headers_too_large: { kind: 'garbled', says: 'the headers of the answer are too large' },
  answer_too_large: { kind: 'long', says: 'the answer is larger than 16 MiB and was cut off' },
  /** The attempt was not made: this process, or the machine, may open no more files. */
  no_descriptors: {
    kind: 'local',
    says: 'no more connections can be opened here (too many open files)',
  },
  failed: { kind: 'local', says: 'the request failed' },
} as const satisfies Record<string, { kind: string; says: string }>;

export type ConnectionFailure = keyof typeof CONNECTION_FAILURES;
export type FailureKind = (typeof CONNECTION_FAILURES)[ConnectionFailure]['kind'];

export function isConnectionFailure(code: string): code is ConnectionFailure {
  return Object.hasOwn(CONNECTION_FAILURES, code);
}

/** A code's kind; `null` for one that is not in the table, as `aborted`. */
export function kindOfFailure(code: string): FailureKind | null {
  return isConnectionFailure(code) ? CONNECTION_FAILURES[code].kind : null;
}

/** What Node, undici and OpenSSL call it. */
const CODES: Record<string, ConnectionFailure> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  UND_ERR_SOCKET: 'reset',
  EPIPE: 'reset',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns_timeout',
  ETIMEDOUT: 'timeout',
  ESOCKETTIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EMFILE: 'no_descriptors',
  ENFILE: 'no_descriptors',
  UND_ERR_HEADERS_OVERFLOW: 'headers_too_large',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'wrong_length',
  // undici takes the second of two lengths and finds it wrong.
  HPE_UNEXPECTED_CONTENT_LENGTH: 'wrong_length',
  // undici stumbles over what is no HTTP.
  ERR_ASSERTION: 'not_http',
  CERT_HAS_EXPIRED: 'tls_expired',
  CERT_NOT_YET_VALID: 'tls_not_yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_name',
  HOSTNAME_MISMATCH: 'tls_name',
};

/** What the TLS library says, by its code or its words: Node wraps some of it into EPROTO. */
const TLS: readonly [RegExp, ConnectionFailure][] = [
  [/self.signed|UNABLE_TO_(?:GET_ISSUER|VERIFY)|CERT_(?:UNTRUSTED|REJECTED)|INVALID_CA/i, 'tls_untrusted'],
  [/wrong.version.number|packet.length.too.long|http.request|unexpected.message/i, 'tls_plain'],
  [/protocol.version|unsupported.protocol|no.protocols.available/i, 'tls_version'],
  [/certificate.required/i, 'tls_client'],
  [/alert.handshake.failure/i, 'tls_refused'],
  [/before secure TLS connection/i, 'tls_closed'],
  [/^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL|CERT_|UNABLE_TO_|EPROTO)|SSL routines/, 'tls'],
];

/** What is wrong with an answer, by the parser's words; what is not here is told in its words. */
const BROKEN: readonly [RegExp, string][] = [
  [/Missing expected (?:CR|LF)|Expected (?:CRLF|LF)/, 'a line of its head does not end with CR LF (\\r\\n)'],
  [/present with/, 'Content-Length and Transfer-Encoding stand side by side'],
  [/Content-Length/, 'the value of Content-Length is no number of bytes'],
  [/chunk size|chunk data|chunk extension/i, 'its chunked body cannot be read'],
  [/whitespace after header value/i, 'a header goes on in a second line (folded)'],
  [/header (?:token|value|field)/i, 'a header cannot be read'],
  [/status code/i, 'its status is no number'],
  [/Expected dot|HTTP version|(?:major|minor) version/i, 'its first line does not name HTTP/1.1'],
];

interface Thrown extends Error {
  code?: string;
  reason?: string;
  errors?: Thrown[];
  cause?: Thrown;
  /** What the parser was reading: Node's, undici's. */
  rawPacket?: Uint8Array;
  data?: string | null;
}

/** One of the codes of the table, whatever the platform calls it, and what was seen. */
export function classifyFailure(thrown: unknown): { code: ConnectionFailure; message: string } {
  const error = innermost(thrown as Thrown);
  const own = error.code ?? '';
  if (own === 'EPROXY') return { code: 'unreachable', message: error.message };
  const text = `${own} ${error.reason ?? error.message}`;
  // During a handshake the connection breaks with a code of its own, and words that tell.
  const tls = TLS.find(([pattern]) => pattern.test(text))?.[1];
  const code = own === 'ECONNRESET' ? (tls ?? 'reset') : (CODES[own] ?? tls);
  if (error instanceof CertificateError) {
    const found = code ?? 'tls';
    return { code: found, message: `${CONNECTION_FAILURES[found].says}: ${error.message}` };
  }
  if (code !== undefined) return { code, message: CONNECTION_FAILURES[code].says };
  if (own.startsWith('HPE_') || error.name === 'HTTPParserError') return classifyAnswer(error);
  return { code: 'failed', message: `${CONNECTION_FAILURES.failed.says}: ${error.message || own}` };
}

function classifyAnswer(error: Thrown): ReturnType<typeof classifyFailure> {
  const packet = error.rawPacket ?? Buffer.from(error.data ?? '', 'latin1');
  const isAlert = packet[0] === 0x15 && packet[1] === 0x03;
  const words = error.reason ?? /\((.*)\)$/s.exec(error.message)?.[1] ?? error.message;
  const code = isAlert ? 'tls_at_http' : /Expected HTTP\//.test(words) ? 'not_http' : 'broken_http';
  const { says } = CONNECTION_FAILURES[code];
  if (code !== 'broken_http') return { code, message: says };
  const what = BROKEN.find(([pattern]) => pattern.test(words))?.[1] ?? words;
  return { code, message: `${says}: ${what}` };
}

/** A name with several addresses fails with an AggregateError around the real ones. */
function innermost(error: Thrown): Thrown {
  const inner = error.errors?.[0] ?? (error.code === undefined ? error.cause : undefined);
  return inner ? innermost(inner) : error;
}
