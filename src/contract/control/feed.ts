import * as z from 'zod';
import { DiagnosisView } from '../diagnosis.ts';
import { ErrorInfo } from './basics.ts';
import { ClockView } from './clock.ts';
import { LogRecord } from './log.ts';

/** What happens, as it happens. */

const FeedBase = z.object({ seq: z.int(), at: z.string() });

/** A request that brought back what had just been delivered. */
export const FoundEcho = z.object({
  /** How often the same data had come back by then. */
  depth: z.int(),
  /** Reference of the event before it in the chain. */
  of: z.string(),
  ats_id: z.string(),
  kind: z.enum(['candidate', 'vacancy', 'application']),
  id: z.string(),
});
export type FoundEcho = z.infer<typeof FoundEcho>;

/** What happens, as it happens: the lines of `dev`, the live feed and whoever waits all read these. */
export const FeedEntry = z.discriminatedUnion('type', [
  FeedBase.extend({
    type: z.literal('request.accepted'),
    record: LogRecord,
    via: z.enum(['webhook', 'rest', 'in-process']),
    /** A repeated `event_id` with the same bytes: answered with the first `reference_id`. */
    duplicate: z.boolean(),
  }),
  FeedBase.extend({
    type: z.literal('request.refused'),
    record: LogRecord,
    path: z.string(),
    /** Of a refused signature, unless too many came at once. */
    diagnosis: DiagnosisView.nullable().optional(),
  }),
  FeedBase.extend({
    type: z.literal('job.started'),
    job_id: z.string(),
    reference_id: z.string(),
    event: z.string(),
    client_id: z.string(),
    run: z.int(),
  }),
  FeedBase.extend({
    type: z.literal('job.finished'),
    job_id: z.string(),
    run: z.int(),
    /** The backend that answered last; `null` when none was asked. */
    backend: z.string().nullable(),
    /** How often the AI was asked in this run. */
    attempt_count: z.int(),
    reference_id: z.string(),
    event: z.string(),
    client_id: z.string(),
    state: z.enum(['done', 'failed']),
    /** What it led to; `null` when the AI gave no result. */
    outgoing_event: z.string().nullable(),
    duration_ms: z.number(),
    error: ErrorInfo.nullable(),
    /** Only where the request brought back what had just been delivered. */
    echo: FoundEcho.optional(),
  }),
  FeedBase.extend({
    type: z.literal('attempt.finished'),
    record: LogRecord,
    url: z.string(),
    /** The beginning of the receiver's answer, at most 200 characters, for a failed attempt. */
    answer: z.string().nullable(),
    /** Where the answer redirects to, its query hidden: told here alone, the log does not keep it (contract, section 6). */
    location: z.string().nullable().optional(),
    /** Fingerprint of the secret that signs for this ATS now. */
    secret_fingerprint: z.string().optional(),
    /** What the receiver did wrong, where its 401 says which value it computed. */
    diagnosis: DiagnosisView.nullable().optional(),
  }),
  FeedBase.extend({ type: z.literal('clock.changed'), clock: ClockView }),
  FeedBase.extend({
    type: z.literal('notice'),
    level: z.enum(['info', 'warning', 'error']),
    text: z.string(),
    /** All that the gateway held before is gone: it was reset, or a snapshot was restored. */
    replaced: z.literal(true).optional(),
  }),
]);
export type FeedEntry = z.infer<typeof FeedEntry>;
