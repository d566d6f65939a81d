import type { DeliveryRow } from './deliveries.ts';
import { DatabaseDamagedError } from './storage-trouble.ts';
import type { Store } from './store.ts';

/** A delivery that this process alone will attempt now, as far as an attempt needs it. */
export type ClaimedDelivery = Omit<DeliveryRow, 'receiver' | 'state' | 'due' | 'follows' | 'created_at'> & {
  /** The column `receiver`: an ATS, or a URL that one replay names. */
  lane: string;
  body: Buffer;
};

/** Deliveries that were claimed together: one row of the table `claim`. */
export interface Claim {
  id: number;
  lane: string;
  deliveries: ClaimedDelivery[];
}

/** Columns of a claim, in the order in which `asDelivery` reads them. */
const CLAIMED = `d.seq, d.id, d.ats_id, d.client_id, d.reference_id, d.event, d.event_id, d.step, d.max_steps, d.attempt_count,
  d.production_ms, d.test, d.replay_of, d.target_url, d.fixed_signature, b.body`;

/**
 * Claims up to `limit` due deliveries of one lane, the longest due first, and writes down which and of which
 * attempt. Rows are read as arrays: the driver makes objects key by key, which took as long as the query.
 *
 * @param now schedule time.
 * @param wall wall time.
 * @throws DatabaseDamagedError when the database lacks the body of one, which only happens to one that was changed from outside.
 */
export function claimDue(store: Store, lane: string, now: number, limit: number, wall: number): Claim {
  const due = limit > 0 ? listPending(store, lane, now, limit) : [];
  if (due.length === 0) return { id: 0, lane, deliveries: [] };
  const rows = store
    .sql(
      `SELECT ${CLAIMED} FROM json_each(?) c CROSS JOIN delivery d ON d.seq = c.value
       JOIN delivery_body b ON b.delivery_seq = d.seq`,
    )
    .raw()
    .all(JSON.stringify(due)) as ClaimedColumns[];
  // Left out silently, it would be due at once again.
  if (rows.length < due.length)
    throw new DatabaseDamagedError(`a pending delivery to ${lane} has no body in the database`);
  const deliveries = rows.map((row) => asDelivery(lane, row));
  const attempts = JSON.stringify(deliveries.map((delivery) => [delivery.seq, delivery.attempt_count]));
  // Over the row of a claim whose attempts are all recorded, where there is one.
  const { lastInsertRowid } = store
    .sql('INSERT OR REPLACE INTO claim (id, boot, at, attempts) VALUES (?, ?, ?, ?)')
    .run(store.claims.takeSpent() ?? null, store.boot, wall, attempts);
  return { id: Number(lastInsertRowid), lane, deliveries };
}

/**
 * `seq` of a lane's deliveries that are due at `until` and not taken, the longest due first. Those that are
 * taken are left out here, where it is a look into a map: for SQLite to do it took a third of the time of a claim.
 */
function listPending(store: Store, lane: string, until: number, limit: number): number[] {
  const taken = store.claims.takenOf(lane);
  const seqs = store
    .sql<number>(
      // `0 +`: a bare parameter as LIMIT is part of the plan, and SQLite plans anew whenever it is another number.
      "SELECT seq FROM delivery WHERE receiver = ? AND state = 'pending' AND due <= ? ORDER BY due LIMIT 0 + ?",
    )
    .pluck()
    .all(lane, until, limit + taken.size);
  return seqs.filter((seq) => !taken.has(seq)).slice(0, limit);
}

type ClaimedColumns = [
  seq: number,
  id: string,
  ats_id: string,
  client_id: string,
  reference_id: string,
  event: string,
  event_id: string,
  step: number,
  max_steps: number,
  attempts: number,
  production_ms: number,
  test: number,
  replay_of: string | null,
  target_url: string | null,
  fixed_signature: string | null,
  body: Buffer,
];

function asDelivery(lane: string, row: ClaimedColumns): ClaimedDelivery {
  return {
    seq: row[0],
    id: row[1],
    ats_id: row[2],
    client_id: row[3],
    reference_id: row[4],
    event: row[5],
    event_id: row[6],
    lane,
    step: row[7],
    max_steps: row[8],
    attempt_count: row[9],
    production_ms: row[10],
    test: row[11],
    replay_of: row[12],
    target_url: row[13],
    fixed_signature: row[14],
    body: row[15],
  };
}

/** When the lane's next delivery that is not taken is due, in schedule time. */
export function nextDueOf(store: Store, lane: string): number | null {
  return findNextDueOf(store, lane)?.due ?? null;
}

/** The delivery that is due next over all lanes, of those that are not taken. */
export function findNextDue(store: Store): DeliveryRow | undefined {
  return listLanes(store)
    .map((lane) => findNextDueOf(store, lane))
    .filter((row) => row !== undefined)
    .sort((a, b) => a.due! - b.due!)[0];
}

function findNextDueOf(store: Store, lane: string): DeliveryRow | undefined {
  const [seq] = listPending(store, lane, Number.MAX_SAFE_INTEGER, 1);
  if (seq === undefined) return undefined;
  return store.sql<DeliveryRow>('SELECT * FROM delivery WHERE seq = ?').get(seq);
}

/** Receivers that have something pending; a skip-scan over the index, whatever the number of rows. */
export function listLanes(store: Store): string[] {
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

/**
 * Ends the claims of processes before this one.
 *
 * @returns the deliveries whose attempt such a process began, at `claimed_at` by the wall clock, and did not
 *   record. Inside the caller's transaction.
 */
export function takeAbandoned(store: Store): (DeliveryRow & { claimed_at: number })[] {
  const abandoned = store
    .sql<DeliveryRow & { claimed_at: number }>(
      `SELECT d.*, min(c.at) AS claimed_at FROM claim c, json_each(c.attempts) a JOIN delivery d ON d.seq = a.value ->> 0
       WHERE c.boot <> ? AND d.attempt_count = a.value ->> 1 AND d.state = 'pending' GROUP BY d.seq ORDER BY d.seq`,
    )
    .all(store.boot);
  store.sql('DELETE FROM claim WHERE boot <> ?').run(store.boot);
  return abandoned;
}
