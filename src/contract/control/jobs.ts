import * as z from 'zod';
import { ErrorInfo } from './basics.ts';

/** Jobs at the AI. */

export const JobState = z.enum(['queued', 'running', 'done', 'failed']);
export type JobState = z.infer<typeof JobState>;

/** One time that the AI was asked, whoever it was. */
export const AiAttemptView = z.object({
  /** Which run of the job: 1, and one more with every re-run. */
  run: z.int(),
  /** From 1 in each run. */
  number: z.int(),
  /** The backend that answered: `stub`, `rule NAME`, `module`, `service`, `service (callback)`, `recording`; or `none`. */
  backend: z.string(),
  started_at: z.string(),
  duration_ms: z.number(),
  /** `answered`, also where the answer was that it failed; `interrupted`: the gateway stopped before an answer came. */
  outcome: z.enum(['answered', 'failed', 'interrupted']),
  /** HTTP status where that was the problem. */
  status: z.int().nullable(),
  error: ErrorInfo.nullable(),
  fault: z.string().nullable(),
});
export type AiAttemptView = z.infer<typeof AiAttemptView>;

export const JobView = z.object({
  id: z.string(),
  state: JobState,
  created_at: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  error: ErrorInfo.nullable(),
  /** From 1; one more with every re-run. */
  run: z.int(),
  /** Each time that the AI was asked, those of earlier runs among them. */
  attempts: z.array(AiAttemptView),
});
export type JobView = z.infer<typeof JobView>;

export const ListedJob = JobView.extend({
  reference_id: z.string(),
  ats_id: z.string(),
  client_id: z.string(),
  event: z.string(),
});
export type ListedJob = z.infer<typeof ListedJob>;

/** Filters of the list of jobs, as query parameters. */
export const JobQuery = z.strictObject({
  state: z.enum(['queued', 'done', 'failed']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  cursor: z.string().optional(),
});
