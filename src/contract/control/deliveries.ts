import * as z from 'zod';
import { ErrorInfo, versioned } from './basics.ts';
import { JobView } from './jobs.ts';
import {
  DeliveryState,
  LogDirection,
  LoggedBody,
  LogRecord,
  LogRecordDetail,
  NextAttempt,
  Outcome,
} from './log.ts';

/** Deliveries, and all that one `reference_id` caused. */

/** A delivery, outgoing (with its schedule) or incoming (one attempt, no schedule). */
export const Delivery = z.object({
  id: z.string(),
  direction: LogDirection,
  ats_id: z.string().nullable(),
  client_id: z.string().nullable(),
  event: z.string().nullable(),
  event_id: z.string().nullable(),
  reference_id: z.string().nullable(),
  state: DeliveryState.nullable(),
  attempt_count: z.int(),
  next_attempt: NextAttempt.nullable(),
  last_outcome: Outcome.nullable(),
  last_status: z.int().nullable(),
  last_error: ErrorInfo.nullable(),
  test: z.boolean(),
  /** The delivery that this one replays. */
  replay_of: z.string().nullable(),
  created_at: z.string(),
});
export type Delivery = z.infer<typeof Delivery>;

export const DeliveryDetail = Delivery.extend({ body: LoggedBody, attempts: z.array(LogRecordDetail) });
export type DeliveryDetail = z.infer<typeof DeliveryDetail>;

/** Everything that one `reference_id` caused. */
export const Trace = versioned({
  reference_id: z.string(),
  accepted: z
    .object({
      at: z.string(),
      ats_id: z.string(),
      client_id: z.string(),
      user_id: z.string().nullable(),
      event: z.string(),
      event_id: z.string().nullable(),
      via: z.enum(['webhook', 'rest', 'in-process']),
    })
    .nullable(),
  job: JobView.nullable(),
  deliveries: z.array(Delivery.extend({ body: LoggedBody, attempts: z.array(LogRecord) })),
  /** Only of an event in a chain of echoes: the whole chain, the event that began it first. */
  echoes: z
    .array(
      z.object({
        /** 0 for the first: how often the same data had come back by then. */
        depth: z.int(),
        reference_id: z.string(),
        event: z.string(),
        event_id: z.string().nullable(),
        at: z.string(),
      }),
    )
    .optional(),
  /** The job is done, and every delivery it caused is delivered or exhausted. */
  settled: z.boolean(),
});
export type Trace = z.infer<typeof Trace>;

export const WaitUntil = z.enum(['first-attempt', 'settled', 'success']);
export type WaitUntil = z.infer<typeof WaitUntil>;

export const WaitResult = z.object({
  /** Whether the wait ended because its condition held, or because it can no longer hold. */
  done: z.boolean(),
  /** Whether the condition holds. */
  met: z.boolean(),
  trace: Trace,
});
export type WaitResult = z.infer<typeof WaitResult>;

/** Asks for many deliveries at once. */
export const DeliveriesRequest = z.strictObject({ ids: z.array(z.string()).min(1).max(1000) });

/** What an id belongs to, when it is no `reference_id`. */
export const Belonging = z.object({
  kind: z.enum(['reference_id', 'delivery', 'incoming event_id', 'outgoing event_id']),
  ats_id: z.string().nullable(),
  client_id: z.string().nullable(),
  event: z.string().nullable(),
  /** `null` for a request that was refused. */
  reference_id: z.string().nullable(),
});
export type Belonging = z.infer<typeof Belonging>;
