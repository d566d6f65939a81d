import type { Readable } from 'node:stream';
import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';
import type { Dispatcher } from 'undici';
import { KeptBytes } from '../../transport/kept-bytes.ts';
import { isBeingLookedUp } from '../../transport/name-lookup.ts';
import { monotonicNow } from '../time/wall.ts';
import { Connections } from './connections.ts';
import { type RunningAttempt, RunningAttempts } from './running-attempts.ts';
import { readTarget } from './target.ts';

/** Bytes of an answer that are kept (contract, section 6). */
const KEPT_ANSWER = 64 * 1024;
/** Bytes of an answer after which it is cut off: nobody waits for a gigabyte behind a status code. */
const MAX_ANSWER = 16 * 1024 * 1024;
const SWEEP_MS = 20;
/** Before an attempt that could not begin is tried again. */
const PAUSE_MS = 250;

/** One POST to a receiver. */
export interface AttemptRequest {
  url: string;
  /** Names and values in turn. */
  headers: string[];
  /** A stream comes with a `Content-Length` among the headers. */
  body: Uint8Array | Readable;
  /** Milliseconds for the whole answer; `null` waits for ever. */
  timeoutMs: number | null;
}

/** What came of it. `failure`: a complete answer, not 2xx. `error`: no complete answer. */
export interface AttemptResult {
  outcome: 'success' | 'failure' | 'error';
  status: number | null;
  headers: Record<string, string>;
  /** The beginning of the answer's body. */
  body: Buffer;
  /** Its whole length, as far as it came. */
  bytes: number;
  durationMs: number;
  error: { code: string; message: string } | null;
}

/** What an attempt is that got no answer; its error says why. */
export const NO_ANSWER: Readonly<AttemptResult> = {
  outcome: 'error',
  status: null,
  headers: {},
  body: Buffer.alloc(0),
  bytes: 0,
  durationMs: 0,
  error: null,
};

export interface AttemptSender {
  /** Never rejects: whatever goes wrong is a result. */
  send(request: AttemptRequest): Promise<AttemptResult>;
  /** Waits until an attempt that could not begin may be tried again; `false` when cut off meanwhile. */
  pause(): Promise<boolean>;
  /** Cuts off what is in flight. What is sent afterwards opens connections of its own. */
  close(): Promise<void>;
}

/**
 * Sends attempts over connections that are kept alive, following no redirect. One sweep per sender enforces the
 * limit on the whole answer: undici's own timeouts fire up to half a second late and do not stop a
 * body that drips (DEPENDENCIES, "Measured here").
 */
export function createAttemptSender(): AttemptSender {
  const connections = new Connections();
  const running = new RunningAttempts();
  const pauses = new Set<(again: boolean) => void>();
  let sweeper: NodeJS.Timeout | undefined;
  const sweep = () => running.expireUntil(monotonicNow());

  return {
    send(request) {
      return new Promise((resolve) => {
        const target = readTarget(request.url);
        if (!target) {
          resolve({ ...NO_ANSWER, error: { code: 'invalid_url', message: `${request.url} is not a URL` } });
          return;
        }
        const client = connections.take(target.origin);
        const attempt = new Attempt(target.hostname, request.timeoutMs, (result) => {
          running.remove(attempt);
          if (running.count === 0) {
            clearInterval(sweeper);
            sweeper = undefined;
          }
          resolve(result);
          if (result.outcome === 'error') connections.drop(client);
          else connections.giveBack(target.origin, client);
        });
        running.add(attempt);
        sweeper ??= setInterval(sweep, SWEEP_MS);
        try {
          client.dispatch(
            {
              method: 'POST',
              path: target.path,
              headers: request.headers,
              body: request.body,
            },
            attempt,
          );
        } catch (error) {
          attempt.onResponseError(null, error as Error);
        }
      });
    },
    pause: () =>
      new Promise((resolve) => {
        const end = (again: boolean) => {
          clearTimeout(timer);
          pauses.delete(end);
          resolve(again);
        };
        const timer = setTimeout(end, PAUSE_MS, true);
        pauses.add(end);
      }),
    async close() {
      for (const end of [...pauses]) end(false);
      await connections.close();
      clearInterval(sweeper);
      sweeper = undefined;
    },
  };
}

class Attempt implements Dispatcher.DispatchHandler, RunningAttempt {
  readonly deadline: number;
  place = -1;
  readonly #startedAt = monotonicNow();
  readonly #hostname: string;
  readonly #timeoutMs: number | null;
  readonly #resolve: (result: AttemptResult) => void;
  #settled = false;
  #status: number | null = null;
  #headers: Record<string, string> = {};
  readonly #kept = new KeptBytes(KEPT_ANSWER);
  #bytes = 0;
  #written = false;

  constructor(hostname: string, timeoutMs: number | null, resolve: (result: AttemptResult) => void) {
    this.#hostname = hostname;
    this.#timeoutMs = timeoutMs;
    this.#resolve = resolve;
    this.deadline = timeoutMs === null ? Number.POSITIVE_INFINITY : this.#startedAt + timeoutMs;
  }

  expire(): void {
    const seconds = (this.#timeoutMs ?? 0) / 1000;
    if (!this.#written && isBeingLookedUp(this.#hostname)) {
      const message = `the host name was not resolved within ${seconds} s; the receiver was not contacted`;
      this.#end('error', { code: 'dns_timeout', message });
      return;
    }
    const message =
      this.#status === null ? `no answer within ${seconds} s` : `the answer did not end within ${seconds} s`;
    this.#end('error', { code: 'timeout', message });
  }

  /** A connection is there. */
  onRequestStart(): void {
    this.#written = true;
  }

  onResponseStart(_controller: unknown, status: number, headers: NodeJS.Dict<string | string[]>): void {
    if (status < 200) return;
    this.#status = status;
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) this.#headers[name] = typeof value === 'string' ? value : value.join(', ');
    }
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#settled) return;
    this.#bytes += chunk.length;
    this.#kept.add(chunk);
    if (this.#bytes > MAX_ANSWER) {
      this.#end('error', {
        code: 'answer_too_large',
        message: 'the answer is larger than 16 MiB and was cut off',
      });
    }
  }

  onResponseEnd(): void {
    // The sweep comes by every 20 ms only.
    if (monotonicNow() > this.deadline) this.expire();
    const status = this.#status ?? 0;
    this.#end(status >= 200 && status < 300 ? 'success' : 'failure', null);
  }

  onResponseError(_controller: unknown, error: Error): void {
    // Neither has a body, whatever length its head gives (RFC 9112, section 6.3).
    if (codeOf(error) === LENGTH_MISMATCH && (this.#status === 204 || this.#status === 304))
      this.onResponseEnd();
    else this.#end('error', classifyError(error, this.#status !== null));
  }

  #end(outcome: AttemptResult['outcome'], error: AttemptResult['error']): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#resolve({
      outcome,
      status: this.#status,
      headers: this.#headers,
      body: this.#kept.take(),
      bytes: this.#bytes,
      durationMs: monotonicNow() - this.#startedAt,
      error,
    });
  }
}

/** The code of an attempt that was not made: this process, or the machine, may open no more files. */
export const NO_DESCRIPTORS = 'no_descriptors';
const TOO_MANY_FILES = [
  NO_DESCRIPTORS,
  'no more connections can be opened here (too many open files)',
] as const;
const LENGTH_MISMATCH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';

const CODES: Record<string, readonly [string, string]> = {
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
  ECONNREFUSED: ['refused', 'nothing listens there'],
  ECONNRESET: ['reset', 'the connection was reset'],
  UND_ERR_SOCKET: ['reset', 'the connection was closed before the answer was complete'],
  EPIPE: ['reset', 'the connection was closed while the request was sent'],
  ENOTFOUND: ['dns', 'the host name does not resolve'],
  EAI_AGAIN: ['dns_timeout', 'the host name was not resolved: no name server answered'],
  ETIMEDOUT: ['timeout', 'the connection could not be made in time'],
  UND_ERR_HEADERS_OVERFLOW: ['headers_too_large', 'the headers of the answer are too large'],
  [LENGTH_MISMATCH]: ['not_http', 'the answer is not as long as its Content-Length says'],
  ERR_ASSERTION: ['not_http', 'the answer is not HTTP'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'the connection could not be made in time'],
  EHOSTUNREACH: ['unreachable', 'the host cannot be reached'],
  ENETUNREACH: ['unreachable', 'the network cannot be reached'],
};

/** One of a few codes that hints and filters can rely on, whatever the platform calls it. */
function classifyError(error: Error, answering: boolean): { code: string; message: string } {
  const code = codeOf(error);
  const known = CODES[code];
  if (known) return { code: known[0], message: known[1] };
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(code)) return { code: 'tls', message: error.message };
  // The parser's errors carry a code only for some of its complaints.
  if (code.startsWith('HPE_') || error.name === 'HTTPParserError') {
    return { code: 'not_http', message: `the answer is not HTTP: ${error.message}` };
  }
  const prefix = answering ? 'the answer broke off' : 'the request failed';
  return { code: code ? code.toLowerCase() : 'failed', message: `${prefix}: ${error.message}` };
}

/** `localhost` that resolves to several addresses fails with an AggregateError around the real ones. */
function codeOf(error: Error): string {
  const { code, errors, cause } = error as Error & { code?: string; errors?: Error[]; cause?: Error };
  return code ?? (errors?.[0] && codeOf(errors[0])) ?? (cause && codeOf(cause)) ?? '';
}
