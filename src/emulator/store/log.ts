import type { DeliveryState, LogDirection, Outcome } from '../../contract/control.ts';
import type { SqlValue, Store } from './store.ts';

/** One attempt, either direction (contract, section 6). Bodies are whole; views cap them. */
export interface LogRow {
  seq: number;
  delivery_id: string;
  number: number;
  direction: LogDirection;
  step: number | null;
  ats_id: string | null;
  client_id: string | null;
  event: string | null;
  event_id: string | null;
  reference_id: string | null;
  /** The accepted event that holds the body. */
  event_seq: number | null;
  outcome: Outcome;
  status: number | null;
  duration_ms: number;
  error_code: string | null;
  error_message: string | null;
  occurred_at: number;
  production_ms: number | null;
  injected: string | null;
  test: number;
  delivery_state: DeliveryState | null;
  next_step: number | null;
  next_due: number | null;
  method: string;
  url: string;
  /** JSON of the allowlisted headers. */
  request_headers: string;
  signature: string | null;
  /** Only of refused requests; the others' stand with the event or the delivery. */
  body: Uint8Array | null;
  response_headers: string | null;
  response_body: Uint8Array | null;
  /** Length of the whole answer; `response_body` may be its beginning. */
  response_bytes: number | null;
  /** JSON: why a signature was refused. Found after the record was written. */
  diagnosis: string | null;
}

export type NewLogRow = Omit<LogRow, 'seq'>;

const COLUMNS = [
  'delivery_id',
  'number',
  'direction',
  'step',
  'ats_id',
  'client_id',
  'event',
  'event_id',
  'reference_id',
  'event_seq',
  'outcome',
  'status',
  'duration_ms',
  'error_code',
  'error_message',
  'occurred_at',
  'production_ms',
  'injected',
  'test',
  'delivery_state',
  'next_step',
  'next_due',
  'method',
  'url',
  'request_headers',
  'signature',
  'body',
  'response_headers',
  'response_body',
  'response_bytes',
  'diagnosis',
] as const satisfies readonly (keyof NewLogRow)[];

const INSERT = `INSERT INTO log (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;

/** A row with everything empty; callers name what they know. */
export const EMPTY_LOG_ROW: Omit<NewLogRow, 'delivery_id' | 'direction' | 'outcome' | 'occurred_at' | 'url'> =
  {
    number: 1,
    step: null,
    ats_id: null,
    client_id: null,
    event: null,
    event_id: null,
    reference_id: null,
    event_seq: null,
    status: null,
    duration_ms: 0,
    error_code: null,
    error_message: null,
    production_ms: null,
    injected: null,
    test: 0,
    delivery_state: null,
    next_step: null,
    next_due: null,
    method: 'POST',
    request_headers: '{}',
    signature: null,
    body: null,
    response_headers: null,
    response_body: null,
    response_bytes: null,
    diagnosis: null,
  };

/** Appends a record; returns its sequence number. */
export function insertLog(store: Store, row: NewLogRow): number {
  const values: SqlValue[] = new Array(COLUMNS.length);
  for (let i = 0; i < COLUMNS.length; i++) values[i] = row[COLUMNS[i]!] as SqlValue;
  return Number(store.sql(INSERT).run(...values).lastInsertRowid);
}

export interface LogFilter {
  direction?: LogDirection;
  outcome?: Outcome;
  event?: string;
  ats_id?: string;
  client_id?: string;
  reference_id?: string;
  /** Wall time, inclusive. */
  since?: number;
  /** Only records older than this sequence number. */
  before?: number;
}

/** Records, newest first. */
export function listLog(store: Store, filter: LogFilter, limit: number): LogRow[] {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  const add = (condition: string, value: SqlValue | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add('direction = ?', filter.direction);
  add('outcome = ?', filter.outcome);
  add('event = ?', filter.event);
  add('ats_id = ?', filter.ats_id);
  add('client_id = ?', filter.client_id);
  add('reference_id = ?', filter.reference_id);
  add('occurred_at >= ?', filter.since);
  add('seq < ?', filter.before);
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return store.sql<LogRow>(`SELECT * FROM log ${where} ORDER BY seq DESC LIMIT ?`).all(...values, limit);
}

/** Every attempt of one delivery, first to last. */
export function listLogOfDelivery(store: Store, deliveryId: string): LogRow[] {
  return store.sql<LogRow>('SELECT * FROM log WHERE delivery_id = ? ORDER BY number').all(deliveryId);
}

/** Adds the diagnosis to a record. */
export function setDiagnosis(store: Store, seq: number, diagnosis: string): void {
  store.sql('UPDATE log SET diagnosis = ? WHERE seq = ?').run(diagnosis, seq);
}

export function getLog(store: Store, deliveryId: string, number: number): LogRow | undefined {
  return store.sql<LogRow>('SELECT * FROM log WHERE delivery_id = ? AND number = ?').get(deliveryId, number);
}
