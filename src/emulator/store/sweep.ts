import type { SqlValue, Store } from './store.ts';

/** Records that one transaction looks at. */
const BATCH = 500;

interface Candidate {
  seq: number;
  delivery_id: string;
  reference_id: string | null;
  direction: string;
  expired: number;
  /** Its delivery is pending or has a record that is not expired, or its job is open. */
  alive: number;
}

/** What one batch did, and where the next one begins. */
export interface SweepBatch {
  deleted: number;
  /** `null` when nothing expired lies further on. */
  next: number | null;
}

/**
 * Deletes expired records of the log, with the settled deliveries, events and jobs that nothing refers to
 * then. Records of a delivery that is pending, or whose last record is not expired, or of a job that is open stay:
 * their log has no hole, also where the wall clock was set back between two attempts. Inside the caller's transaction.
 *
 * The log grows in the order of time, so no index over time is needed, which each attempt would pay
 * for: a batch without an expired record ends the sweep.
 *
 * @param cutoff wall time; records that occurred before it are expired.
 * @param after the sequence number after which to look; `next` of the batch before.
 */
export function sweepBatch(store: Store, cutoff: number, after: number): SweepBatch {
  const rows = store
    .sql<Candidate>(
      `SELECT l.seq, l.delivery_id, l.reference_id, l.direction, l.occurred_at < ? AS expired,
         EXISTS (SELECT 1 FROM log o WHERE o.delivery_id = l.delivery_id AND o.occurred_at >= ?)
           OR EXISTS (SELECT 1 FROM delivery d WHERE d.id = l.delivery_id AND d.state = 'pending')
           OR EXISTS (SELECT 1 FROM job j WHERE j.event_seq = l.event_seq AND j.state = 'queued') AS alive
       FROM log l WHERE l.seq > ? ORDER BY l.seq LIMIT ${BATCH}`,
    )
    .all(cutoff, cutoff, after);
  const gone = rows.filter((row) => row.expired === 1 && row.alive === 0);
  const deleteLog = store.sql('DELETE FROM log WHERE seq = ?');
  for (const row of gone) deleteLog.run(row.seq);
  for (const id of new Set(
    gone.filter((row) => row.direction === 'outgoing').map((row) => row.delivery_id),
  )) {
    deleteDelivery(store, id);
  }
  for (const reference of new Set(gone.map((row) => row.reference_id))) {
    if (reference !== null) deleteEvent(store, reference);
  }
  const more = rows.length === BATCH && rows.some((row) => row.expired === 1);
  return { deleted: gone.length, next: more ? rows.at(-1)!.seq : null };
}

/** A settled delivery whose last record is gone. */
function deleteDelivery(store: Store, id: SqlValue): void {
  const row = store
    .sql<{ seq: number }>(
      'SELECT seq FROM delivery d WHERE id = ? AND NOT EXISTS (SELECT 1 FROM log l WHERE l.delivery_id = d.id)',
    )
    .get(id);
  if (!row) return;
  store.sql('DELETE FROM delivery_body WHERE delivery_seq = ?').run(row.seq);
  store.sql('DELETE FROM delivery WHERE seq = ?').run(row.seq);
}

/** An event that neither record nor delivery refers to any more, with its job. A delivery stands for its records. */
function deleteEvent(store: Store, reference: string): void {
  const row = store
    .sql<{ seq: number }>(
      `SELECT e.seq FROM event e JOIN job j ON j.event_seq = e.seq
       WHERE e.reference_id = ? AND j.state <> 'queued'
         AND NOT EXISTS (SELECT 1 FROM log l WHERE l.direction = 'incoming' AND l.reference_id = e.reference_id)
         AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.reference_id = e.reference_id)`,
    )
    .get(reference);
  if (!row) return;
  store.sql('DELETE FROM job WHERE event_seq = ?').run(row.seq);
  store.sql('DELETE FROM event WHERE seq = ?').run(row.seq);
}
