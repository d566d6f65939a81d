import type {
  Delivery,
  LoggedBody,
  LogRecord,
  LogRecordDetail,
  NextAttempt,
  TlsView,
} from '../../contract/control.ts';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { LOG_RETENTION_MS, LOGGED_BODY_CAP } from '../../contract/limits.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { roundMs } from '../../contract/round-ms.ts';
import { type DeliveryRow, getDelivery, getDeliveryBody } from '../store/deliveries.ts';
import { echoDepthOf } from '../store/echoes.ts';
import { getEvent } from '../store/events.ts';
import { errorOf, type LogRow, listLogOfDelivery } from '../store/log.ts';
import type { Store } from '../store/store.ts';
import type { ScheduleClock } from '../time/schedule-clock.ts';
import { iso } from '../time/wall.ts';
import { requestHeadersOf } from './attempt-headers.ts';
import { cutFrom } from './refused-bodies.ts';

/** How the rows of the log are shown: by the control API, the live feed and everything that reads them. */

/** What showing needs of the schedule clock. */
export type ViewClock = Pick<ScheduleClock, 'now' | 'realUntil'> & Partial<Pick<ScheduleClock, 'mode'>>;

/** Whose it is, and of which event. */
export function identityOf<R extends Identity>({ ats_id, client_id, event, event_id, reference_id }: R) {
  return { ats_id, client_id, event, event_id, reference_id } as Pick<R, keyof Identity>;
}
type Identity = Pick<LogRow, 'ats_id' | 'client_id' | 'event' | 'event_id' | 'reference_id'>;

/** A log record, as the control API gives it. */
export function viewLogRow(store: Store, clock: ViewClock, row: LogRow): LogRecord {
  return {
    id: `${row.delivery_id}/${row.number}`,
    delivery_id: row.delivery_id,
    direction: row.direction,
    number: row.number,
    step: row.step,
    ...identityOf(row),
    outcome: row.outcome,
    response_status: row.status,
    duration_ms: roundMs(row.duration_ms),
    error: errorOf(row),
    occurred_at: iso(row.occurred_at),
    expires_at: iso(row.occurred_at + LOG_RETENTION_MS),
    production_ms: row.production_ms === null ? null : roundMs(row.production_ms),
    fault: row.fault,
    tls_problem: tlsOf(row)?.problem ?? null,
    test: row.test === 1,
    delivery_state: row.delivery_state,
    next_attempt: viewRetry(store, clock, row),
    ...viewEcho(store, row),
  };
}

/** Only updates come back (contract, section 3). */
function viewEcho(store: Store, { event_seq, event }: LogRow): { echo_depth?: number } {
  if (event_seq === null || !event?.endsWith('.updated')) return {};
  const depth = echoDepthOf(store, event_seq);
  return depth === 0 ? {} : { echo_depth: depth };
}

/** A log record with its request and answer. */
export function viewLogRowDetail(
  store: Store,
  clock: ViewClock,
  row: LogRow,
  cap = LOGGED_BODY_CAP,
): LogRecordDetail {
  return {
    ...viewLogRow(store, clock, row),
    request: {
      method: row.method,
      url: row.direction === 'outgoing' ? maskUrl(row.url) : row.url,
      headers: requestHeadersOf(row),
      signature: row.signature,
      body: viewBody(bodyOf(store, row), cutFrom(row) ?? undefined, cap),
    },
    response:
      row.status === null
        ? null
        : {
            status: row.status,
            headers: JSON.parse(row.response_headers ?? '{}') as Record<string, string>,
            body: viewBody(row.response_body ?? new Uint8Array(), row.response_bytes ?? undefined),
          },
    diagnosis: row.diagnosis === null ? null : (JSON.parse(row.diagnosis) as DiagnosisView),
    tls: tlsOf(row),
  };
}

function tlsOf(row: LogRow): TlsView | null {
  return row.tls === null ? null : (JSON.parse(row.tls) as TlsView);
}

/** A delivery as it stands now; the last attempt is read from the log. */
export function viewDelivery(store: Store, clock: ViewClock, row: DeliveryRow): Delivery {
  const last = listLogOfDelivery(store, row.id).at(-1);
  return {
    id: row.id,
    direction: 'outgoing',
    ...identityOf(row),
    state: row.state,
    attempt_count: row.attempt_count,
    next_attempt: row.state === 'pending' && row.due !== null ? viewNext(clock, row.step, row.due) : null,
    last_outcome: last?.outcome ?? null,
    last_status: last?.status ?? null,
    last_error: last ? errorOf(last) : null,
    test: row.test === 1,
    replay_of: row.replay_of,
    created_at: iso(row.created_at),
  };
}

/** When an attempt is due, on both clocks. */
export function viewNext(clock: ViewClock, step: number, due: number): NextAttempt {
  // With `max` nothing is waited for: the clock jumps there.
  const real = clock.mode === 'max' ? 0 : clock.realUntil(due);
  return {
    step,
    due_schedule_ms: roundMs(due),
    in_schedule_ms: Math.max(0, Math.round(due - clock.now())),
    in_real_ms: real === null ? null : Math.round(real),
  };
}

/** A body for people and programs to read: UTF-8 where it is, capped and marked. */
export function viewBody(body: Uint8Array, bytes = body.length, cap = LOGGED_BODY_CAP): LoggedBody {
  const shown = body.subarray(0, cap);
  const truncated = bytes > shown.length;
  const text = decode(shown, truncated);
  return text === null
    ? { text: Buffer.from(shown).toString('base64'), encoding: 'base64', bytes, truncated }
    : { text, encoding: 'utf8', bytes, truncated };
}

/** The whole body of a record, from wherever it is kept. */
export function bodyOf(store: Store, row: LogRow): Uint8Array {
  if (row.body) return row.body;
  if (row.event_seq !== null) {
    const body: Uint8Array | string = getEvent(store, row.event_seq)?.body ?? new Uint8Array();
    // A file that is looked at may hold text where bytes belong.
    return typeof body === 'string' ? Buffer.from(body) : body;
  }
  const delivery = getDelivery(store, row.delivery_id);
  return delivery ? getDeliveryBody(store, delivery.seq) : new Uint8Array();
}

function viewRetry(store: Store, clock: ViewClock, row: LogRow): NextAttempt | null {
  if (row.next_step === null || row.next_due === null) return null;
  const delivery = getDelivery(store, row.delivery_id);
  const stillNext = delivery?.state === 'pending' && delivery.attempt_count === row.number;
  return stillNext ? viewNext(clock, row.next_step, row.next_due) : null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array, truncated: boolean): string | null {
  // A cut can fall inside a character of up to four bytes.
  for (let cut = 0; cut <= (truncated ? 3 : 0); cut++) {
    try {
      return utf8.decode(bytes.subarray(0, bytes.length - cut));
    } catch {}
  }
  return null;
}
