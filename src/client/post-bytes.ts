import http from 'node:http';
import https from 'node:https';
import { clearInterval, setInterval, setTimeout } from 'node:timers';
import { roundMs } from '../contract/round-ms.ts';
import {
  CONNECTION_FAILURES,
  type ConnectionFailure,
  classifyFailure,
} from '../transport/connection-failures.ts';
import { explainFailure, type Surroundings } from '../transport/explain-failure.ts';
import { listensOnOtherLoopback } from '../transport/is-listening.ts';
import { KeptBytes } from '../transport/kept-bytes.ts';
import { LONGEST_MS, limitTime } from '../transport/limit-time.ts';
import { isBeingLookedUp, lookUpOf } from '../transport/name-lookup.ts';
import { proxyCredentials } from '../transport/proxy.ts';
import { openJudged, type ReceiverTls, type TlsFacts } from '../transport/receiver-tls.ts';

/** What is kept of an answer's body by default (contract, section 6). */
const DEFAULT_BODY_LIMIT = 64 * 1024;
/** Bytes of an answer after which it is cut off and no success, as the gateway judges it. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** Between two packets of a body: the reader gets the first one alone. */
const PACKET_PAUSE_MS = 50;

export interface PostOptions {
  url: string | URL;
  /** `POST` by default. */
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as they are. */
  body: Uint8Array;
  headers?: Record<string, string | string[]>;
  /** The body goes in two packets, this many bytes in the first, the second one 50 ms later. */
  cutAt?: number;
  /** Limit on the whole answer in milliseconds; `null` waits for ever. */
  timeoutMs: number | null;
  /** Bytes of the answer's body that are kept; what follows is read, up to 16 MiB. 64 KiB by default. */
  maxBodyBytes?: number;
  /** The answer counts when its head is there: the body is not read. */
  headOnly?: boolean;
  /** How a receiver's certificate is judged; as Node does by default. */
  tls?: ReceiverTls;
  /** What it goes through; no proxy by default, whatever the environment says. */
  proxy?: URL | null;
  /** For many posts to one gateway: an agent that keeps connections. A connection a post by default. */
  agent?: http.Agent | https.Agent;
  signal?: AbortSignal;
  /** Where this process runs, for the hint; detected by default. */
  surroundings?: Surroundings;
  /** The command that starts what should listen there, for the hint. */
  start?: string;
}

export type PostResult =
  | {
      ok: true;
      status: number;
      /** Lower-case names; repeated ones are joined by a comma. */
      headers: Record<string, string>;
      body: Buffer;
      /** The body was longer than what is kept. */
      truncated: boolean;
      duration_ms: number;
      /** `null` without TLS. */
      tls: TlsFacts | null;
    }
  | {
      ok: false;
      code: ConnectionFailure | 'aborted';
      message: string;
      hint: string;
      duration_ms: number;
      /** `null` also where no handshake came to its end. */
      tls: TlsFacts | null;
    };

/** Whether it is a success in the sense of the contract, section 5: 2xx, and the whole answer in time. */
export function isAccepted(result: PostResult): boolean {
  return result.ok && result.status >= 200 && result.status <= 299;
}

/**
 * Posts raw bytes once: no redirect is followed, nothing is tried again. An answer of any status is a
 * result; so is a connection that failed.
 *
 * @throws TypeError for a URL that is not http or https, or a header that HTTP does not allow.
 */
export async function postBytes(options: PostOptions): Promise<PostResult> {
  const url = new URL(options.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`only http:// and https:// URLs can be posted to, not ${url.protocol}`);
  }
  const started = performance.now();
  const elapsed = () => roundMs(performance.now() - started);
  const limit = options.maxBodyBytes ?? DEFAULT_BODY_LIMIT;

  return new Promise((resolve, reject) => {
    const fail = (code: ConnectionFailure | 'aborted', message: string) => {
      const { surroundings, start } = options;
      const hint = code === 'aborted' ? '' : explainFailure(code, { url, surroundings, start });
      const stated = code === 'aborted' ? message : `${url.host}: ${message}`;
      settle({ ok: false, code, message: stated, hint, duration_ms: elapsed(), tls });
    };
    let tls: TlsFacts | null = null;
    let settled = false;
    const settle = (result: PostResult) => {
      if (settled) return;
      settled = true;
      callOff();
      clearInterval(holding);
      options.signal?.removeEventListener('abort', onAbort);
      resolve(result);
      // What was not read to its end cannot be used again; what was goes back to the agent.
      if (result.ok) return;
      request.destroy();
      judged.abandon();
    };
    const onAbort = () => fail('aborted', 'given up before the answer was complete');
    const onError = (error: Error) => {
      const { code, message } = classifyFailure(error);
      if (code !== 'refused') return fail(code, message);
      void listensOnOtherLoopback(url).then((listens) => {
        const found = listens ? 'refused_family' : code;
        fail(found, CONNECTION_FAILURES[found].says);
      });
    };

    const transport = url.protocol === 'https:' ? https : http;
    // Host first, as everybody writes it; Node would put it last.
    const headers = {
      Host: url.host,
      ...options.headers,
      ...(url.protocol === 'http:' && options.proxy && authorizeProxy(options.proxy)),
      'Content-Length': String(options.body.byteLength),
    };
    const { proxy = null } = options;
    const judged = openJudged(
      options.tls,
      (facts) => {
        tls = facts;
      },
      proxy,
    );
    let request: http.ClientRequest;
    try {
      request = transport.request(url, {
        method: options.method ?? 'POST',
        headers,
        ...lookUpOf(url.hostname),
        ...(url.protocol === 'http:' && proxy !== null && throughProxy(url, proxy)),
        ...(url.protocol === 'http:' || options.agent ? { agent: options.agent ?? false } : judged.request),
      });
    } catch (error) {
      reject(error);
      return;
    }
    let written = false;
    request.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => (written = true));
      else written = true;
    });
    const onTimeout = () => {
      if (!written && isBeingLookedUp(url.hostname)) {
        fail('dns_timeout', `the name was not resolved within ${options.timeoutMs} ms`);
      } else fail('timeout', `no complete answer within ${options.timeoutMs} ms`);
    };
    const callOff = limitTime(options.timeoutMs, onTimeout);
    // A name that is looked up keeps no process alive, but whoever waits for an answer wants it.
    const holding = setInterval(() => {}, LONGEST_MS);
    options.signal?.addEventListener('abort', onAbort, { once: true });

    // The error of a request body that could not be written comes too late where an answer has begun:
    // a receiver may answer 413 without reading everything.
    let answered = false;
    // What the parser says of a broken body comes here too, before the answer's own error.
    let broken: Error | null = null;
    request.on('error', (error) => {
      if (answered) broken = error;
      else onError(error);
    });
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail('reset', 'the answer is 101, after which HTTP is over');
    });
    request.on('response', (response) => {
      answered = true;
      const kept = new KeptBytes(limit);
      const most = Math.max(limit, MAX_ANSWER_BYTES);
      let length = 0;
      const succeed = () =>
        settle({
          ok: true,
          status: response.statusCode ?? 0,
          headers: flattenHeaders(response.headers),
          body: kept.take(),
          truncated: length > limit,
          duration_ms: elapsed(),
          tls,
        });
      if (options.headOnly) {
        succeed();
        response.destroy();
        return;
      }
      response.on('error', (error) => onError(broken ?? error));
      response.on('data', (chunk: Buffer) => {
        kept.add(chunk);
        length += chunk.length;
        if (length > most) fail('answer_too_large', CONNECTION_FAILURES.answer_too_large.says);
      });
      response.on('end', succeed);
    });
    if (options.signal?.aborted) onAbort();
    else if (options.cutAt === undefined) request.end(options.body);
    else {
      const { body, cutAt } = options;
      request.setNoDelay(true);
      request.write(body.subarray(0, cutAt));
      setTimeout(() => request.end(body.subarray(cutAt)), PACKET_PAUSE_MS);
    }
  });
}

/** Asks with GET: what counts is that an answer begins. */
export function getHead(options: Omit<PostOptions, 'method' | 'body' | 'headOnly'>): Promise<PostResult> {
  return postBytes({ ...options, method: 'GET', body: new Uint8Array(), headOnly: true });
}

/** A request that is no tunnel names the whole URL (RFC 9112, section 3.2.2). */
function throughProxy(url: URL, proxy: URL): http.RequestOptions {
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  return { host, hostname: host, port: proxy.port || 80, path: url.href };
}

function authorizeProxy(proxy: URL): Record<string, string> {
  const credentials = proxyCredentials(proxy);
  return credentials === null ? {} : { 'Proxy-Authorization': credentials };
}

/** Lower-case names; the values of a repeated one in one text. */
export function flattenHeaders(given: http.IncomingHttpHeaders): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
