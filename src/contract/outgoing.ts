import * as z from 'zod';
import { Application, Candidate, Id, Vacancy } from './entities.ts';
import { OUTGOING_EVENTS, type OutgoingEventName } from './event-names.ts';
import { formatTimestamp } from './outgoing-headers.ts';

/** A confirmed deletion: the id, and that it is gone. */
const deletion = { deleted: z.literal(true) };

/** What a meeting belongs to, where that is known. */
const meeting = {
  meeting_id: Id,
  application_id: Id.nullish(),
  vacancy_id: Id.nullish(),
  candidate_id: Id.nullish(),
};

const Score = {
  /** 0 to 100, or `null` when there was nothing to judge by. */
  score: z.number().min(0).max(100).nullable(),
  /** Why this score, or why none. */
  score_reasons: z.array(z.string()),
};

/** `data` of each outgoing event. On `status: "failed"` it may be anything. */
export const OUTGOING_DATA = {
  'candidate.created': Candidate,
  'candidate.updated': Candidate,
  'candidate.deleted': z.looseObject({ candidate_id: Id, ...deletion }),
  'vacancy.created': Vacancy,
  'vacancy.updated': Vacancy,
  'vacancy.deleted': z.looseObject({ vacancy_id: Id, ...deletion }),
  'application.created': z.looseObject({ ...Application.shape, ...Score }),
  'application.updated': z.looseObject({ ...Application.shape, ...z.object(Score).partial().shape }),
  'application.deleted': z.looseObject({ application_id: Id, ...deletion }),
  'workspace.provisioned': z.looseObject({ client_id: Id, name: z.string() }),
  'workspace.member_added': z.looseObject({
    client_id: Id,
    user_id: Id,
    name: z.string(),
    email: z.string(),
  }),
  'meeting.transcript_ready': z.looseObject({ ...meeting, transcript: z.string() }),
  'meeting.summary_ready': z.looseObject({ ...meeting, summary: z.string() }),
  'meeting.notes_ready': z.looseObject({ ...meeting, notes: z.string() }),
} satisfies Record<OutgoingEventName, z.ZodType>;

export type OutgoingDataMap = { [N in OutgoingEventName]: z.infer<(typeof OUTGOING_DATA)[N]> };

const FailureReason = z.object({ code: z.string(), message: z.string() });

const envelope = {
  event_id: Id,
  reference_id: Id,
  client_id: Id,
  /** ISO 8601, UTC. */
  timestamp: z.iso.datetime(),
};

/** The envelope of one event: with data on success, with an error on failure. Built when first used: the gateway asks none. */
const eventSchema = <N extends OutgoingEventName>(event: N) => z.lazy(() => envelopeOf(event));

function envelopeOf<N extends OutgoingEventName>(event: N) {
  const head = { event: z.literal(event), ...envelope };
  return z.discriminatedUnion('status', [
    z.looseObject({ ...head, status: z.literal('success'), error: z.null(), data: OUTGOING_DATA[event] }),
    z.looseObject({
      ...head,
      status: z.literal('failed'),
      error: FailureReason,
      data: z.record(z.string(), z.unknown()),
    }),
  ]);
}

/** One schema per event. */
export const OUTGOING_SCHEMAS = Object.fromEntries(
  OUTGOING_EVENTS.map((event) => [event, eventSchema(event)]),
) as { [N in OutgoingEventName]: ReturnType<typeof eventSchema<N>> };

type EventSchema = (typeof OUTGOING_SCHEMAS)[OutgoingEventName];

/** Everything that reaches an ATS's webhook URL. */
export const OutgoingEvent = z.discriminatedUnion(
  'event',
  Object.values(OUTGOING_SCHEMAS) as [EventSchema, ...EventSchema[]],
);

export interface OutgoingBody {
  event: OutgoingEventName;
  event_id: string;
  reference_id: string;
  client_id: string;
  timestamp: string;
  /** `failed` where there is an error. */
  status: 'success' | 'failed';
  error: { code: string; message: string } | null;
  data: Record<string, unknown>;
}

export interface OutgoingParts
  extends Pick<OutgoingBody, 'event' | 'event_id' | 'reference_id' | 'client_id'>,
    Partial<Pick<OutgoingBody, 'error' | 'data'>> {
  /** When the event came to be; a number is milliseconds since 1970. */
  timestamp: Date | number | string;
}

/** An outgoing event with its keys in the documented order (contract, section 5). */
export function buildOutgoing(parts: OutgoingParts): OutgoingBody {
  const error = parts.error ?? null;
  return {
    event: parts.event,
    event_id: parts.event_id,
    reference_id: parts.reference_id,
    client_id: parts.client_id,
    timestamp: typeof parts.timestamp === 'string' ? parts.timestamp : formatTimestamp(parts.timestamp),
    status: error === null ? 'success' : 'failed',
    error,
    data: parts.data ?? {},
  };
}
