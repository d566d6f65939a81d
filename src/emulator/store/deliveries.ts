import type { DeliveryState } from '../../contract/control.ts';
import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

export type DeliveryRow = Row<'delivery'>;

type GivenHere = 'seq' | 'receiver' | 'state' | 'step' | 'attempt_count' | 'production_ms';

export interface NewDelivery extends Omit<DeliveryRow, GivenHere | 'due' | 'test' | 'follows'> {
  lane: string;
  /** Schedule time. */
  due: number;
  test: boolean;
  /** Due only after the first attempt of that one, by its `seq`. */
  follows?: number;
  body: Uint8Array;
}

/** Returns its sequence number. */
export function insertDelivery(store: Store, delivery: NewDelivery): number {
  const { lastInsertRowid } = store
    .sql(
      `INSERT INTO delivery
         (id, ats_id, client_id, reference_id, event, event_id, receiver, state, step, max_steps, due, test, replay_of,
          target_url, fixed_signature, follows, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', 1, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      delivery.id,
      delivery.ats_id,
      delivery.client_id,
      delivery.reference_id,
      delivery.event,
      delivery.event_id,
      delivery.lane,
      delivery.max_steps,
      // Down: due now is due now, also when the clock stands still between two milliseconds.
      delivery.follows === undefined ? Math.floor(delivery.due) : null,
      delivery.test ? 1 : 0,
      delivery.replay_of,
      delivery.target_url,
      delivery.fixed_signature,
      delivery.follows ?? null,
      delivery.created_at,
    );
  const seq = Number(lastInsertRowid);
  store.sql('INSERT INTO delivery_body (delivery_seq, body) VALUES (?, ?)').run(seq, delivery.body);
  return seq;
}

/** Makes due what waited for the first attempt of a delivery. Returns whether there was any. */
export function releaseFollowers(store: Store, seq: number, due: number): boolean {
  const { changes } = store
    .sql("UPDATE delivery SET due = ? WHERE follows = ? AND due IS NULL AND state = 'pending'")
    .run(Math.floor(due), seq);
  return changes > 0;
}

/**
 * Writes down what an attempt made of its delivery: `step` and `due` are the next attempt's, the step unchanged when none
 * comes; `production_ms` is what it begins with, and then 0, so that the row keeps its size, and its page its rows.
 */
export function markAttempt(
  store: Store,
  seq: number,
  mark: Pick<DeliveryRow, 'state' | 'step' | 'due' | 'attempt_count' | 'production_ms'>,
): void {
  store
    .sql(
      'UPDATE delivery SET state = ?, step = ?, due = ?, attempt_count = ?, production_ms = ? WHERE seq = ?',
    )
    .run(mark.state, mark.step, mark.due, mark.attempt_count, mark.production_ms, seq);
}

export function getDelivery(store: Store, id: string): DeliveryRow | undefined {
  return store.sql<DeliveryRow>('SELECT * FROM delivery WHERE id = ?').get(id);
}

export function getDeliveryBody(store: Store, seq: number): Buffer {
  return store.sql<{ body: Buffer }>('SELECT body FROM delivery_body WHERE delivery_seq = ?').get(seq)!.body;
}

export function listDeliveriesOfReference(store: Store, referenceId: string): DeliveryRow[] {
  return store
    .sql<DeliveryRow>('SELECT * FROM delivery WHERE reference_id = ? ORDER BY seq')
    .all(referenceId);
}

/** How many have an attempt before them; found by an index, however many were settled. */
export function countPending(store: Store): number {
  return store.sql<{ n: number }>("SELECT count(*) AS n FROM delivery WHERE state = 'pending'").get()!.n;
}

export function countDeliveries(store: Store): Record<DeliveryState, number> {
  const counts = { pending: 0, delivered: 0, exhausted: 0 };
  const rows = store
    .sql<{ state: DeliveryState; n: number }>('SELECT state, count(*) AS n FROM delivery GROUP BY state')
    .all();
  for (const { state, n } of rows) counts[state] = n;
  return counts;
}
