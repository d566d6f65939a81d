import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { maskPath } from '../contract/mask-url.ts';
import type { RefusedDocument } from '../contract/output/signatures.ts';
import { roundMs } from '../contract/round-ms.ts';
import { SIGNATURE_HEADER, type VerifyResult, verify } from '../signing/index.ts';
import { handleBrokenRequests } from '../transport/broken-requests.ts';
import { describeHost } from '../transport/describe-broken.ts';
import { followSignal } from '../transport/follow-signal.ts';
import { LONGEST_MS } from '../transport/limit-time.ts';
import { readBody } from '../transport/read-body.ts';
import type { ReceiverTls } from '../transport/receiver-tls.ts';
import { flattenHeaders, type PostResult, postBytes } from './post-bytes.ts';
import {
  answerJson,
  describeProblem,
  headersToForward,
  MAX_RECEIVED_BYTES,
  passOn,
  type ReceivedNames,
  readNames,
} from './receiver-request.ts';
import { createRecentSet } from './recent-set.ts';

const REMEMBERED_EVENTS = 100_000;
const DEFAULT_FORWARD_TIMEOUT_MS = 60_000;

export interface ReceiverOptions {
  /** 0 takes any free port. */
  port: number;
  host?: string;
  /** Certificate, with its chain, and private key, PEM: it speaks HTTPS with them. */
  tls?: { cert: string; key: string };
  /** The outgoing secret; several while one is being rotated. A function is asked at each request. */
  secrets: readonly string[] | (() => readonly string[]);
  /** Statuses to answer verified requests with, in turn; the last one repeats. 200 by default. */
  respond?: readonly number[];
  /** Milliseconds to wait before answering. */
  delayMs?: number;
  /** Passes every request on, whatever its signature, and answers with that server's answer. */
  forwardUrl?: string;
  /** How the certificate of the forward URL is judged; as Node does by default. */
  forwardTls?: ReceiverTls;
  /** Called once for each webhook, after it was answered. */
  onRequest?: (received: ReceivedRequest) => void;
  /** Called once for whatever else reached the port, after it was answered. */
  onRefused?: (refused: RefusedRequest) => void;
}

/** What reached the port and is no webhook. */
export type RefusedRequest = Omit<RefusedDocument, 'type'>;

export interface ReceivedRequest extends ReceivedNames {
  /** 1 for the first. */
  number: number;
  /** When its body was complete, ISO 8601. */
  at: string;
  method: string;
  /** Without the values of its query. */
  path: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** Names and values in turn, as they came. */
  raw_headers: string[];
  body: Buffer;
  verdict: VerifyResult;
  /** What is seen to be wrong with a request that does not verify, beside its signature; `null` when nothing is. */
  problem: string | null;
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
 * @throws the server's error (`EADDRINUSE`, `EACCES`) when it cannot listen.
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const respond = options.respond?.length ? options.respond : [200];
  const host = options.host ?? '127.0.0.1';
  const stopping = new AbortController();
  const seen = createRecentSet(REMEMBERED_EVENTS);
  let received = 0;
  let verified = 0;

  // A request with a wrong `Host` is refused below, so that it is told of too.
  const limits = {
    requestTimeout: 30_000,
    headersTimeout: 10_000,
    requireHostHeader: false,
  };
  const { tls } = options;
  const server: http.Server = tls
    ? (await import('node:https')).createServer({ ...limits, ...tls })
    : http.createServer(limits);
  handleBrokenRequests(server, ({ url, ...broken }) => refused({ ...broken, path: maskPath(url) }));
  server.on('checkExpectation', (request: http.IncomingMessage, response: http.ServerResponse) => {
    const message = `Expect: ${request.headers.expect} asks for what no server here does; only 100-continue is known`;
    refuse(request, response, { code: 'expectation', status: 417, message });
  });
  server.on('request', (request, response) => {
    // A socket that breaks is the sender's affair.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    handle(request, response).catch((error) => {
      if (!response.writableEnded) response.destroy();
      if (error instanceof CallbackError) throw error.cause;
    });
  });

  function refuse(
    { method = '', url = '' }: http.IncomingMessage,
    response: http.ServerResponse,
    why: Pick<RefusedRequest, 'code' | 'status' | 'message'>,
    headers?: Record<string, string>,
  ): void {
    if (why.status !== null)
      answerJson(response, why.status, { detail: why.message }, { Connection: 'close', ...headers });
    refused({ ...why, method, path: maskPath(url) });
  }

  function refused(request: Omit<RefusedRequest, 'at'>): void {
    report(() => options.onRefused?.({ at: new Date().toISOString(), ...request }));
  }

  function report(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      throw new CallbackError(error);
    }
  }

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const bad = describeHost(request);
    if (bad !== null) return refuse(request, response, bad);
    if (request.method !== 'POST') {
      const message = `webhooks are sent with POST, not ${request.method}`;
      const why = { code: 'method_not_allowed', status: 405, message };
      return refuse(request, response, why, { Allow: 'POST' });
    }
    const raw = await readBody(request, MAX_RECEIVED_BYTES);
    if (!raw.ok) {
      if (stopping.signal.aborted || raw.reason === 'cut_off') return;
      const why =
        raw.reason === 'incomplete'
          ? { code: 'body_incomplete', status: raw.status, message: raw.message }
          : { code: 'body_too_large', status: 413, message: 'the body is larger than 16 MiB' };
      return refuse(request, response, why);
    }
    const { body } = raw;
    const at = new Date().toISOString();
    const started = performance.now();
    const headers = flattenHeaders(request.headers);
    const signed = {
      header: headers[SIGNATURE_HEADER.toLowerCase()],
      secret: typeof options.secrets === 'function' ? options.secrets() : options.secrets,
    };
    const verdict = verify({ ...signed, body });
    const problem = verdict.valid
      ? null
      : describeProblem(request, body, verdict.reason, (whole) => {
          return verify({ ...signed, body: whole, tolerance: Number.POSITIVE_INFINITY }).valid;
        });
    const names = readNames(body);
    const seenBefore = verdict.valid && names.event_id !== null && !seen.add(names.event_id);
    const number = ++received;
    const status = verdict.valid ? (respond[Math.min(verified++, respond.length - 1)] ?? 200) : 401;

    const gone = new AbortController();
    const { signal: stopped, letGo } = followSignal(stopping.signal);
    response.on('close', () => {
      letGo();
      if (!response.writableFinished) gone.abort();
    });
    const signal = AbortSignal.any([gone.signal, stopped]);
    const { delayMs = 0 } = options;
    if (delayMs > 0) await delay(Math.min(delayMs, LONGEST_MS), undefined, { signal }).catch(() => undefined);

    let forwarded: PostResult | null = null;
    if (options.forwardUrl && !signal.aborted) {
      forwarded = await postBytes({
        url: options.forwardUrl,
        body,
        headers: headersToForward(request),
        timeoutMs: DEFAULT_FORWARD_TIMEOUT_MS,
        maxBodyBytes: MAX_RECEIVED_BYTES,
        tls: options.forwardTls,
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
    const webhook: ReceivedRequest = {
      ...names,
      number,
      at,
      method: request.method,
      path: maskPath(request.url ?? '/'),
      headers,
      raw_headers: request.rawHeaders,
      body,
      verdict,
      problem,
      seen_before: seenBefore,
      answered,
      duration_ms: roundMs(performance.now() - started),
      forwarded,
    };
    report(() => options.onRequest?.(webhook));
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
  return { url: `${tls ? 'https' : 'http'}://${shown}:${port}`, port, close, [Symbol.asyncDispose]: close };
}

/** An error of the caller's own callback: not to be mistaken for a broken connection. */
class CallbackError extends Error {
  constructor(cause: unknown) {
    super('the callback failed', { cause });
  }
}
