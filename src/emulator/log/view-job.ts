import type { AiAttemptView, JobView } from '../../contract/control.ts';
import type { JobRow } from '../store/jobs.ts';
import { errorOf } from '../store/log.ts';
import { iso } from '../time/wall.ts';

/** What the routes need of whoever runs jobs. */
export interface JobRunner {
  running(): number[];
  activity(eventSeq: number): { startedAt: number; attempts: readonly StoredAttempt[] } | null;
  rerun(eventSeq: number): Promise<boolean>;
}

type StoredAttempt = Omit<AiAttemptView, 'started_at'> & { started_at: number };

/** @param activity what a job that runs has done so far, in this run and before. */
export function viewJob(
  row: JobRow,
  receivedAt: number,
  activity: ReturnType<JobRunner['activity']>,
): JobView {
  const running = activity !== null && row.state === 'queued';
  const startedAt = running ? activity.startedAt : row.started_at;
  const attempts = running ? activity.attempts : (JSON.parse(row.attempts) as StoredAttempt[]);
  return {
    id: `job_${row.event_seq}`,
    state: running ? 'running' : row.state,
    created_at: iso(receivedAt),
    started_at: startedAt === null ? null : iso(startedAt),
    finished_at: row.finished_at === null ? null : iso(row.finished_at),
    error: errorOf(row),
    run: row.run,
    attempts: attempts.map((attempt) => ({
      ...attempt,
      started_at: iso(attempt.started_at),
    })),
  };
}
