import { type Condition, joinConditions } from './conditions.ts';
import type { DeliveryRow } from './deliveries.ts';
import type { Store } from './store.ts';

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
  const { where, values } = joinConditions([
    ['d.seq > ? AND d.seq <= ?', after, to],
    ...SEARCHED.map((name): Condition => [`d.${name} = ?`, columns[name]]),
  ]);
  return store
    .sql<DeliveryWithBody>(
      `SELECT d.*, b.body FROM delivery d JOIN delivery_body b ON b.delivery_seq = d.seq
       ${where} ORDER BY d.seq LIMIT ?`,
    )
    .all(...values, limit);
}

export function listNewestDeliveries(store: Store, limit: number): DeliveryWithBody[] {
  return store
    .sql<DeliveryWithBody>(
      `SELECT d.*, b.body FROM delivery d JOIN delivery_body b ON b.delivery_seq = d.seq
       ORDER BY d.seq DESC LIMIT ?`,
    )
    .all(limit);
}
