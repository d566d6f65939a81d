import type { DeliveryState } from '../../contract/control.ts';
import type { Store } from './store.ts';

export interface DeliveryRow {
  seq: number;
  id: string;
  ats_id: string;
  client_id: string;
  reference_id: string;
  event: string;
  event_id: string;
  /** Who it goes to: rows of one receiver are served apart from every other's. */
  receiver: string;
  state: DeliveryState;
  step: number;
  max_steps: number;
  attempts: number;
  due: number | null;
  production_ms: number;
  test: number;
  replay_of: string | null;
  /** Instead of the ATS's webhook URL. */
  target_url: string | null;
  /** Sent as it is, instead of signing anew. */
  fixed_signature: string | null;
  /** The delivery whose first attempt makes this one due. */
  follows: number | null;
  created_at: number;
}

export interface NewDelivery {
  id: string;
  ats_id: string;
  client_id: string;
  reference_id: string;
  event: string;
  event_id: string;
  receiver: string;
  max_steps: number;
  /** Schedule time. */
  due: number;
  test: boolean;
  replay_of: string | null;
  target_url: string | null;
  fixed_signature: string | null;
  /** Due only after the first attempt of that one, by its `seq`. */
  follows?: number;
  /** Wall time. */
  created_at: number;
  body: Uint8Array;
}

/** A delivery that this process alone will attempt now. */
export type ClaimedDelivery = DeliveryRow & { body: Buffer };

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
      delivery.receiver,
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

/** Nobody makes an attempt of it now. Few are under way at a time, so those passed over are few. */
const UNCLAIMED = 'NOT EXISTS (SELECT 1 FROM claim WHERE delivery_seq = d.seq)';

/** Columns of a claim, in the order in which `claimDue` reads them. */
const CLAIMED = `d.seq, d.id, d.ats_id, d.client_id, d.reference_id, d.event, d.event_id, d.receiver, d.step, d.max_steps,
  d.attempts, d.due, d.production_ms, d.test, d.replay_of, d.target_url, d.fixed_signature, d.created_at, b.body, d.follows`;

/**
 * Takes up to `limit` due deliveries of one receiver, the longest due first. Rows are read as arrays:
 * the driver makes objects key by key, which took as long as the query.
 */
export function claimDue(
  store: Store,
  receiver: string,
  now: number,
  limit: number,
  wall: number,
): ClaimedDelivery[] {
  if (limit <= 0) return [];
  const rows = store
    .sql<unknown[]>(
      `SELECT ${CLAIMED} FROM delivery d JOIN delivery_body b ON b.delivery_seq = d.seq
       WHERE d.receiver = ? AND d.state = 'pending' AND d.due <= ? AND ${UNCLAIMED}
       ORDER BY d.due LIMIT ?`,
    )
    .raw()
    .all(receiver, now, limit) as ClaimedColumns[];
  const claim = store.sql('INSERT INTO claim (delivery_seq, boot, at) VALUES (?, ?, ?)');
  for (const row of rows) claim.run(row[0], store.boot, wall);
  return rows.map((row) => ({
    seq: row[0],
    id: row[1],
    ats_id: row[2],
    client_id: row[3],
    reference_id: row[4],
    event: row[5],
    event_id: row[6],
    receiver: row[7],
    state: 'pending',
    step: row[8],
    max_steps: row[9],
    attempts: row[10],
    due: row[11],
    production_ms: row[12],
    test: row[13],
    replay_of: row[14],
    target_url: row[15],
    fixed_signature: row[16],
    created_at: row[17],
    body: row[18],
    follows: row[19],
  }));
}

type ClaimedColumns = [
  seq: number,
  id: string,
  ats_id: string,
  client_id: string,
  reference_id: string,
  event: string,
  event_id: string,
  receiver: string,
  step: number,
  max_steps: number,
  attempts: number,
  due: number,
  production_ms: number,
  test: number,
  replay_of: string | null,
  target_url: string | null,
  fixed_signature: string | null,
  created_at: number,
  body: Buffer,
  follows: DeliveryRow['follows'],
];

/** What an attempt made of its delivery. */
export interface AttemptMark {
  state: DeliveryState;
  /** The step that comes next; unchanged when none does. */
  step: number;
  /** Schedule time of the next attempt, whole milliseconds. */
  due: number | null;
  attempts: number;
  production_ms: number;
}

/** Writes down what an attempt made of its delivery, which is free again then. */
export function markAttempt(store: Store, seq: number, mark: AttemptMark): void {
  store
    .sql('UPDATE delivery SET state = ?, step = ?, due = ?, attempts = ?, production_ms = ? WHERE seq = ?')
    .run(mark.state, mark.step, mark.due, mark.attempts, mark.production_ms, seq);
  store.sql('DELETE FROM claim WHERE delivery_seq = ?').run(seq);
}

/** Deliveries whose attempt a process before this one began, at `claimed_at` by the wall clock, and did not end. */
export function listAbandoned(store: Store): (DeliveryRow & { claimed_at: number })[] {
  return store
    .sql<DeliveryRow & { claimed_at: number }>(
      `SELECT d.*, c.at AS claimed_at FROM claim c JOIN delivery d ON d.seq = c.delivery_seq
       WHERE c.boot <> ? ORDER BY d.seq`,
    )
    .all(store.boot);
}

/** Receivers that have something pending; a skip-scan over the index, whatever the number of rows. */
export function listReceivers(store: Store): string[] {
  return store
    .sql<{ receiver: string }>(
      `WITH RECURSIVE r(receiver) AS (
         SELECT min(receiver) FROM delivery WHERE state = 'pending'
         UNION ALL
         SELECT (SELECT min(receiver) FROM delivery WHERE state = 'pending' AND receiver > r.receiver)
         FROM r WHERE r.receiver IS NOT NULL
       ) SELECT receiver FROM r WHERE receiver IS NOT NULL`,
    )
    .all()
    .map((row) => row.receiver);
}

/** When the receiver's next unclaimed delivery is due, in schedule time. */
export function nextDueOf(store: Store, receiver: string): number | null {
  return findNextDueOf(store, receiver)?.due ?? null;
}

/** The delivery that is due next over all receivers. */
export function findNextDue(store: Store): DeliveryRow | undefined {
  return listReceivers(store)
    .map((receiver) => findNextDueOf(store, receiver))
    .filter((row) => row !== undefined)
    .sort((a, b) => a.due! - b.due!)[0];
}

function findNextDueOf(store: Store, receiver: string): DeliveryRow | undefined {
  return store
    .sql<DeliveryRow>(
      `SELECT d.* FROM delivery d
       WHERE d.receiver = ? AND d.state = 'pending' AND d.due IS NOT NULL AND ${UNCLAIMED}
       ORDER BY d.due LIMIT 1`,
    )
    .get(receiver);
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

export function countDeliveries(store: Store): Record<DeliveryState, number> {
  const counts = { pending: 0, delivered: 0, exhausted: 0 };
  const rows = store
    .sql<{ state: DeliveryState; n: number }>('SELECT state, count(*) AS n FROM delivery GROUP BY state')
    .all();
  for (const { state, n } of rows) counts[state] = n;
  return counts;
}
