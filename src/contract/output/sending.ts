import * as z from 'zod';
import { Delivery, ErrorInfo, TlsView, versioned, WaitUntil } from '../control.ts';
import { Check } from '../delivery-wait.ts';
import { MeetingView } from '../meeting.ts';
import { BodyText, Direction, type Document, WaitEnd, Why, waited } from './common.ts';

/** Output of the commands that send something. */

const place = {
  line: z.int().nullable().describe('Of the NDJSON; null for a sample or a file'),
  repeat: z.int().describe('Which repetition, from 1'),
};
const placeOfMany = { line: place.line.optional(), repeat: place.repeat.optional() };

const Expectations = z.object({
  met: z.boolean(),
  delivery: z.string().nullable().describe('On which all hold, or the closest'),
  checks: z.array(Check),
});

export const SentEvent = versioned({
  ...placeOfMany,
  url: z.string(),
  via: z.enum(['webhook', 'rest']),
  direction: Direction,
  event: z.string().nullable(),
  event_id: z.string().nullable(),
  client_id: z.string().nullable(),
  bytes: z.int(),
  upload: z
    .object({ status: z.int().nullable(), carv_file_id: z.string().nullable() })
    .nullable()
    .describe('With --cv'),
  status: z.int().nullable().describe('null without an answer'),
  reference_id: z.string().nullable(),
  duration_ms: z.number(),
  response: z.unknown().describe('The answer: JSON as it came, or text'),
  error: ErrorInfo.nullable().describe('Why there is no answer'),
  interrupted: z.literal(true).optional(),
  wait: WaitEnd.extend({ until: WaitUntil }).optional().describe('With --wait or --expect'),
  expectations: Expectations.nullable().optional().describe('null without --expect'),
  ...waited,
});

export const InvalidLine = versioned({ ...place, status: z.null(), error: ErrorInfo });

/** `send`: one object for each event. */
export const SendOutput = z.union([SentEvent, InvalidLine]);
export type SentDocument = Document<z.infer<typeof SentEvent>>;

/** `send --dry-run` and `send --curl`: the request, unsent. */
export const UnsentRequest = versioned({
  ...placeOfMany,
  method: z.enum(['POST', 'PATCH', 'DELETE']),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: BodyText,
  curl: z.string().nullable().describe('A command for a POSIX shell, with --curl'),
});

/** The same for many events, of which a line may be none. */
export const UnsentOutput = z.union([UnsentRequest, InvalidLine]);

export const TriggerOutput = versioned({
  url: z.string(),
  direction: Direction,
  event: z.string().nullable(),
  event_id: z.string().nullable(),
  reference_id: z.string().nullable(),
  test: z.boolean().describe('With X-CarvOS-Test: true'),
  delivery_id: z.string().nullable().describe('Where a running gateway sent it'),
  accepted: z.boolean(),
  status: z.int().nullable(),
  duration_ms: z.number(),
  response: z
    .object({ headers: z.record(z.string(), z.string()), body: BodyText.extend({ truncated: z.boolean() }) })
    .nullable(),
  error: ErrorInfo.nullable(),
  tls: TlsView.nullable().describe('The connection; null without TLS'),
  why: z.string().nullable().describe('Why the receiver refused it, where that can be told'),
});

export const ReplayOutput = versioned({
  count: z.int(),
  accepted: z.int(),
  not_accepted: z.int(),
  items: z
    .array(Delivery.extend({ why: Why.optional() }))
    .describe('The replays, with replay_of; where there is one alone, with why'),
});

export const MeetingOutput = versioned({
  ...MeetingView.shape,
  wait: z.array(WaitEnd).optional().describe('With --wait, of each event'),
  deliveries: waited.deliveries,
});
