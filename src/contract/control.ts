import * as z from 'zod';
import { DiagnosisView } from './diagnosis.ts';

/**
 * Shapes of the control API, `/_carvos/v1/`, and of what the commands print with `--json`.
 * Field names are those of the wire (snake_case). Times ending in `_at` are ISO 8601 UTC by the wall
 * clock; fields ending in `_ms` are milliseconds, in schedule time where the name says `schedule`.
 */

export const CONTROL_PREFIX = '/_carvos/v1';

/** Media type of a snapshot: one SQLite file. */
export const SNAPSHOT_TYPE = 'application/vnd.sqlite3';

/** Version of these shapes; grows when a field changes its meaning or goes away. */
export const OUTPUT_VERSION = 1;

export const LogDirection = z.enum(['outbound', 'inbound']);
export type LogDirection = z.infer<typeof LogDirection>;

/** `failure`: answered, but not 2xx. `error`: no complete answer. `interrupted`: the emulator stopped midway. */
export const Outcome = z.enum(['success', 'failure', 'error', 'interrupted']);
export type Outcome = z.infer<typeof Outcome>;

export const DeliveryState = z.enum(['pending', 'delivered', 'exhausted']);
export type DeliveryState = z.infer<typeof DeliveryState>;

export const ErrorInfo = z.object({ code: z.string(), message: z.string() });
export type ErrorInfo = z.infer<typeof ErrorInfo>;

/** When the next attempt is due, and how far off that is on both clocks. */
export const NextAttempt = z.object({
  /** Step of the schedule, 1 to 5. */
  step: z.number().int(),
  due_schedule_ms: z.number(),
  in_schedule_ms: z.number(),
  /** At the present speed; `null` while the clock stands still. */
  in_real_ms: z.number().nullable(),
});
export type NextAttempt = z.infer<typeof NextAttempt>;

/** A body as the log shows it: text where it is UTF-8, base64 where not; capped and marked, never dropped. */
export const LoggedBody = z.object({
  text: z.string(),
  encoding: z.enum(['utf8', 'base64']),
  /** Length of the whole body. */
  bytes: z.number().int(),
  truncated: z.boolean(),
});
export type LoggedBody = z.infer<typeof LoggedBody>;

/** One record of the delivery log: one attempt, in either direction (contract, section 6). */
export const LogRecord = z.object({
  /** `dlv_…/n`. */
  id: z.string(),
  delivery_id: z.string(),
  direction: LogDirection,
  /** Grows by one with every attempt of the delivery. */
  number: z.number().int(),
  /** Step of the retry schedule; `null` for inbound records, replays and test events. */
  step: z.number().int().nullable(),
  ats_id: z.string().nullable(),
  client_id: z.string().nullable(),
  event: z.string().nullable(),
  event_id: z.string().nullable(),
  reference_id: z.string().nullable(),
  outcome: Outcome,
  /** The receiver's answer, or for inbound records what the gateway answered. */
  response_status: z.number().int().nullable(),
  duration_ms: z.number(),
  error: ErrorInfo.nullable(),
  occurred_at: z.string(),
  expires_at: z.string(),
  /** Schedule delays so far plus real durations: when this attempt would have ended in production, counted from the delivery's creation. */
  production_ms: z.number().nullable(),
  /** The fault that was injected here, if one was. */
  injected: z.string().nullable(),
  test: z.boolean(),
  /** State of the delivery after this attempt; `null` for inbound records. */
  delivery_state: DeliveryState.nullable(),
  next_attempt: NextAttempt.nullable(),
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
    .object({ status: z.number().int(), headers: z.record(z.string(), z.string()), body: LoggedBody })
    .nullable(),
  /** Why the signature was refused, or why the receiver refused it; `null` where nothing was looked for. */
  diagnosis: DiagnosisView.nullable(),
});
export type LogRecordDetail = z.infer<typeof LogRecordDetail>;

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
  /** Attempts made. */
  attempts: z.number().int(),
  next_attempt: NextAttempt.nullable(),
  last_outcome: Outcome.nullable(),
  last_status: z.number().int().nullable(),
  last_error: ErrorInfo.nullable(),
  test: z.boolean(),
  /** The delivery that this one replays. */
  replay_of: z.string().nullable(),
  created_at: z.string(),
});
export type Delivery = z.infer<typeof Delivery>;

export const DeliveryDetail = Delivery.extend({ body: LoggedBody, log: z.array(LogRecordDetail) });
export type DeliveryDetail = z.infer<typeof DeliveryDetail>;

export const JobState = z.enum(['queued', 'running', 'done', 'failed']);
export type JobState = z.infer<typeof JobState>;

/** One time that the AI was asked, whoever it was. */
export const AiAttemptView = z.object({
  /** Which run of the job: 1, and one more with every re-run. */
  run: z.number().int(),
  /** From 1 in each run. */
  number: z.number().int(),
  /** Who answered: `stub`, `rule NAME`, `module`, `service`, `service (call back)`, `recording`; or `none`. */
  backend: z.string(),
  started_at: z.string(),
  duration_ms: z.number(),
  /** `answered`, also where the answer was that it failed; `interrupted`: the gateway stopped before an answer came. */
  outcome: z.enum(['answered', 'failed', 'interrupted']),
  /** HTTP status where that was the problem. */
  status: z.number().int().nullable(),
  error: ErrorInfo.nullable(),
  /** The fault that was injected. */
  injected: z.string().nullable(),
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
  run: z.number().int(),
  /** Each time that the AI was asked, those of earlier runs among them. */
  attempts: z.array(AiAttemptView),
});
export type JobView = z.infer<typeof JobView>;

/** A job in a list. */
export const ListedJob = JobView.extend({
  reference_id: z.string(),
  ats_id: z.string(),
  client_id: z.string(),
  event: z.string(),
});
export type ListedJob = z.infer<typeof ListedJob>;

/** Filters of the list of jobs, as query parameters. */
export const JobQuery = z.object({
  state: z.enum(['queued', 'done', 'failed']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  cursor: z.string().optional(),
});
export type JobQuery = z.infer<typeof JobQuery>;

/** Everything that one `reference_id` caused. */
export const Trace = z.object({
  version: z.literal(OUTPUT_VERSION),
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
  deliveries: z.array(Delivery.extend({ body: LoggedBody, log: z.array(LogRecord) })),
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

export const ClockMode = z.enum(['running', 'paused', 'max', 'manual']);
export type ClockMode = z.infer<typeof ClockMode>;

export const ClockView = z.object({
  version: z.literal(OUTPUT_VERSION),
  mode: ClockMode,
  /** Schedule seconds per real second; `null` in `max` and `manual`. */
  speed: z.number().nullable(),
  schedule_ms: z.number(),
  /** Deliveries that still have an attempt to come. */
  pending: z.number().int(),
  next: z
    .object({
      delivery_id: z.string(),
      event: z.string(),
      attempts: z.number().int(),
      next_attempt: NextAttempt,
    })
    .nullable(),
});
export type ClockView = z.infer<typeof ClockView>;

/** What a clock command did: the attempts that fired because of it, in order. */
export const ClockMove = z.object({
  version: z.literal(OUTPUT_VERSION),
  fired: z.array(LogRecord),
  /** Attempts made beyond those listed. */
  unlisted: z.number().int(),
  clock: ClockView,
});
export type ClockMove = z.infer<typeof ClockMove>;

export const AtsView = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  webhook_url: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  /** Short fingerprints, never the values. */
  api_key: z.string(),
  incoming_secret: z.string(),
  outgoing_secret: z.string(),
});
export type AtsView = z.infer<typeof AtsView>;

export const StatusView = z.object({
  version: z.literal(OUTPUT_VERSION),
  carvos: z.string(),
  gateway_id: z.string(),
  url: z.string(),
  pid: z.number().int(),
  database: z.string(),
  started_at: z.string(),
  events: z.number().int(),
  jobs: z.object({
    queued: z.number().int(),
    running: z.number().int(),
    done: z.number().int(),
    failed: z.number().int(),
  }),
  deliveries: z.object({
    pending: z.number().int(),
    delivered: z.number().int(),
    exhausted: z.number().int(),
  }),
  clock: ClockView,
  /** Undocumented behaviours that the traffic relied on, and how many there are. */
  assumptions: z.object({ relied_on: z.number().int(), total: z.number().int() }),
  ats: z.array(AtsView),
});
export type StatusView = z.infer<typeof StatusView>;

export const WorkspaceView = z.object({
  ats_id: z.string(),
  client_id: z.string(),
  name: z.string(),
  status: z.enum(['provisioning', 'provisioned']),
  created_at: z.string(),
  members: z.array(z.object({ user_id: z.string(), name: z.string(), email: z.string() })),
});
export type WorkspaceView = z.infer<typeof WorkspaceView>;

/** A page of anything, newest first. `next_cursor` is opaque; `null` on the last page. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({
    version: z.literal(OUTPUT_VERSION),
    items: z.array(item),
    next_cursor: z.string().nullable(),
  });
}

const ReplayTarget = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !holdsCredentials(url), 'must hold no credentials');

function holdsCredentials(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username !== '' || password !== '';
}

/** How one delivery is made again. */
export const ReplayRequest = z.strictObject({
  /** Instead of the ATS's webhook URL. */
  to: ReplayTarget.optional(),
  /** Send the signature that was recorded with the newest attempt, instead of signing anew. */
  original: z.boolean().default(false),
  /** With `original`: the signature of this attempt. */
  attempt: z.number().int().min(1).optional(),
  /** Other bytes, at most 1 MiB. */
  body_base64: z.base64().optional(),
});
export type ReplayRequest = z.input<typeof ReplayRequest>;

/** Which deliveries to replay: those named, or those that fit all filters. */
export const ReplayManyRequest = z.strictObject({
  ids: z.array(z.string()).min(1).max(10_000).optional(),
  /** Those exhausted that no replay has delivered since; otherwise every delivery that has ended. */
  exhausted: z.boolean().default(false),
  /** Created then or later; ISO 8601. */
  since: z.iso.datetime().optional(),
  event: z.string().optional(),
  client_id: z.string().optional(),
  to: ReplayTarget.optional(),
  original: z.boolean().default(false),
  /** Only say which they are. */
  dry_run: z.boolean().default(false),
});
export type ReplayManyRequest = z.input<typeof ReplayManyRequest>;

export const ReplayManyResult = z.object({
  version: z.literal(OUTPUT_VERSION),
  count: z.number().int(),
  /** In order of their creation; `id` is `null` after a dry run. */
  items: z.array(z.object({ replay_of: z.string(), id: z.string().nullable() })),
});
export type ReplayManyResult = z.infer<typeof ReplayManyResult>;

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

/** What the emulator does without CarvOS's documentation saying so, and how much this gateway's traffic relied on it. */
export const AssumptionUse = z.object({
  id: z.string(),
  /** `unread`: documented where it could not be read; a guess. `emu`: our decision. */
  source: z.enum(['unread', 'emu']),
  /** Section of the wire contract. */
  section: z.number().int(),
  what: z.string(),
  where: z.string(),
  why: z.string(),
  /** How to find out from the real gateway or its documentation. */
  check: z.string(),
  /** `false`: no traffic can show whether it was relied on. */
  observable: z.boolean(),
  /** How often it was relied on. */
  count: z.number().int(),
  first_at: z.string().nullable(),
  last_at: z.string().nullable(),
  /** Where to look at the first time: a `reference_id`, or an attempt in the log (`dlv_…/n`). */
  sample: z.string().nullable(),
});
export type AssumptionUse = z.infer<typeof AssumptionUse>;

export const AssumptionList = z.object({
  version: z.literal(OUTPUT_VERSION),
  /** Entries of the catalogue. */
  total: z.number().int(),
  /** Those that were relied on. */
  relied_on: z.number().int(),
  items: z.array(AssumptionUse),
});
export type AssumptionList = z.infer<typeof AssumptionList>;

/** Filters of the log, as query parameters. */
export const LogQuery = z.object({
  direction: LogDirection.optional(),
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
export const LogPage = z.object({
  version: z.literal(OUTPUT_VERSION),
  items: z.array(LogItem),
  /** Where the next page begins: give it as `cursor`, or as `after` where this page was asked for so. */
  next_cursor: z.string().nullable(),
  /** Give it as `after` for what comes later than all that was looked at. */
  newer_cursor: z.string(),
  /** How far a search came: time of the last record looked at. `null` where none was needed. */
  searched_to: z.string().nullable(),
});
export type LogPage = z.infer<typeof LogPage>;

const FeedBase = z.object({ seq: z.number().int(), at: z.string() });

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
    run: z.number().int(),
  }),
  FeedBase.extend({
    type: z.literal('job.finished'),
    job_id: z.string(),
    run: z.number().int(),
    /** Who answered last; `null` when nobody was asked. */
    backend: z.string().nullable(),
    /** How often the AI was asked in this run. */
    attempts: z.number().int(),
    reference_id: z.string(),
    event: z.string(),
    client_id: z.string(),
    state: z.enum(['done', 'failed']),
    /** What it led to; `null` when the AI gave no result. */
    outgoing_event: z.string().nullable(),
    duration_ms: z.number(),
    error: ErrorInfo.nullable(),
  }),
  FeedBase.extend({
    type: z.literal('attempt.finished'),
    record: LogRecord,
    url: z.string(),
    /** The beginning of the receiver's answer, at most 200 characters, for a failed attempt. */
    answer: z.string().nullable(),
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
