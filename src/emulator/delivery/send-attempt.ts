import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { maskUrl } from '../../contract/mask-url.ts';
import {
  CONNECTION_FAILURES,
  type ConnectionFailure,
  classifyFailure,
} from '../../transport/connection-failures.ts';
import { listensOnOtherLoopback } from '../../transport/is-listening.ts';
import { KeptBytes } from '../../transport/kept-bytes.ts';
import { isBeingLookedUp } from '../../transport/name-lookup.ts';
import { proxyCredentials } from '../../transport/proxy.ts';
import type { ReceiverTls, TlsFacts } from '../../transport/receiver-tls.ts';
import { createWaits } from '../time/waits.ts';
import { monotonicNow } from '../time/wall.ts';
import { type Connection, Connections } from './connections.ts';
import { createSweep, type Limited } from './sweep-attempts.ts';
import { readTarget, type Target } from './target.ts';

/** Bytes of an answer that are kept (contract, section 6). */
const KEPT_ANSWER = 64 * 1024;
/** Bytes of an answer after which it is cut off: nobody waits for a gigabyte behind a status code. */
const MAX_ANSWER = 16 * 1024 * 1024;
const LENGTH_MISMATCH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
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
  /** The usual rules where it is left out. */
  tls?: ReceiverTls;
  /** What it goes through. */
  proxy?: URL | null;
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
  /** `null` where there was no handshake. */
  tls: TlsFacts | null;
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
  tls: null,
};

export type AttemptSender = ReturnType<typeof createAttemptSender>;

/**
 * Sends attempts over connections that are kept alive, following no redirect. One sweep per sender enforces the
 * limit on the whole answer: undici's own timeouts fire up to half a second late and do not stop a
 * body that drips (DEPENDENCIES, "Measured here").
 */
export function createAttemptSender() {
  const connections = new Connections();
  const limits = createSweep();
  const pauses = createWaits();
  let cuts = 0;

  return {
    /** How often what was in flight was cut off. */
    get cuts() {
      return cuts;
    },
    /** Never rejects: whatever goes wrong is a result. */
    send(request: AttemptRequest): Promise<AttemptResult> {
      return new Promise((resolve) => {
        const target = readTarget(request.url);
        if (!target) {
          resolve({
            ...NO_ANSWER,
            error: { code: 'invalid_url', message: `${maskUrl(request.url)} is no http:// or https:// URL` },
          });
          return;
        }
        let connection: Connection;
        try {
          connection = connections.take(target.origin, request.tls, request.proxy);
        } catch (error) {
          // undici is loaded with the first connection, which takes a descriptor (docs/architecture/packaging.md); or
          // certificate and key of ours are none.
          const known = classifyFailure(error);
          const message = `no connection can be made: ${(error as Error).message}`;
          resolve({
            ...NO_ANSWER,
            error: known.code === 'no_descriptors' ? known : { code: 'failed', message },
          });
          return;
        }
        const attempt = new Attempt(request, target.hostname, {
          end(result) {
            limits.remove(attempt);
            result.tls = connection.tls;
            resolve(result);
            if (result.outcome === 'error') connections.drop(connection);
            else connections.giveBack(connection);
          },
          forgiveStandstill: limits.forgive,
          fault: () => connection.fault,
          isStale: () => connection.isStale(),
          sendAgain() {
            // What is sent piece by piece is gone.
            if (!(request.body instanceof Uint8Array)) return false;
            connections.drop(connection);
            connection = connections.make(target.origin, request.tls, request.proxy);
            dispatch(connection);
            return true;
          },
        });
        const { path, headers } = readAddress(target, request);
        const dispatch = ({ client }: Connection) =>
          client.dispatch({ method: 'POST', path, headers, body: request.body }, attempt);
        limits.add(attempt);
        dispatch(connection);
      });
    },
    /** Waits until an attempt that could not begin may be tried again; `false` when cut off meanwhile. */
    pause: (): Promise<boolean> => pauses.wait(PAUSE_MS),
    /** Cuts off what is in flight. What is sent afterwards opens connections of its own. */
    async close(): Promise<void> {
      cuts++;
      pauses.cutShort();
      await connections.close();
    },
  };
}

/** Through a proxy that opens no tunnel the request names the whole URL (RFC 9112, section 3.2.2). */
function readAddress({ origin, path }: Target, { headers, proxy }: AttemptRequest) {
  if (!proxy || !origin.startsWith('http:')) return { path, headers };
  const credentials = proxyCredentials(proxy);
  const own = credentials === null ? [] : ['Proxy-Authorization', credentials];
  return { path: origin + path, headers: [...headers, ...own] };
}

interface AttemptOwner {
  end(result: AttemptResult): void;
  /** Gives all attempts in flight the time back in which this process stood still. */
  forgiveStandstill(): void;
  fault(): Error | null;
  /** Whether the connection was kept from an earlier attempt, and no answer came over it since. */
  isStale(): boolean;
  /**
   * Sends it over a new connection, where the one that broke was an old one that the receiver had closed by then. The
   * event is the same, and whoever got it twice knows it by its id (contract, section 5).
   */
  sendAgain(): boolean;
}

class Attempt implements Dispatcher.DispatchHandler, Limited {
  deadline: number;
  place = -1;
  #startedAt = monotonicNow();
  readonly #url: string;
  readonly #hostname: string;
  readonly #timeoutMs: number | null;
  readonly #owner: AttemptOwner;
  #settled = false;
  #status: number | null = null;
  #headers: Record<string, string> = {};
  readonly #kept = new KeptBytes(KEPT_ANSWER);
  #bytes = 0;
  #written = false;

  constructor({ url, timeoutMs }: AttemptRequest, hostname: string, owner: AttemptOwner) {
    this.#url = url;
    this.#hostname = hostname;
    this.#timeoutMs = timeoutMs;
    this.#owner = owner;
    this.deadline = timeoutMs === null ? Number.POSITIVE_INFINITY : this.#startedAt + timeoutMs;
  }

  forgive(stoodMs: number): void {
    const ms = Math.min(stoodMs, monotonicNow() - this.#startedAt);
    this.#startedAt += ms;
    this.deadline += ms;
  }

  expire(): void {
    const seconds = (this.#timeoutMs ?? 0) / 1000;
    if (!this.#written && isBeingLookedUp(this.#hostname)) {
      const message = `the host name was not resolved within ${seconds} s; the receiver was not contacted`;
      this.#fail('dns_timeout', message);
      return;
    }
    const what = this.#written
      ? this.#status === null
        ? 'no answer'
        : 'the answer did not end'
      : 'no connection';
    this.#fail('timeout', `${what} within ${seconds} s`);
  }

  /** A connection is there. */
  onRequestStart(): void {
    this.#written = true;
  }

  onResponseStart(_controller: unknown, status: number, headers: NodeJS.Dict<string | string[]>): void {
    this.#status = status;
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) this.#headers[name] = typeof value === 'string' ? value : value.join(', ');
    }
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#kept.add(chunk);
    if (this.#bytes > MAX_ANSWER) this.#fail('answer_too_large');
  }

  onResponseEnd(): void {
    // The sweep comes by every 20 ms only.
    this.#owner.forgiveStandstill();
    if (monotonicNow() > this.deadline) this.expire();
    const status = this.#status ?? 0;
    this.#end(status >= 200 && status < 300 ? 'success' : 'failure', null);
  }

  onResponseError(_controller: unknown, told: Error): void {
    if (this.#settled) return;
    const own = (told as NodeJS.ErrnoException).code;
    // Neither has a body, whatever length its head gives (RFC 9112, section 6.3).
    if (own === LENGTH_MISMATCH && (this.#status === 204 || this.#status === 304)) {
      this.onResponseEnd();
      return;
    }
    // Of an alert over TLS, as for a certificate that is missing, undici tells the end alone.
    const { code, message } = classifyFailure(
      own === 'UND_ERR_SOCKET' ? (this.#owner.fault() ?? told) : told,
    );
    if (code === 'refused') {
      void listensOnOtherLoopback(new URL(this.#url)).then((listens) =>
        this.#fail(listens ? 'refused_family' : 'refused'),
      );
    } else if (code === 'reset' && this.#owner.isStale()) {
      if (!this.#owner.sendAgain()) this.#fail('reset_kept');
    } else this.#fail(code, message);
  }

  #fail(code: ConnectionFailure, message: string = CONNECTION_FAILURES[code].says): void {
    this.#end('error', { code, message });
  }

  #end(outcome: AttemptResult['outcome'], error: AttemptResult['error']): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#owner.end({
      outcome,
      status: this.#status,
      headers: this.#headers,
      body: this.#kept.take(),
      bytes: this.#bytes,
      durationMs: monotonicNow() - this.#startedAt,
      error,
      tls: null,
    });
  }
}
