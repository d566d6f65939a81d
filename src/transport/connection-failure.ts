/**
 * Why no complete answer came. One set of words for all who send: attempts of the gateway, the AI, `send`, `trigger`,
 * `check`, and the control API's client.
 */
export const CONNECTION_FAILURES = [
  /** Nothing listens there. */
  'refused',
  'reset',
  /** The name has no address. */
  'dns',
  /** No name server said which address it has; nothing was sent. */
  'dns_timeout',
  'tls',
  'timeout',
  /** There is no route. */
  'unreachable',
  /** What answered does not speak HTTP. */
  'not_http',
  'answer_too_large',
  'headers_too_large',
  /** This process, or the machine, may open no more files: nothing was sent. */
  'no_descriptors',
] as const;
export type ConnectionFailure = (typeof CONNECTION_FAILURES)[number];

const BROKE_OFF = ['reset', 'the connection was closed before the answer was complete'] as const;
const TOO_MANY_FILES = [
  'no_descriptors',
  'no more connections can be opened here (too many open files)',
] as const;
const LARGE_HEAD = ['headers_too_large', 'the headers of the answer are too large'] as const;
const NO_CONNECTION = ['timeout', 'the connection could not be made in time'] as const;

/** By the codes of Node and undici. */
const KNOWN: Readonly<Record<string, readonly [ConnectionFailure, string]>> = {
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
  ECONNREFUSED: ['refused', 'nothing listens there'],
  ECONNRESET: BROKE_OFF,
  UND_ERR_SOCKET: BROKE_OFF,
  EPIPE: ['reset', 'the connection was closed while the request was sent'],
  ENOTFOUND: ['dns', 'the host name does not resolve'],
  EAI_AGAIN: ['dns_timeout', 'the host name was not resolved: no name server answered'],
  ETIMEDOUT: NO_CONNECTION,
  UND_ERR_CONNECT_TIMEOUT: NO_CONNECTION,
  UND_ERR_HEADERS_OVERFLOW: LARGE_HEAD,
  HPE_HEADER_OVERFLOW: LARGE_HEAD,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['not_http', 'the answer is not as long as its Content-Length says'],
  ERR_ASSERTION: ['not_http', 'the answer is not HTTP'],
  EHOSTUNREACH: ['unreachable', 'the host cannot be reached'],
  EADDRNOTAVAIL: ['unreachable', 'the host cannot be reached'],
  ENETUNREACH: ['unreachable', 'the network cannot be reached'],
};

const TLS = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|^EPROTO$/;

/** Sorts an error of node:http, node:https or undici, whatever the platform calls it. */
export function describeConnectionError(error: unknown): { code: ConnectionFailure; message: string } {
  const code = connectionErrorCode(error);
  const known = KNOWN[code.startsWith('EAI_') ? 'EAI_AGAIN' : code];
  if (known) return { code: known[0], message: known[1] };
  const { name, message } = error as Error;
  if (TLS.test(code)) return { code: 'tls', message: `the TLS handshake failed: ${message}` };
  // The parser's errors carry a code only for some of its complaints.
  if (code.startsWith('HPE_') || name === 'HTTPParserError')
    return { code: 'not_http', message: `the answer is not HTTP: ${message}` };
  return { code: 'reset', message: `the connection broke: ${message || code}` };
}

/** A name that resolves to several addresses fails with an AggregateError around the real ones. */
export function connectionErrorCode(error: unknown): string {
  const { code, errors, cause } = (error ?? {}) as { code?: string; errors?: unknown[]; cause?: unknown };
  if (code !== undefined) return String(code);
  const inner = errors?.[0] ?? cause;
  return inner === undefined ? '' : connectionErrorCode(inner);
}
