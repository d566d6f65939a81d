import type { DeliveryRow } from './deliveries.ts';
import type { SqlValue, Store } from './store.ts';

/** Columns that a search can name. */
export const SEARCHED = ['event', 'event_id', 'reference_id', 'client_id', 'ats_id'] as const;
export type DeliveryColumns = Partial<Record<(typeof SEARCHED)[number], string>>;

export type DeliveryWithBody = DeliveryRow & { body: Buffer };

/** Deliveries that fit, oldest first, of those numbered above `after` and up to `to`. */
export function searchDeliveries(
  store: Store,
  columns: DeliveryColumns,
  { after, to }: { after: number; to: number },
  limit: number,
): DeliveryWithBody[] {
  const { where, values } = conditions(columns);
  return store
    .sql<DeliveryWithBody>(
      `SELECT d.*, b.body FROM delivery d JOIN delivery_body b ON b.delivery_seq = d.seq
       WHERE d.seq > ? AND d.seq <= ?${where} ORDER BY d.seq LIMIT ?`,
    )
    .all(after, to, ...values, limit);
}

export function listNewestDeliveries(store: Store, limit: number): DeliveryWithBody[] {
  return store
    .sql<DeliveryWithBody>(
      `SELECT d.*, b.body FROM delivery d JOIN delivery_body b ON b.delivery_seq = d.seq
       ORDER BY d.seq DESC LIMIT ?`,
    )
    .all(limit);
}

function conditions(columns: DeliveryColumns): { where: string; values: SqlValue[] } {
  const given = SEARCHED.filter((name) => columns[name] !== undefined);
  return {
    where: given.map((name) => ` AND d.${name} = ?`).join(''),
    values: given.map((name) => columns[name]!),
  };
}
