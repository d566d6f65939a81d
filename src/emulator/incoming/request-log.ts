import { stringifyJson } from '../../contract/json.ts';
import { newId } from '../ids.ts';
import { createRefusedBodies } from '../log/refused-bodies.ts';
import { insertLog, type LogRow, type NewLogRow } from '../store/log.ts';
import type { Store } from '../store/store.ts';
import { monotonicNow } from '../time/wall.ts';

/** What came over the wire, for the log (contract, section 6). */
export interface RequestRecord {
  method: string;
  /** Path and query, as sent. */
  url: string;
  /** Allowlisted headers only. */
  headers: Record<string, string>;
  signature: string | null;
  body: Uint8Array;
  /** Whether a developer sent it, by carvos or from a page, and not the program of an ATS. */
  byHand: boolean;
  /** Wall time of arrival. */
  receivedAt: number;
  /** The same moment on the monotonic clock. */
  startedAt: number;
}

/** An answer as it is sent. */
export interface Answer {
  status: number;
  body: unknown;
}

/**
 * Writes requests into the log, inside the caller's transaction: each as a new row that says who sent what, and the
 * answer, `null` where the connection is cut instead. Assigned: spreading costs each request some microseconds.
 */
export function createRequestLog(store: Store) {
  const cutRefused = createRefusedBodies();
  return (row: LogRow, request: RequestRecord, answer: Answer | null): LogRow => {
    if (answer !== null) {
      const bytes = Buffer.from(stringifyJson(answer.body));
      row.status = answer.status;
      row.response_headers = '{"content-type":"application/json"}';
      row.response_body = bytes;
      row.response_bytes = bytes.length;
    }
    row.delivery_id = newId('dlv');
    row.occurred_at = request.receivedAt;
    row.method = request.method;
    row.url = request.url;
    row.request_headers = JSON.stringify(request.headers);
    row.signature = request.signature;
    row.duration_ms = monotonicNow() - request.startedAt;
    // What was accepted has its body with the event.
    if (row.body !== null) Object.assign(row, cutRefused(row));
    return insertLog(store, row);
  };
}

/** What is known of a request that was refused. */
export function identityOf(envelope: unknown): Partial<NewLogRow> {
  if (typeof envelope !== 'object' || envelope === null) return {};
  const text = (key: string) => {
    const value = (envelope as Record<string, unknown>)[key];
    return typeof value === 'string' && value !== '' ? value.slice(0, 255) : null;
  };
  return { client_id: text('client_id'), event: text('event'), event_id: text('event_id') };
}

/** What the row of a request says that was refused. */
export function notAccepted(
  answer: Answer | null,
  { code, message }: { code: string; message: string },
  { body }: RequestRecord,
): Partial<NewLogRow> {
  return {
    outcome: answer === null ? 'error' : 'failure',
    error_code: code,
    error_message: message,
    body,
  };
}
