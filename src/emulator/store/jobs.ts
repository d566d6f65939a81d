import type { JobState } from '../../contract/control.ts';
import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

/** Attempts that a job remembers, the newest. */
const MAX_ATTEMPTS = 100;

export type JobRow = Row<'job'>;

/** Unfinished jobs in order of acceptance, after `afterSeq`. */
export function listOpenJobs(store: Store, afterSeq: number, limit: number) {
  return store
    .sql<{ seq: number; preset_error: string | null }>(
      `SELECT event_seq AS seq, preset_error FROM job
       WHERE state = 'queued' AND event_seq > ? ORDER BY event_seq LIMIT ?`,
    )
    .all(afterSeq, limit);
}

/**
 * Ends a job. Only one that is still open: the answer to a job that ended otherwise changes nothing.
 *
 * @returns whether the job was open.
 */
export function finishJob(
  store: Store,
  seq: number,
  result: {
    state: 'done' | 'failed';
    startedAt: number;
    finishedAt: number;
    error: { code: string; message: string } | null;
    applied: boolean;
    /** All, those of earlier runs among them. */
    attempts: readonly object[];
    echo?: { of: number; depth: number } | null;
  },
): boolean {
  const { changes } = store
    .sql(
      `UPDATE job SET state = ?, started_at = ?, finished_at = ?, error_code = ?, error_message = ?,
         applied = max(applied, ?), attempts = ?, echo_of = coalesce(echo_of, ?),
         echo_depth = max(echo_depth, ?)
       WHERE event_seq = ? AND state = 'queued'`,
    )
    .run(
      result.state,
      result.startedAt,
      result.finishedAt,
      result.error?.code ?? null,
      result.error?.message ?? null,
      result.applied ? 1 : 0,
      JSON.stringify(result.attempts.slice(-MAX_ATTEMPTS)),
      result.echo?.of ?? null,
      result.echo?.depth ?? 0,
      seq,
    );
  return changes === 1;
}

/** Writes down how often the AI was asked, while the job is open. */
export function noteAttempts(store: Store, seq: number, attempts: readonly object[]): void {
  store
    .sql("UPDATE job SET attempts = ? WHERE event_seq = ? AND state = 'queued'")
    .run(JSON.stringify(attempts.slice(-MAX_ATTEMPTS)), seq);
}

export function getJob(store: Store, seq: number): JobRow | undefined {
  return store.sql<JobRow>('SELECT * FROM job WHERE event_seq = ?').get(seq);
}

/**
 * Opens a failed job again, to be run once more.
 *
 * @returns whether it was failed.
 */
export function reopenJob(store: Store, seq: number): boolean {
  const { changes } = store
    .sql(
      `UPDATE job SET state = 'queued', run = run + 1, started_at = NULL, finished_at = NULL,
         error_code = NULL, error_message = NULL
       WHERE event_seq = ? AND state = 'failed' AND preset_error IS NULL`,
    )
    .run(seq);
  return changes === 1;
}

/** A job with what its event says. */
export type ListedJob = JobRow &
  Pick<Row<'event'>, 'reference_id' | 'ats_id' | 'client_id' | 'event' | 'received_at'>;

/** Jobs, newest first. */
export function listJobs(
  store: Store,
  filter: { state?: 'queued' | 'done' | 'failed'; before?: number },
  limit: number,
): ListedJob[] {
  const state = filter.state === undefined ? '' : `AND j.state = '${filter.state}'`;
  return store
    .sql<ListedJob>(
      `SELECT j.*, e.reference_id, e.ats_id, e.client_id, e.event, e.received_at
       FROM job j JOIN event e ON e.seq = j.event_seq
       WHERE j.event_seq < ? ${state} ORDER BY j.event_seq DESC LIMIT ?`,
    )
    .all(filter.before ?? Number.MAX_SAFE_INTEGER, limit);
}

/**
 * Jobs by state, in one look: one that has just ended is not counted as running too.
 *
 * @param atWork what the worker alone knows: in the database they are `queued`.
 */
export function countJobs(store: Store, atWork: readonly number[]): Record<JobState, number> {
  const counts = { queued: 0, running: 0, done: 0, failed: 0 };
  const rows = store
    .sql<{ state_now: JobState; n: number }>(
      `SELECT CASE WHEN state = 'queued' AND event_seq IN (SELECT value FROM json_each(?))
         THEN 'running' ELSE state END AS state_now, count(*) AS n FROM job GROUP BY state_now`,
    )
    .all(JSON.stringify(atWork));
  for (const { state_now, n } of rows) counts[state_now] = n;
  return counts;
}
