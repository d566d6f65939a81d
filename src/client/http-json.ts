import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { fromWire } from '../contract/control/direction.ts';
import type { CallInput, ControlAnswer, JsonCall } from '../contract/control/routes.ts';
import { classifyFailure } from '../transport/connection-failures.ts';
import { explainFailure } from '../transport/explain-failure.ts';
import { readBounded } from '../transport/kept-bytes.ts';
import { limitBySignal } from '../transport/limit-time.ts';
import { lookUpOf } from '../transport/name-lookup.ts';
import { openJudged, type ReceiverTls } from '../transport/receiver-tls.ts';
import { buildRequest, type CallRequest } from './build-request.ts';
import { ControlError, ForeignAnswerError, UnreachableError } from './errors.ts';

/** Longest answer of the control API that is read; a page of 1000 records stays far below. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** Wall milliseconds in which a refusal of a long call must be complete. */
const REFUSAL_LIMIT_MS = 15_000;

export interface ControlTarget {
  /** Base of the gateway, `http://127.0.0.1:4010`. */
  url: URL;
  token: string;
  /** How its certificate is judged; as Node does by default. */
  tls?: ReceiverTls;
  /** Ends whatever is asked there. */
  signal?: AbortSignal;
}

interface JsonRequest extends CallRequest {
  /** Sent as it is, instead of `body`. */
  stream?: { type: string; data: Readable };
  signal?: AbortSignal;
}

/**
 * Starts a request to the control API and resolves with the answer, its body not yet read.
 *
 * @throws UnreachableError when no answer starts; the signal's reason when it is aborted.
 */
function openControl(
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
    const judged = openJudged(target.tls);
    // No agent: a kept-alive connection would hold the process open and can be reset between two calls.
    const outgoing = transport.request(url, {
      method: request.method,
      headers,
      ...(url.protocol === 'https:' ? judged.request : { agent: false }),
      ...lookUpOf(url.hostname),
      signal: request.signal,
    });
    outgoing.on('error', (error) => {
      judged.abandon();
      reject(request.signal?.aborted ? request.signal.reason : unreachable(error, url));
    });
    outgoing.on('response', resolve);
    if (request.stream) {
      // What cannot be read says nothing of the gateway.
      request.stream.data.on('error', (error) => {
        reject(error);
        outgoing.destroy();
      });
      request.stream.data.pipe(outgoing);
    } else outgoing.end(payload);
  });
}

/** How a call is made, where it is not as the table of calls says. */
export type CallOptions = Pick<JsonRequest, 'stream' | 'signal'> & { timeoutMs?: number | null };

/**
 * Makes one call of the control API and returns its JSON, once it is known to be what that call answers.
 *
 * @throws ControlError for an answer that is not 2xx, ForeignAnswerError for one that no gateway of this version
 *   gives, UnreachableError when none is complete.
 */
export async function callControl<N extends JsonCall>(
  target: ControlTarget,
  name: N,
  input: CallInput<N>,
  options?: CallOptions,
): Promise<ControlAnswer<N>> {
  const request = { ...buildRequest(name, input), ...options };
  return await withLimit(target, request, async (signal) => {
    // The schemas are loaded while the gateway works.
    const [response, { readAnswer, routeOf, schemaOf }] = await Promise.all([
      openControl(target, { ...request, signal }),
      loadSchemas(),
    ]);
    const status = response.statusCode ?? 0;
    const text = await readText(response, target.url, signal);
    if (status < 200 || status > 299) throw await readRefusal(target, status, text);
    const answer = readAnswer(schemaOf(routeOf(name).answer!), parseJsonText(target, status, text));
    if (answer.ok) return answer.value as ControlAnswer<N>;
    throw new ForeignAnswerError(target.url.origin, `status ${status}, ${answer.problem}`);
  });
}

/**
 * Asks for what is read as it comes.
 *
 * @param type media type that the answer must have.
 * @returns its bytes; reading them throws UnreachableError where the connection breaks.
 * @throws as `callControl`.
 */
export async function openStream(
  target: ControlTarget,
  type: string,
  request: Parameters<typeof openControl>[1],
): Promise<AsyncIterable<Buffer>> {
  const signal = anyOf(target.signal, request.signal);
  const response = await openControl(target, { ...request, signal });
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    const limited = { timeoutMs: REFUSAL_LIMIT_MS, signal };
    const text = await withLimit(target, limited, (ended) => readText(response, target.url, ended));
    throw await readRefusal(target, status, text);
  }
  const given = response.headers['content-type'] ?? 'none';
  if (given.split(';')[0]!.trim().toLowerCase() === type) return readChunks(response, target.url, signal);
  response.destroy();
  throw new ForeignAnswerError(target.url.origin, `status 200, content type ${given}, not ${type}`);
}

async function withLimit<T>(
  target: ControlTarget,
  { timeoutMs, signal }: Pick<JsonRequest, 'timeoutMs' | 'signal'>,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = limitBySignal(timeoutMs, new TimeUp());
  try {
    return await task(anyOf(target.signal, signal, deadline.signal)!);
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error;
    const hint = explainFailure('timeout', { url: target.url });
    throw new UnreachableError('timeout', `${target.url.host} did not answer in time`, hint);
  } finally {
    deadline.callOff();
  }
}

class TimeUp extends Error {}

function anyOf(...signals: (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((one) => one !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

/** Reads an answer whole, bounded. */
async function readText(response: http.IncomingMessage, url: URL, signal: AbortSignal): Promise<string> {
  const bytes = await readBounded(readChunks(response, url, signal), MAX_ANSWER_BYTES);
  if (bytes !== null) return bytes.toString('utf8');
  throw new ForeignAnswerError(url.origin, `an answer of more than ${MAX_ANSWER_BYTES} bytes`);
}

async function* readChunks(
  response: http.IncomingMessage,
  url: URL,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw signal?.aborted ? signal.reason : unreachable(error, url);
  } finally {
    response.destroy();
  }
}

/** What an answer that is not 2xx says. */
async function readRefusal(
  target: ControlTarget,
  status: number,
  text: string,
): Promise<ControlError | ForeignAnswerError> {
  const { readAnswer, Refusal } = await loadSchemas();
  const refusal = readAnswer(Refusal, parseJsonText(target, status, text));
  return refusal.ok
    ? new ControlError(status, refusal.value.detail)
    : new ForeignAnswerError(target.url.origin, `status ${status}, ${refusal.problem}`);
}

/** By need: commands that ask no gateway do without zod. */
function loadSchemas() {
  return import('../contract/control/routes.ts');
}

function parseJsonText({ url }: ControlTarget, status: number, text: string): unknown {
  try {
    return fromWire(JSON.parse(text));
  } catch {
    throw new ForeignAnswerError(url.origin, `status ${status}, not JSON: ${text.slice(0, 200)}`);
  }
}

function unreachable(error: unknown, url: URL): UnreachableError {
  const { code } = classifyFailure(error);
  return new UnreachableError(
    code,
    `cannot reach the gateway at ${url.origin} (${code})`,
    explainFailure(code, { url, start: 'carvos dev' }),
  );
}
