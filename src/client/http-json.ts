import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { KeptBytes } from '../http/kept-bytes.ts';
import { lookUpName } from '../http/name-lookup.ts';
import { ControlError, classifyConnectionError, explainUnreachable, UnreachableError } from './errors.ts';

/** Longest answer of the control API that is read; a page of 1000 records stays far below. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

export interface ControlTarget {
  /** Base of the gateway, `http://127.0.0.1:4010`. */
  url: URL;
  token: string;
}

export interface JsonRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  /** Path with query, below the gateway's base. */
  path: string;
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  stream?: { type: string; data: Readable };
  /** Limit on the whole answer in milliseconds; `null` waits as long as the connection holds. */
  timeoutMs: number | null;
  signal?: AbortSignal;
}

/**
 * Starts a request to the control API and resolves with the answer, its body not yet read.
 *
 * @throws UnreachableError when no answer starts; the signal's reason when it is aborted.
 */
export function openControl(
  target: ControlTarget,
  request: JsonRequest & { headers?: Record<string, string> },
): Promise<http.IncomingMessage> {
  const url = new URL(request.path, target.url);
  const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  const headers: Record<string, string | number> = {
    accept: 'application/json',
    authorization: `Bearer ${target.token}`,
    ...request.headers,
  };
  if (payload)
    Object.assign(headers, { 'content-type': 'application/json', 'content-length': payload.length });
  if (request.stream) headers['content-type'] = request.stream.type;
  return new Promise((resolve, reject) => {
    if (request.signal?.aborted) return reject(request.signal.reason);
    const transport = url.protocol === 'https:' ? https : http;
    // No agent: a kept-alive connection would hold the process open and can be reset between two calls.
    const outgoing = transport.request(url, {
      method: request.method,
      headers,
      agent: false,
      lookup: lookUpName,
      signal: request.signal,
    });
    outgoing.on('error', (error) =>
      reject(request.signal?.aborted ? request.signal.reason : unreachable(error, url)),
    );
    outgoing.on('response', resolve);
    if (request.stream) {
      request.stream.data.on('error', (error) => outgoing.destroy(error));
      request.stream.data.pipe(outgoing);
    } else outgoing.end(payload);
  });
}

/**
 * Asks the control API and returns its JSON.
 *
 * @throws ControlError for an answer that is not 2xx, UnreachableError when none is complete.
 */
export async function requestJson<T>(target: ControlTarget, request: JsonRequest): Promise<T> {
  const deadline = new AbortController();
  const timer =
    request.timeoutMs === null
      ? undefined
      : setTimeout(() => deadline.abort(new TimeUp()), request.timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, deadline.signal]) : deadline.signal;
  const url = new URL(request.path, target.url);
  try {
    const response = await openControl(target, { ...request, signal });
    const text = await readText(response, url, signal);
    return parseAnswer<T>(response.statusCode ?? 0, text);
  } catch (error) {
    if (error instanceof TimeUp) {
      throw new UnreachableError(
        'timeout',
        `${url.host} did not answer in time`,
        explainUnreachable('timeout', url),
      );
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

class TimeUp extends Error {}

/** Reads an answer whole, bounded. */
export async function readText(
  response: http.IncomingMessage,
  url: URL,
  signal?: AbortSignal,
): Promise<string> {
  const kept = new KeptBytes(MAX_ANSWER_BYTES);
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES)
        throw new ControlError(response.statusCode ?? 0, 'the answer is too long');
      kept.add(chunk);
    }
  } catch (error) {
    if (error instanceof ControlError) throw error;
    throw signal?.aborted ? signal.reason : unreachable(error, url);
  }
  return kept.take().toString('utf8');
}

/** The JSON of a 2xx answer; everything else becomes a ControlError. */
export function parseAnswer<T>(status: number, text: string): T {
  let json: unknown;
  try {
    json = text === '' ? null : JSON.parse(text);
  } catch {
    throw new ControlError(status, `not JSON: ${text.slice(0, 200)}`);
  }
  if (status >= 200 && status < 300) return json as T;
  const detail = typeof json === 'object' && json !== null && 'detail' in json ? json.detail : json;
  throw new ControlError(status, detail ?? `no detail`);
}

function unreachable(error: unknown, url: URL): UnreachableError {
  const code = classifyConnectionError(error);
  return new UnreachableError(
    code,
    `cannot reach the emulator at ${url.origin} (${code})`,
    explainUnreachable(code, url),
  );
}
