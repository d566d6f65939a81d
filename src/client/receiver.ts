import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { roundMs } from '../contract/round-ms.ts';
import { SIGNATURE_HEADER, type VerifyResult, verify } from '../signing/index.ts';
import {
  answerJson,
  headersToForward,
  MAX_RECEIVED_BYTES,
  passOn,
  type ReceivedNames,
  readBody,
  readNames,
} from './receiver-request.ts';
import { type PostResult, postBytes } from './signed-post.ts';

/** Event ids that are remembered, so that a receiver that runs for weeks does not grow. */
const REMEMBERED_EVENTS = 100_000;
const DEFAULT_FORWARD_TIMEOUT_MS = 60_000;

export interface ReceiverOptions {
  /** 0 takes any free port. */
  port: number;
  host?: string;
  /** The outgoing secret; several while one is being rotated. A function is asked at each request. */
  secrets: readonly string[] | (() => readonly string[]);
  /** Statuses to answer verified requests with, in turn; the last one repeats. 200 by default. */
  respond?: readonly number[];
  /** Milliseconds to wait before answering. */
  delayMs?: number;
  /** Passes every request on, whatever its signature, and answers with that server's answer. */
  forwardUrl?: string;
  /** Allowed age of a signature in seconds; 300 by default, `Infinity` checks none. */
  tolerance?: number;
  /** Called once for each webhook, after it was answered. */
  onRequest?: (received: ReceivedRequest) => void;
}

export interface ReceivedRequest extends ReceivedNames {
  /** 1 for the first. */
  number: number;
  /** When its body was complete, ISO 8601. */
  at: string;
  method: string;
  path: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** Names and values in turn, as they came. */
  raw_headers: string[];
  body: Buffer;
  verdict: VerifyResult;
  /** A verified request with this `event_id` came before: a retry, or a replay. */
  seen_before: boolean;
  /** Status that was answered; `null` when the sender was gone before that. */
  answered: number | null;
  /** From the complete body to the answer, in milliseconds. */
  duration_ms: number;
  /** What the forward URL answered. */
  forwarded: PostResult | null;
}

export interface Receiver {
  /** `http://127.0.0.1:4011` */
  readonly url: string;
  readonly port: number;
  /** Stops at once; a request that waits for its delayed answer is cut off. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A receiver of outgoing webhooks as CarvOS documents one: it verifies the raw bytes, answers 401 when
 * that fails, and otherwise 200 or what `respond` says.
 *
 * @throws RangeError for a status outside 200 to 599; the server's error (`EADDRINUSE`, `EACCES`) when
 *   it cannot listen.
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const respond = options.respond?.length ? options.respond : [200];
  for (const status of respond) {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`a receiver can answer 200 to 599, not ${status}`);
    }
  }
  const host = options.host ?? '127.0.0.1';
  const stopping = new AbortController();
  const seen = new Set<string>();
  let received = 0;
  let verified = 0;

  const server = http.createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000 },
    (request, response) => {
      // A socket that breaks is the sender's affair.
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      handle(request, response).catch((error) => {
        if (!response.writableEnded) response.destroy();
        if (error instanceof CallbackError) throw error.cause;
      });
    },
  );
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      answerJson(
        response,
        405,
        { detail: 'Webhooks are sent with POST' },
        { Allow: 'POST', Connection: 'close' },
      );
      return;
    }
    const body = await readBody(request, MAX_RECEIVED_BYTES);
    if (body === null) {
      answerJson(response, 413, { detail: 'Body too large' }, { Connection: 'close' });
      return;
    }
    const at = new Date().toISOString();
    const started = performance.now();
    const headers = flatten(request);
    const verdict = verify({
      body,
      header: headers[SIGNATURE_HEADER.toLowerCase()],
      secret: typeof options.secrets === 'function' ? options.secrets() : options.secrets,
      tolerance: options.tolerance,
    });
    const names = readNames(body);
    const seenBefore = verdict.valid && names.event_id !== null && remember(seen, names.event_id);
    const number = ++received;
    const status = verdict.valid ? (respond[Math.min(verified++, respond.length - 1)] ?? 200) : 401;

    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const signal = AbortSignal.any([gone.signal, stopping.signal]);
    if (options.delayMs) await delay(options.delayMs, undefined, { signal }).catch(() => undefined);

    let forwarded: PostResult | null = null;
    if (options.forwardUrl && !signal.aborted) {
      forwarded = await postBytes({
        url: options.forwardUrl,
        body,
        headers: headersToForward(request),
        timeoutMs: DEFAULT_FORWARD_TIMEOUT_MS,
        maxBodyBytes: MAX_RECEIVED_BYTES,
        signal,
      });
    }
    let answered: number | null = null;
    if (!signal.aborted) {
      if (forwarded) answered = passOn(response, forwarded);
      else if (!verdict.valid) answered = answerJson(response, 401, { detail: 'Invalid signature' });
      else if (status < 300) answered = answerJson(response, status, { status: 'received' });
      else answered = answerJson(response, status, { detail: `This receiver is set to answer ${status}` });
    }
    report({
      ...names,
      number,
      at,
      method: request.method,
      path: request.url ?? '/',
      headers,
      raw_headers: request.rawHeaders,
      body,
      verdict,
      seen_before: seenBefore,
      answered,
      duration_ms: roundMs(performance.now() - started),
      forwarded,
    });
  }

  function report(request: ReceivedRequest): void {
    try {
      options.onRequest?.(request);
    } catch (error) {
      throw new CallbackError(error);
    }
  }

  server.listen(options.port, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= new Promise((resolve) => {
      stopping.abort();
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  const shown = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${shown}:${port}`, port, close, [Symbol.asyncDispose]: close };
}

/** An error of the caller's own callback: not to be mistaken for a broken connection. */
class CallbackError extends Error {
  constructor(cause: unknown) {
    super('the callback failed', { cause });
  }
}

/** Whether `id` was there already; adds it, and forgets the oldest beyond the bound. */
function remember(seen: Set<string>, id: string): boolean {
  if (seen.has(id)) return true;
  seen.add(id);
  if (seen.size > REMEMBERED_EVENTS) {
    for (const oldest of seen) {
      seen.delete(oldest);
      break;
    }
  }
  return false;
}

function flatten(request: http.IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
