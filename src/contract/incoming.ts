import * as z from 'zod';
import {
  Application,
  ApplicationPatch,
  Candidate,
  CandidatePatch,
  Email,
  Id,
  Text,
  Vacancy,
  VacancyPatch,
  Workspace,
} from './entities.ts';
import { INCOMING_EVENTS, type IncomingEventName } from './event-names.ts';
import { isRecord } from './is-record.ts';
import {
  boundInput,
  type Checked,
  checkValue,
  limitProblems,
  missingProblem,
  type Problem,
  problemsFromIssues,
} from './problems.ts';

/** What every incoming event carries (contract, section 3). */
const base = { event_id: Id, client_id: Id, user_id: Id };
const Base = z.looseObject(base);

function eventSchema<N extends IncomingEventName, S extends z.core.$ZodShape>(event: N, shape: S) {
  return z.looseObject({ event: z.literal(event), ...base, ...shape });
}

/** One schema per event, picked by name: trying a union's members in turn would cost and blur the problems. */
export const INCOMING_SCHEMAS = {
  'candidate.created': eventSchema('candidate.created', Candidate.shape),
  'candidate.updated': eventSchema('candidate.updated', { candidate_id: Id, ...CandidatePatch.shape }),
  'candidate.deleted': eventSchema('candidate.deleted', { candidate_id: Id }),
  'vacancy.created': eventSchema('vacancy.created', Vacancy.shape),
  'vacancy.updated': eventSchema('vacancy.updated', { vacancy_id: Id, ...VacancyPatch.shape }),
  'vacancy.deleted': eventSchema('vacancy.deleted', { vacancy_id: Id }),
  'application.created': eventSchema('application.created', Application.shape),
  'application.updated': eventSchema('application.updated', {
    application_id: Id,
    ...ApplicationPatch.shape,
  }),
  'application.deleted': eventSchema('application.deleted', { application_id: Id }),
  'workspace.created': eventSchema('workspace.created', Workspace.shape),
  'workspace.member_added': eventSchema('workspace.member_added', {
    member_user_id: Id,
    name: Text,
    email: Email,
  }),
} satisfies Record<IncomingEventName, z.ZodType>;

export type IncomingEventMap = { [N in IncomingEventName]: z.infer<(typeof INCOMING_SCHEMAS)[N]> };
export type IncomingEvent = IncomingEventMap[IncomingEventName];

/** What an event says about itself, not about what it is about. */
type EnvelopeField = 'event' | 'event_id' | 'client_id' | 'user_id';

/** Fields of an event without those of its envelope; unknown ones among them. */
export type Payload<N extends IncomingEventName = IncomingEventName> = {
  [K in keyof IncomingEventMap[N] as string extends K
    ? never
    : K extends EnvelopeField
      ? never
      : K]: IncomingEventMap[N][K];
} & { [field: string]: unknown };

/**
 * An event whose payload stands apart from its envelope: a webhook's body has both, by REST the envelope is in
 * method, path and headers. So nothing that a payload says can change who writes, or what (contract, section 4).
 */
export type EnvelopedEvent = {
  [N in IncomingEventName]: {
    event: N;
    /** What makes it idempotent; `null` where the caller named nothing. */
    event_id: string | null;
    client_id: string;
    /** Empty where nobody is named. */
    user_id: string;
    payload: Payload<N>;
  };
}[IncomingEventName];

/** A body without the fields of an envelope. */
export function payloadOf(body: object): Record<string, unknown> {
  const { event, event_id, client_id, user_id, ...payload } = body as Record<string, unknown>;
  return payload;
}

/** A webhook's body as envelope and payload. */
export function envelop(body: IncomingEvent): EnvelopedEvent {
  const { event, event_id, client_id, user_id } = body;
  return { event, event_id, client_id, user_id, payload: payloadOf(body) } as EnvelopedEvent;
}

/**
 * Checks a parsed body and lists every problem. The event is the value itself, unknown fields included.
 */
export function parseIncomingEvent(value: unknown): Checked<IncomingEvent> {
  if (!isRecord(value)) {
    const { issues } = Base.safeParse(value).error!;
    return { ok: false, problems: problemsFromIssues(issues, value) };
  }
  const name = value.event;
  if (isIncomingEvent(name)) return checkValue(INCOMING_SCHEMAS[name], value) as Checked<IncomingEvent>;
  const checked = checkValue(Base, value);
  const rest = checked.ok ? [] : checked.problems;
  return { ok: false, problems: limitProblems([eventProblem(name, value), ...rest]) };
}

const names: ReadonlySet<unknown> = new Set(INCOMING_EVENTS);

/** Whether this is the name of an incoming event. */
export function isIncomingEvent(name: unknown): name is IncomingEventName {
  return names.has(name);
}

function eventProblem(name: unknown, value: object): Problem {
  if (name === undefined) return missingProblem(['body', 'event'], value);
  if (typeof name !== 'string') {
    return {
      type: 'string_type',
      loc: ['body', 'event'],
      msg: 'Input should be a valid string',
      input: boundInput(name),
    };
  }
  const expected = INCOMING_EVENTS.map((one) => `'${one}'`).join(', ');
  const found = String(boundInput(name));
  return {
    type: 'union_tag_invalid',
    loc: ['body', 'event'],
    msg: `Input tag '${found}' found using 'event' does not match any of the expected tags: ${expected}`,
    input: found,
  };
}
