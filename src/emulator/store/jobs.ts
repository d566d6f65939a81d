import type { JobState } from '../../contract/control.ts';
import type { Store } from './store.ts';

export interface JobRow {
  event_seq: number;
  state: JobState;
  /** Decided at the door (`unprovisioned: "fail-later"`): the AI is not asked. */
  preset_error: string | null;
  started_at: number | null;
  finished_at: number | null;
  error_code: string | null;
  error_message: string | null;
}

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
  },
): boolean {
  const { changes } = store
    .sql(
      `UPDATE job SET state = ?, started_at = ?, finished_at = ?, error_code = ?, error_message = ?
       WHERE event_seq = ? AND state = 'queued'`,
    )
    .run(
      result.state,
      result.startedAt,
      result.finishedAt,
      result.error?.code ?? null,
      result.error?.message ?? null,
      seq,
    );
  return changes === 1;
}

export function getJob(store: Store, seq: number): JobRow | undefined {
  return store.sql<JobRow>('SELECT * FROM job WHERE event_seq = ?').get(seq);
}

/** Jobs by state. Running ones are `queued` in the database: what runs is known to the worker alone. */
export function countJobs(store: Store): Record<'queued' | 'done' | 'failed', number> {
  const counts = { queued: 0, done: 0, failed: 0 };
  const rows = store
    .sql<{ state: keyof typeof counts; n: number }>('SELECT state, count(*) AS n FROM job GROUP BY state')
    .all();
  for (const { state, n } of rows) counts[state] = n;
  return counts;
}
