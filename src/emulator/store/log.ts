import type { LogQuery } from '../../contract/control.ts';
import { joinConditions } from './conditions.ts';
import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

/** One attempt, either direction (contract, section 6). Bodies are whole; views cap them. */
export type LogRow = Row<'log'>;

export type NewLogRow = Omit<LogRow, 'seq'>;

/** Code and message of a row that may have them. */
export function errorOf(row: { error_code: string | null; error_message: string | null }) {
  return row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' };
}

/**
 * A row from what its writer knows; the rest is empty. Spelled out, here and in `insertLog`: spreading and
 * looping over thirty columns was a fifth of the time of an attempt.
 */
export function newLogRow(fields: Partial<NewLogRow>): LogRow {
  return {
    seq: 0,
    delivery_id: fields.delivery_id ?? '',
    number: fields.number ?? 1,
    direction: fields.direction ?? 'incoming',
    step: fields.step ?? null,
    ats_id: fields.ats_id ?? null,
    client_id: fields.client_id ?? null,
    event: fields.event ?? null,
    event_id: fields.event_id ?? null,
    reference_id: fields.reference_id ?? null,
    event_seq: fields.event_seq ?? null,
    outcome: fields.outcome ?? 'success',
    status: fields.status ?? null,
    duration_ms: fields.duration_ms ?? 0,
    error_code: fields.error_code ?? null,
    error_message: fields.error_message ?? null,
    occurred_at: fields.occurred_at ?? 0,
    production_ms: fields.production_ms ?? null,
    fault: fields.fault ?? null,
    test: fields.test ?? 0,
    delivery_state: fields.delivery_state ?? null,
    next_step: fields.next_step ?? null,
    next_due: fields.next_due ?? null,
    method: fields.method ?? 'POST',
    url: fields.url ?? '',
    request_headers: fields.request_headers ?? '{}',
    signature: fields.signature ?? null,
    body: fields.body ?? null,
    response_headers: fields.response_headers ?? null,
    response_body: fields.response_body ?? null,
    response_bytes: fields.response_bytes ?? null,
    diagnosis: fields.diagnosis ?? null,
    tls: fields.tls ?? null,
  };
}

const [, ...COLUMNS] = Object.keys(newLogRow({}));
const INSERT = `INSERT INTO log (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;

/** Appends a record, its columns in the order of `newLogRow`, and gives it its sequence number. */
export function insertLog(store: Store, row: LogRow): LogRow {
  const { lastInsertRowid } = store
    .sql(INSERT)
    .run(
      row.delivery_id,
      row.number,
      row.direction,
      row.step,
      row.ats_id,
      row.client_id,
      row.event,
      row.event_id,
      row.reference_id,
      row.event_seq,
      row.outcome,
      row.status,
      row.duration_ms,
      row.error_code,
      row.error_message,
      row.occurred_at,
      row.production_ms,
      row.fault,
      row.test,
      row.delivery_state,
      row.next_step,
      row.next_due,
      row.method,
      row.url,
      row.request_headers,
      row.signature,
      row.body,
      row.response_headers,
      row.response_body,
      row.response_bytes,
      row.diagnosis,
      row.tls,
    );
  row.seq = Number(lastInsertRowid);
  return row;
}

type Column = 'direction' | 'outcome' | 'event' | 'ats_id' | 'client_id' | 'reference_id';

export interface LogFilter extends Pick<LogQuery, Column> {
  /** Wall time, inclusive. */
  since?: number;
  /** Only records older than this sequence number. */
  before?: number;
  /** Only records newer than this sequence number; they then come oldest first. */
  after?: number;
  /** Only records numbered so, both inclusive: a part of the log that is looked through at once. */
  from?: number;
  to?: number;
}

/** What a reference stands in: the request, and the attempts of its deliveries. A delivery stays while it has any. */
const OF_REFERENCE = `SELECT seq FROM log WHERE direction = 'incoming' AND reference_id = ?
  UNION ALL
  SELECT l.seq FROM delivery d JOIN log l ON l.delivery_id = d.id WHERE d.reference_id = ?`;

/** Records, newest first, or oldest first with `after`. */
export function listLog(store: Store, filter: LogFilter, limit: number): LogRow[] {
  return select<LogRow>(store, '*', filter, limit);
}

/** Their sequence numbers alone, in the same order: a record can hold two bodies of a megabyte. */
export function listLogSeqs(store: Store, filter: LogFilter, limit: number): number[] {
  return select<{ seq: number }>(store, 'seq', filter, limit).map(({ seq }) => seq);
}

export function getLogBySeq(store: Store, seq: number): LogRow | undefined {
  return store.sql<LogRow>('SELECT * FROM log WHERE seq = ?').get(seq);
}

function select<Row>(store: Store, what: string, filter: LogFilter, limit: number): Row[] {
  const { where, values } = joinConditions([
    ['direction = ?', filter.direction],
    ['outcome = ?', filter.outcome],
    ['event = ?', filter.event],
    ['ats_id = ?', filter.ats_id],
    ['client_id = ?', filter.client_id],
    [`seq IN (${OF_REFERENCE})`, filter.reference_id, filter.reference_id],
    ['occurred_at >= ?', filter.since],
    ['seq < ?', filter.before],
    ['seq > ?', filter.after],
    ['seq >= ?', filter.from],
    ['seq <= ?', filter.to],
  ]);
  const order = filter.after === undefined ? 'DESC' : 'ASC';
  return store
    .sql<Row>(`SELECT ${what} FROM log ${where} ORDER BY seq ${order} LIMIT ?`)
    .all(...values, limit);
}

/** Wall time of the record numbered so, or of the next one that there is; `null` when there is none. */
export function timeOfLogSeq(store: Store, seq: number): number | null {
  const row = store
    .sql<{ occurred_at: number }>('SELECT occurred_at FROM log WHERE seq >= ? ORDER BY seq LIMIT 1')
    .get(seq);
  return row?.occurred_at ?? null;
}

/** Every attempt of one delivery, first to last. */
export function listLogOfDelivery(store: Store, deliveryId: string): LogRow[] {
  return store.sql<LogRow>('SELECT * FROM log WHERE delivery_id = ? ORDER BY number').all(deliveryId);
}

/** Adds the diagnosis to a record. Another gateway's content, restored meanwhile, has numbers of its own. */
export function setDiagnosis(
  store: Store,
  { seq, delivery_id }: Pick<LogRow, 'seq' | 'delivery_id'>,
  diagnosis: string,
): void {
  store
    .sql('UPDATE log SET diagnosis = ? WHERE seq = ? AND delivery_id = ?')
    .run(diagnosis, seq, delivery_id);
}

export function getLog(store: Store, deliveryId: string, number: number): LogRow | undefined {
  return store.sql<LogRow>('SELECT * FROM log WHERE delivery_id = ? AND number = ?').get(deliveryId, number);
}
