import { type Condition, joinConditions } from './conditions.ts';
import { seqsOf } from './seqs.ts';
import type { Store } from './store.ts';

export interface ReplayFilter {
  /** Only the exhausted, without those that a replay to the same place has delivered or is delivering. */
  exhausted: boolean;
  /** Wall time of creation, inclusive. */
  since?: number;
  event?: string;
  client_id?: string;
  /** Where the replays are to go; `undefined` for the ATS's webhook URL. */
  to?: string;
}

/** Rows looked at in one go, whether they fit or not. */
const WINDOW = 5000;

/**
 * Ended deliveries that fit, replays left out, oldest first.
 *
 * @returns one window's ids, and where the next window starts; `null` after the last.
 */
export function listReplayable(
  store: Store,
  filter: ReplayFilter,
  after: number,
): { ids: string[]; next: number | null } {
  // Over the index on reference_id, which replays share with their origin.
  const notReplayed = `NOT EXISTS (SELECT 1 FROM delivery r WHERE r.reference_id = d.reference_id
    AND r.replay_of = d.id AND r.state <> 'exhausted' AND r.target_url IS ?)`;
  const ended: Condition = filter.exhausted
    ? [`d.state = 'exhausted' AND ${notReplayed}`, filter.to ?? null]
    : ["d.state <> 'pending'"];
  const { where, values } = joinConditions([
    ['d.seq > ? AND d.seq <= ? AND d.replay_of IS NULL', after, after + WINDOW],
    ended,
    ['d.created_at >= ?', filter.since],
    ['d.event = ?', filter.event],
    ['d.client_id = ?', filter.client_id],
  ]);
  const rows = store
    .sql<{ id: string }>(`SELECT d.id FROM delivery d ${where} ORDER BY d.seq`)
    .all(...values);
  const last = seqsOf(store, 'delivery').newest;
  return { ids: rows.map((row) => row.id), next: after + WINDOW < last ? after + WINDOW : null };
}
