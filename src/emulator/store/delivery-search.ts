import type { DeliveryRow } from './deliveries.ts';
import type { SqlValue, Store } from './store.ts';

/** Columns that a search can name. */
export interface DeliveryColumns {
  event?: string;
  event_id?: string;
  reference_id?: string;
  client_id?: string;
  ats_id?: string;
}

export type DeliveryWithBody = DeliveryRow & { body: Buffer };

const COLUMNS = ['event', 'event_id', 'reference_id', 'client_id', 'ats_id'] as const;

/** Deliveries that fit, oldest first, after the one numbered `after`. */
export function searchDeliveries(
  store: Store,
  columns: DeliveryColumns,
  after: number,
  limit: number,
): DeliveryWithBody[] {
  const { where, values } = conditions(columns);
  return store
    .sql<DeliveryWithBody>(
      `SELECT d.*, b.body FROM delivery d JOIN delivery_body b ON b.delivery_seq = d.seq
       WHERE d.seq > ?${where} ORDER BY d.seq LIMIT ?`,
    )
    .all(after, ...values, limit);
}

/** The newest deliveries, newest first. */
export function listNewestDeliveries(store: Store, limit: number): DeliveryWithBody[] {
  return store
    .sql<DeliveryWithBody>(
      `SELECT d.*, b.body FROM delivery d JOIN delivery_body b ON b.delivery_seq = d.seq
       ORDER BY d.seq DESC LIMIT ?`,
    )
    .all(limit);
}

function conditions(columns: DeliveryColumns): { where: string; values: SqlValue[] } {
  const given = COLUMNS.filter((name) => columns[name] !== undefined);
  return {
    where: given.map((name) => ` AND d.${name} = ?`).join(''),
    values: given.map((name) => columns[name]!),
  };
}
