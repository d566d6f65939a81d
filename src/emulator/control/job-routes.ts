import type { JOB_ROUTES } from '../../contract/control/routes/jobs.ts';
import type { ListedJob } from '../../contract/control.ts';
import { refused } from '../../contract/errors.ts';
import { viewJob } from '../log/view-job.ts';
import { findEventByReference } from '../store/events.ts';
import { getJob, type ListedJob as ListedRow, listJobs } from '../store/jobs.ts';
import type { HandlersOf } from './call.ts';
import type { ControlParts } from './parts.ts';

/** Jobs at the AI, and running a failed one again. */
export function createJobHandlers({ store, worker }: ControlParts): HandlersOf<typeof JOB_ROUTES> {
  const view = (row: ListedRow): ListedJob => ({
    ...viewJob(row, row.received_at, worker.activity(row.event_seq)),
    reference_id: row.reference_id,
    ats_id: row.ats_id,
    client_id: row.client_id,
    event: row.event,
  });
  const viewOne = (seq: number) => view(listJobs(store, { before: seq + 1 }, 1)[0]!);
  /** A job's own id, or the reference_id of its event. */
  const find = (id: string): number => {
    const seq = /^job_(\d{1,15})$/.exec(id)?.[1] ?? findEventByReference(store, id)?.seq;
    if (seq === undefined || !getJob(store, Number(seq))) throw refused('unknown_job', `Unknown job ${id}`);
    return Number(seq);
  };

  return {
    jobs({ query: { state, limit, cursor } }) {
      const before = cursor === undefined ? undefined : Number(cursor);
      if (before !== undefined && !Number.isSafeInteger(before)) {
        throw refused('bad_request', 'cursor is not one of ours');
      }
      const found = listJobs(store, { state, before }, limit + 1);
      const rows = found.slice(0, limit);
      return {
        items: rows.map(view),
        next_cursor: found.length > limit ? String(rows.at(-1)!.event_seq) : null,
      };
    },
    job: ({ params }) => viewOne(find(params.id)),
    async rerunJob({ params }) {
      const seq = find(params.id);
      const row = getJob(store, seq)!;
      if (row.preset_error !== null) {
        throw refused('job_not_failed', 'This event was refused when it came: send it again');
      }
      if (!(await worker.rerun(seq))) {
        const state = worker.activity(seq) ? 'running' : row.state;
        throw refused('job_not_failed', `Only a job that failed can be run again; job_${seq} is ${state}`);
      }
      return viewOne(seq);
    },
  };
}
