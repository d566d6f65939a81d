import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GatewayError, type GatewayErrorCode, gatewayError } from '../../contract/errors.ts';
import { maskKeys } from '../../contract/mask-url.ts';
import type { BrokenRequest } from '../../transport/describe-broken.ts';
import { answerError } from '../http/answer.ts';
import { headerText } from '../http/header-text.ts';
import type { Acceptor } from '../incoming/accept.ts';
import type { RequestRecord } from '../incoming/request-log.ts';
import { monotonicNow, wallNow } from '../time/wall.ts';

/** A request that comes to no handler's end, as the log has it. */
export interface Unmatched {
  record: RequestRecord;
  atsId: string | null;
  code: string;
  message: string;
  /** `null` when nobody is there to be answered. */
  status: number | null;
  headers?: Record<string, string>;
}

/** Logs a request that no handler takes, and answers it. @param response `null` where it is answered already. */
export async function logRefusal(
  acceptor: Acceptor,
  response: ServerResponse | null,
  { record, atsId, code, message, status, headers }: Unmatched,
): Promise<void> {
  const error = status === null ? null : refusalWith(status);
  await acceptor.refuse({ request: record, error, reason: { code, message }, atsId });
  if (error && response) answerError(response, acceptor.say(error), headers ?? { Connection: 'close' });
}

/** Logs what was no HTTP request, which is answered already, if it could be. */
export function logBroken(acceptor: Acceptor, broken: BrokenRequest): Promise<void> {
  return logRefusal(acceptor, null, { ...broken, record: recordBare(broken), atsId: null });
}

/** What the log keeps of a request that is not read: method and path, and never a credential (contract, section 6). */
export function recordBare(
  request: Pick<IncomingMessage, 'method' | 'url'> & Partial<Pick<IncomingMessage, 'headers'>>,
): RequestRecord {
  return {
    method: request.method ?? '',
    url: maskKeys(request.url ?? ''),
    headers: {},
    signature: null,
    body: new Uint8Array(),
    byHand: isByHand(request.headers),
    receivedAt: wallNow(),
    startedAt: monotonicNow(),
  };
}

/** Of an incoming request only `Content-Type` is logged, and the signature apart (contract, section 6). */
export function loggedHeaders(request: IncomingMessage): Record<string, string> {
  const type = headerText(request, 'content-type');
  return type === undefined ? {} : { 'Content-Type': type };
}

const CODES: Record<number, GatewayErrorCode> = { 404: 'not_found', 405: 'method_not_allowed' };

function refusalWith(status: number): GatewayError {
  return { ...gatewayError(CODES[status] ?? 'bad_request'), status };
}

/** Only carvos names itself so, and only a browser names where its page came from. */
function isByHand(headers: IncomingMessage['headers'] = {}): boolean {
  return headers.origin !== undefined || headers['user-agent']?.startsWith('carvos/') === true;
}
