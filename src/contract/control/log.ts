import * as z from 'zod';
import { DiagnosisView } from '../diagnosis.ts';
import { ErrorInfo, versioned } from './basics.ts';
import { DIRECTION_WORDS, readDirection } from './direction.ts';

/** The delivery log: its records, and pages of it. */

/** Over the API it is `outbound` or `inbound` (see direction.ts). */
export const LogDirection = z.enum(['outgoing', 'incoming']);
export type LogDirection = z.infer<typeof LogDirection>;

/** `failure`: answered, but not 2xx. `error`: no complete answer. `interrupted`: the emulator stopped midway. */
export const Outcome = z.enum(['success', 'failure', 'error', 'interrupted']);
export type Outcome = z.infer<typeof Outcome>;

export const DeliveryState = z.enum(['pending', 'delivered', 'exhausted']);
export type DeliveryState = z.infer<typeof DeliveryState>;

/** When the next attempt is due, and how far off that is on both clocks. */
export const NextAttempt = z.object({
  /** Step of the schedule, 1 to 5. */
  step: z.int(),
  due_schedule_ms: z.number(),
  in_schedule_ms: z.number(),
  /** At the present speed, 0 with `max`; `null` while the clock stands still. */
  in_real_ms: z.number().nullable(),
});
export type NextAttempt = z.infer<typeof NextAttempt>;

/** A body as the log shows it: text where it is UTF-8, base64 where not; capped and marked, never dropped. */
export const LoggedBody = z.object({
  text: z.string(),
  encoding: z.enum(['utf8', 'base64']),
  /** Length of the whole body. */
  bytes: z.int(),
  truncated: z.boolean(),
});
export type LoggedBody = z.infer<typeof LoggedBody>;

/** The connection of an attempt over TLS. */
export const TlsView = z.object({
  /** `TLSv1.3`. */
  protocol: z.string(),
  /** Node's code of what is wrong with the certificate, as `DEPTH_ZERO_SELF_SIGNED_CERT`; `null` where it is trusted. */
  problem: z.string().nullable(),
  certificate: z
    .object({
      subject: z.string(),
      issuer: z.string(),
      /** Those that it is for: `DNS:localhost, IP Address:127.0.0.1`. */
      names: z.string(),
      valid_from: z.string(),
      valid_to: z.string(),
      /** SHA-256. */
      fingerprint: z.string(),
    })
    .nullable(),
});
export type TlsView = z.infer<typeof TlsView>;

/** One record of the delivery log: one attempt, in either direction (contract, section 6). */
export const LogRecord = z.object({
  /** `dlv_…/n`. */
  id: z.string(),
  delivery_id: z.string(),
  direction: LogDirection,
  /** Grows by one with every attempt of the delivery. */
  number: z.int(),
  /** Step of the retry schedule; `null` for incoming records, replays and test events. */
  step: z.int().nullable(),
  ats_id: z.string().nullable(),
  client_id: z.string().nullable(),
  event: z.string().nullable(),
  event_id: z.string().nullable(),
  reference_id: z.string().nullable(),
  outcome: Outcome,
  /** The receiver's answer, or for incoming records what the gateway answered. */
  response_status: z.int().nullable(),
  duration_ms: z.number(),
  error: ErrorInfo.nullable(),
  occurred_at: z.string(),
  expires_at: z.string(),
  /** Schedule delays so far plus real durations: when this attempt would have ended in production, counted from the delivery's creation. */
  production_ms: z.number().nullable(),
  /** The fault that was applied here, if one was. */
  fault: z.string().nullable(),
  /**
   * What is wrong with the receiver's certificate, by Node's code. Of a success: it was accepted all the same, as
   * `--insecure-receiver` asks for. `null` where nothing is, and without TLS.
   */
  tls_problem: z.string().nullable(),
  test: z.boolean(),
  /** State of the delivery after this attempt; `null` for incoming records. */
  delivery_state: DeliveryState.nullable(),
  next_attempt: NextAttempt.nullable(),
  /**
   * Of an incoming update that brought back what had just been delivered: how often the same data had come back by
   * then. Absent otherwise, and until its job ran.
   */
  echo_depth: z.int().optional(),
});
export type LogRecord = z.infer<typeof LogRecord>;

/** A log record with what was sent and answered. */
export const LogRecordDetail = LogRecord.extend({
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    signature: z.string().nullable(),
    body: LoggedBody,
  }),
  response: z
    .object({ status: z.int(), headers: z.record(z.string(), z.string()), body: LoggedBody })
    .nullable(),
  /** Why the signature was refused, or why the receiver refused it; `null` where nothing was looked for. */
  diagnosis: DiagnosisView.nullable(),
  /** `null` without TLS, and where no handshake came to its end. */
  tls: TlsView.nullable(),
});
export type LogRecordDetail = z.infer<typeof LogRecordDetail>;

/** Filters of the log, as query parameters. */
export const LogQuery = z.strictObject({
  direction: z.enum(DIRECTION_WORDS).transform(readDirection).optional(),
  outcome: Outcome.optional(),
  event: z.string().optional(),
  ats_id: z.string().optional(),
  client_id: z.string().optional(),
  reference_id: z.string().optional(),
  /** In event, ids, client, status, error or one of the bodies; upper and lower case are the same. */
  text: z.string().min(1).max(200).optional(),
  /** ISO 8601. */
  since: z.iso.datetime().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  /** Only what is older. */
  cursor: z.string().optional(),
  /** Only what is newer, beginning with the oldest of it; wins over `cursor`. */
  after: z.string().optional(),
});
export type LogQuery = z.infer<typeof LogQuery>;

/** A record with its place in the log: good for `cursor` and `after`. */
export const LogItem = LogRecord.extend({ cursor: z.string() });
export type LogItem = z.infer<typeof LogItem>;

/**
 * A page of the log, newest first. A search, most of all one for text, takes its time in slices: its page
 * can be short, or empty, and `next_cursor` then says where to go on.
 */
export const LogPage = versioned({
  items: z.array(LogItem),
  /** Where the next page begins: give it as `cursor`, or as `after` where this page was asked for so. */
  next_cursor: z.string().nullable(),
  /** Give it as `after` for what comes later than all that was looked at. */
  newer_cursor: z.string(),
  /** How far a search came: time of the last record looked at. `null` where none was needed. */
  searched_to: z.string().nullable(),
});
export type LogPage = z.infer<typeof LogPage>;
