import { isAccepted, type PostOptions, type PostResult, postBytes } from '../../client/post-bytes.ts';
import { userAgent } from '../../contract/outgoing-headers.ts';
import { VERSION } from '../../contract/version.ts';
import type { ReceiverTls } from '../../transport/receiver-tls.ts';
import { isDemoCredential } from '../config/defaults.ts';
import { type WaitOutcome, type WaitRequest, waitForReference } from '../connect/wait.ts';
import { type EventBody, encode, parseObject, textField } from '../events/body.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { API_KEY_VARIABLE } from '../text/curl.ts';
import type { Signals } from './interruption.ts';
import { restCall } from './rest-call.ts';
import { type SendFault, signRequest } from './sign-request.ts';
import { type CvFile, type CvUpload, takesCv, uploadCv } from './upload-cv.ts';

export const VIAS = ['webhook', 'rest'] as const;

/** How events are sent: the same for all of one run. */
export interface Sending extends Signals {
  io: Io;
  output: Output;
  /** Of the gateway, without the path of an endpoint. */
  base: URL;
  webhookUrl: URL;
  via: (typeof VIAS)[number];
  /** Signs webhooks. */
  secret: string;
  /** For REST and uploads; `null` where neither is used. */
  apiKey: string | null;
  fault: SendFault | undefined;
  cv: CvFile | null;
  timeoutMs: number;
  wait: Omit<WaitRequest, 'referenceId' | 'signal'> | null;
  tls: ReceiverTls | undefined;
  /** Told of an answer before anything is waited for. */
  onAnswer?: (sent: Sent) => void;
  agent?: PostOptions['agent'];
}

export interface ReadyRequest {
  method: 'POST' | 'PATCH' | 'DELETE';
  url: URL;
  headers: Record<string, string>;
  body: Buffer;
  times: number;
}

export interface Sent {
  body: EventBody;
  /** `null` when it did not come to that: the CV was not taken. */
  request: ReadyRequest | null;
  upload: CvUpload | null;
  /** The last answer, of the upload where that failed. */
  result: PostResult;
  referenceId: string | null;
  accepted: boolean;
  wait: WaitOutcome | null;
  /** Interrupted while it was sent or waited for. */
  interrupted: boolean;
  exitCode: number;
}

/**
 * The request of one event, signed now.
 *
 * @throws CliError (exit 2) when REST cannot say it.
 */
export function readyRequest(sending: Sending, { bytes, value }: EventBody): ReadyRequest {
  const agent = { 'User-Agent': userAgent(VERSION) };
  if (sending.via === 'webhook') {
    const now = Math.floor(Date.now() / 1000);
    const { headers, ...signed } = signRequest(bytes, sending.secret, now, sending.fault);
    return { method: 'POST', url: sending.webhookUrl, ...signed, headers: { ...headers, ...agent } };
  }
  if (value === null) {
    throw new CliError('the body is not a JSON object, so no REST call says the same', {
      next: 'send it with --via webhook',
    });
  }
  const { method, path, headers, body } = restCall(value);
  return {
    method,
    url: below(sending.base, path),
    headers: { ...headers, 'X-API-Key': sending.apiKey ?? '', ...agent },
    body,
    times: sending.fault === 'duplicate' ? 2 : 1,
  };
}

/** The same without the key, which is not for the screen; the demo key is public. */
export function withoutKey({ headers, ...request }: ReadyRequest): ReadyRequest {
  const key = headers['X-API-Key'];
  if (key === undefined || isDemoCredential(key)) return { headers, ...request };
  return { ...request, headers: { ...headers, 'X-API-Key': API_KEY_VARIABLE } };
}

/**
 * What can be said before anything is sent.
 *
 * @throws CliError (exit 2).
 */
export function checkEvent(sending: Sending, body: EventBody): void {
  if (sending.cv !== null) checkCv(body);
  if (sending.via === 'rest') readyRequest(sending, body);
}

/**
 * Sends one event, its CV before it, and waits for what it causes if asked.
 *
 * @throws CliError (exit 5 or 2) when the control API fails, and what `checkEvent` throws.
 */
export async function sendEvent(sending: Sending, given: EventBody): Promise<Sent> {
  const { stop, giveUp, agent, tls, timeoutMs } = sending;
  let body = given;
  let upload: CvUpload | null = null;
  if (sending.cv !== null) {
    upload = await uploadCv(sending.cv, {
      url: below(sending.base, '/uploads'),
      apiKey: sending.apiKey ?? '',
      clientId: textField(given, 'client_id') ?? '',
      timeoutMs,
      agent,
      tls,
      signal: giveUp,
    });
    if (upload.fileId === null) return sentBy(upload.result, { body: given, request: null, upload });
    const value = { ...given.value, cv: { carv_file_id: upload.fileId } };
    body = { ...given, value, bytes: encode(value) };
  }
  const request = readyRequest(sending, body);
  const { times, ...ready } = request;
  let sent: Sent;
  for (let time = 1; ; time++) {
    const result = await postBytes({ ...ready, timeoutMs, agent, tls, signal: giveUp, start: 'carvos dev' });
    sent = sentBy(result, { body, request, upload });
    if (!sent.accepted || time >= times) break;
    const status = result.ok ? result.status : result.code;
    sending.output.line(
      `sent once  ${status}  reference_id ${sending.output.safe(sent.referenceId ?? 'missing')}`,
    );
  }
  const { referenceId } = sent;
  if (!sent.accepted || referenceId === null) return sent;
  if (sending.wait === null) return sent;
  sending.onAnswer?.(sent);
  try {
    const { io, output } = sending;
    const wait = await waitForReference(io, output, { ...sending.wait, referenceId, signal: stop });
    return { ...sent, wait, exitCode: wait.exitCode };
  } catch (error) {
    if (stop.aborted) return { ...sent, interrupted: true };
    throw error;
  }
}

export function below(base: URL, path: string): URL {
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/$/, '')}${path}`;
  return url;
}

function checkCv(body: EventBody): void {
  const event = textField(body, 'event');
  if (!takesCv(event)) {
    throw new CliError(`--cv: ${event ?? 'a body without event'} takes no CV`, {
      next: 'candidate and application do, created or updated',
    });
  }
  if (textField(body, 'client_id') === null) {
    throw new CliError('--cv: the body has no client_id, which an upload needs', { next: 'add --client-id' });
  }
}

/** What came of it by its last answer; nothing was waited for yet. */
function sentBy(result: PostResult, made: Pick<Sent, 'body' | 'request' | 'upload'>): Sent {
  const id = result.ok && made.request !== null ? parseObject(result.body)?.reference_id : null;
  const referenceId = typeof id === 'string' ? id : null;
  return {
    ...made,
    result,
    referenceId,
    accepted: made.request !== null && isAccepted(result),
    wait: null,
    interrupted: !result.ok && result.code === 'aborted',
    // A 2xx without the id of what was accepted is an answer, but not the one that was promised.
    exitCode: isAccepted(result) && referenceId === null ? EXIT.refused : exitCodeOf(result),
  };
}

function exitCodeOf(result: PostResult): number {
  if (result.ok) return isAccepted(result) ? EXIT.ok : EXIT.refused;
  if (result.code === 'answer_too_large') return EXIT.refused;
  return result.code === 'timeout' ? EXIT.timeout : EXIT.unreachable;
}
