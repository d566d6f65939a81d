import * as z from 'zod';
import { AiAttemptView, DeliveryState, LogDirection, Outcome, TlsView } from '../../contract/control.ts';
import { DiagnosisView } from '../../contract/diagnosis.ts';
import { INCOMING_EVENTS } from '../../contract/event-names.ts';
import { FaultRule } from '../../contract/fault-rule.ts';
import { AuditEntry } from '../../contract/portal.ts';
import { WebUrl } from '../../contract/text-forms.ts';
import {
  bytes,
  count,
  due,
  duration,
  flag,
  header,
  id,
  json,
  movedWall,
  number,
  oneOf,
  ownId,
  recordOf,
  seq,
  signature,
  status,
  step,
  storedJson,
  text,
  wall,
} from './column-schemas.ts';

/**
 * A row of each table, as the present schema has it. What the code takes for granted of a row stands here: a
 * database that somebody hands over is input like any other. The types of rows come from here; the schemas are loaded
 * only where a database is read that another may have made.
 */

const Headers = json(recordOf(z.string()));
const AiAttempts = json(z.array(AiAttemptView.extend({ started_at: wall, duration_ms: duration })));
/** Each attempt that a claim took: a delivery's number, and its attempts before this one. */
const Claimed = json(z.array(z.tuple([seq, number])));
const Advances = json(z.array(z.object({ at: wall, ms: duration })));

/** Single values that are read, by key. What another version wrote is passed over, as it is when running. */
const META: Record<string, z.ZodType> = {
  boot: text.regex(/^\d{1,9}$/, 'must be a number'),
  gateway_id: text.regex(/^[\w-]{1,64}$/, 'must be an id'),
  pid: text.regex(/^\d{1,12}$/, 'must be a number'),
  schedule_ms: text.regex(/^\d{1,14}(?:\.\d{1,20})?$/, 'must be a number'),
  advances: Advances,
};

const Meta = z.object({ key: text.max(255), value: text.max(1_000_000) }).superRefine((row, context) => {
  const checked = Object.hasOwn(META, row.key) ? META[row.key]!.safeParse(row.value) : undefined;
  if (checked === undefined || checked.success) return;
  const message = checked.error.issues[0]!.message;
  context.addIssue({ code: 'custom', path: ['value'], message: `of ${row.key} ${message}` });
});

const Event = z.object({
  seq,
  reference_id: header,
  ats_id: id,
  client_id: id,
  user_id: text.nullable(),
  event: oneOf(INCOMING_EVENTS),
  event_id: text.nullable(),
  /** How it came in. */
  via: oneOf(['webhook', 'rest', 'in-process']),
  /** The id in a REST path, where the body need not name it. */
  target_id: text.nullable(),
  body: bytes,
  body_hash: bytes,
  received_at: wall,
});

const Log = z
  .object({
    seq,
    delivery_id: ownId,
    number,
    direction: oneOf(LogDirection.options),
    step: step.nullable(),
    ats_id: text.nullable(),
    client_id: text.nullable(),
    event: text.nullable(),
    event_id: text.nullable(),
    reference_id: text.nullable(),
    /** The accepted event that holds the body. */
    event_seq: seq.nullable(),
    outcome: oneOf(Outcome.options),
    status: status.nullable(),
    duration_ms: duration,
    error_code: text.nullable(),
    error_message: text.nullable(),
    occurred_at: wall,
    production_ms: duration.nullable(),
    fault: text.nullable(),
    test: flag,
    delivery_state: oneOf(DeliveryState.options).nullable(),
    next_step: step.nullable(),
    next_due: due.nullable(),
    method: text,
    url: text,
    /** The allowlisted headers; of an attempt those that its other columns do not tell. */
    request_headers: Headers,
    signature: text.nullable(),
    /** Only of refused requests; the others' stand with the event or the delivery. */
    body: bytes.nullable(),
    response_headers: Headers.nullable(),
    response_body: bytes.nullable(),
    /** Length of the whole answer; `response_body` may be its beginning. */
    response_bytes: count.nullable(),
    /** Why a signature was refused. Found after the record was written. */
    diagnosis: json(DiagnosisView).nullable(),
    /** The connection of an attempt over TLS. */
    tls: json(TlsView).nullable(),
  })
  .superRefine((row, context) => {
    if (row.direction === 'incoming') return;
    // Headers are made from these; they were sent.
    for (const name of ['event', 'reference_id'] as const) {
      if (row[name] === null) context.addIssue({ code: 'custom', path: [name], message: 'is missing' });
    }
    if (row.url !== '' && !WebUrl.safeParse(row.url).success)
      context.addIssue({ code: 'custom', path: ['url'], message: 'must be an http:// or https:// URL' });
  });

const Upload = z
  .object({
    seq,
    id: header,
    ats_id: id,
    client_id: id,
    state: oneOf(['receiving', 'ready']),
    file_name: text.max(1000),
    content_type: header.nullable(),
    /** Bytes. */
    size: count.nullable(),
    uploaded_at: wall.nullable(),
    expires_at: movedWall.nullable(),
    /** The write that uses it; such a file does not expire. */
    bound_event: seq.nullable(),
    /** Text of the CV, or why there is none; both `null` until it was read. */
    text: text.nullable(),
    problem: text.nullable(),
  })
  .superRefine((row, context) => {
    if (row.state === 'receiving') return;
    for (const name of ['content_type', 'size', 'uploaded_at', 'expires_at'] as const) {
      if (row[name] === null) context.addIssue({ code: 'custom', path: [name], message: 'is missing' });
    }
  });

export const ROW_SCHEMAS = {
  meta: Meta,
  ats: z.object({
    id,
    name: text,
    enabled: flag,
    webhook_url: WebUrl.nullable(),
    api_key_hash: text.max(1000),
    created_at: wall,
    updated_at: wall,
  }),
  secret: z.object({
    seq,
    ats_id: id,
    direction: oneOf(['incoming', 'outgoing']),
    value: text.min(1, 'is empty'),
    created_at: wall,
    retired_at: wall.nullable(),
    valid_until: wall.nullable(),
  }),
  applied_setting: z.object({ ats_id: id, field: text.max(255), hash: text.max(255) }),
  assumption_use: z.object({ id: text, count, first_at: wall, last_at: wall, sample: text.nullable() }),
  workspace: z.object({
    ats_id: id,
    client_id: id,
    name: text,
    status: oneOf(['provisioning', 'provisioned']),
    created_at: wall,
  }),
  member: z.object({ ats_id: id, client_id: id, user_id: id, name: text, email: text }),
  event: Event,
  job: z.object({
    event_seq: seq,
    state: oneOf(['queued', 'done', 'failed']),
    /** Decided at the door (`unprovisioned: "fail-later"`): the AI is not asked. */
    preset_error: text.nullable(),
    started_at: wall.nullable(),
    finished_at: wall.nullable(),
    error_code: text.nullable(),
    error_message: text.nullable(),
    /** From 1; one more with every re-run. */
    run: number,
    /** 1 once its event has taken effect on what is stored. */
    applied: flag,
    /** Each time that the AI was asked. */
    attempts: AiAttempts,
    /** The event whose outgoing event came back with this one's, by its `seq`. */
    echo_of: seq.nullable(),
    /** How often the same data had come back by then. */
    echo_depth: count,
    /** 1 where a developer sent it: that is on purpose, also when it is the same again. */
    by_hand: flag,
  }),
  entity: z.object({
    ats_id: id,
    client_id: id,
    kind: oneOf(['candidate', 'vacancy', 'application']),
    id: text,
    data: storedJson(z.record(z.string(), z.unknown())),
    created_at: wall,
    updated_at: wall,
    event_seq: seq.nullable(),
  }),
  delivery: z.object({
    seq,
    id: ownId,
    ats_id: id,
    client_id: id,
    reference_id: header,
    event: header,
    event_id: text,
    /** Its lane: rows of one are served apart from every other's. */
    receiver: text.min(1, 'is empty'),
    state: oneOf(DeliveryState.options),
    step,
    max_steps: step,
    attempt_count: number,
    due: due.nullable(),
    production_ms: duration,
    test: flag,
    replay_of: text.nullable(),
    /** Instead of the ATS's webhook URL. */
    target_url: WebUrl.nullable(),
    /** Sent as it is, instead of signing anew. */
    fixed_signature: signature.nullable(),
    /** The delivery whose first attempt makes this one due. */
    follows: seq.nullable(),
    created_at: wall,
  }),
  delivery_body: z.object({ delivery_seq: seq, body: bytes }),
  claim: z.object({ id: seq, boot: number, at: wall, attempts: Claimed }),
  log: Log,
  upload: Upload,
  upload_chunk: z.object({ upload_seq: seq, number, data: bytes }),
  audit: z.object({
    seq,
    at: wall,
    ats_id: id,
    actor: oneOf(AuditEntry.shape.actor.options),
    action: oneOf(AuditEntry.shape.action.options),
    details: json(recordOf(z.string().nullable())),
  }),
  fault: z.object({ seq, id: header, rule: storedJson(FaultRule), applied_count: count }),
};

/** A row of a table, as SQLite gives it. */
export type Row<Table extends keyof typeof ROW_SCHEMAS> = z.infer<(typeof ROW_SCHEMAS)[Table]>;
