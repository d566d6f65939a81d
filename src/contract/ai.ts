import * as z from 'zod';
import type { IncomingEventName, OutgoingEventName } from './event-names.ts';
import { isRecord } from './is-record.ts';
import { parseJson, stringifyJson } from './json.ts';
import { formatPath } from './json-path.ts';
import { OUTGOING_DATA } from './outgoing.ts';

/**
 * What the gateway and an AI service of the user's say to each other: each job is POSTed as an
 * `AiRequest`, signed like a webhook; the service answers with an `AiAnswer`, at once or by a callback.
 * Ours: CarvOS documents nothing of the kind.
 */

/** Version of these shapes; grows when a field changes its meaning or goes away. */
export const AI_VERSION = 1;

/** Where the single-use links lie, on the gateway's own listener. */
export const AI_PREFIX = '/_carvos/ai';

/** Longest answer of an AI service, in bytes. */
export const MAX_AI_ANSWER_BYTES = 1024 * 1024;

const entity = () => z.object({ id: z.string(), data: z.record(z.string(), z.unknown()) }).nullable();

/** One job, as an AI service and a module of the user's get it. */
export const AiRequest = z.lazy(() =>
  z.object({
    version: z.literal(AI_VERSION),
    /** `job_…`. The same when a job is asked again: after a failure, a restart or by hand. */
    job_id: z.string(),
    reference_id: z.string(),
    /** The incoming event. */
    event: z.string(),
    ats_id: z.string(),
    client_id: z.string(),
    user_id: z.string().nullable(),
    /** The candidate, vacancy or application after the event; `null` for workspace events. */
    entity: entity(),
    /** What an application links. */
    candidate: entity(),
    vacancy: entity(),
    /** The ATS's request body. */
    request: z.record(z.string(), z.unknown()),
    /** Text of the CV, where there is one and it could be read. */
    cv_text: z.string().nullable(),
    cv: z
      .object({
        file_name: z.string(),
        content_type: z.string(),
        size: z.int(),
        /** Why the text could not be read. */
        problem: z.string().nullable(),
        /** GET gives the file, once; for a service only. */
        url: z.url().optional(),
      })
      .nullable(),
    /** From 1; for a service only. */
    attempt: z.int().optional(),
    /** After a 202, POST the answer here, once; for a service only. */
    callback_url: z.url().optional(),
  }),
);
export type AiRequest = z.infer<typeof AiRequest>;

const code = () =>
  z.string().regex(/^[a-z0-9_]{1,64}$/, 'must be up to 64 lower-case letters, digits and underscores');

/** Exactly one of four. `default` leaves the job to the stub. */
export const AiAnswer = z.lazy(() =>
  z.union([
    z.strictObject({ data: z.record(z.string(), z.unknown()) }),
    z.strictObject({ error: z.strictObject({ code: code(), message: z.string().max(2000).default('') }) }),
    z.strictObject({ nothing: z.literal(true) }),
    z.strictObject({ default: z.literal(true) }),
  ]),
);
export type AiAnswer = z.input<typeof AiAnswer>;

export type ReadAnswer =
  | { kind: 'result'; data: Record<string, unknown> }
  | { kind: 'failure'; error: { code: string; message: string } }
  | { kind: 'nothing' }
  | { kind: 'default' }
  /** No answer that the contract allows; `message` says why. */
  | { kind: 'bad'; message: string };

/** The id that a result must carry: `candidate_id` and the like; for workspace events `client_id`. */
export interface AiSubject {
  field: string;
  id: string;
}

/** The event that a job leads to. */
export function outgoingEventOf(event: IncomingEventName): OutgoingEventName {
  return event === 'workspace.created' ? 'workspace.provisioned' : event;
}

/**
 * Reads what an AI answered, and holds its data to the contract of the outgoing event.
 *
 * @param about what the job is about: data of another entity is a bad answer.
 */
export function readAnswer(bytes: Uint8Array, event: IncomingEventName, about: AiSubject): ReadAnswer {
  const parsed = parseJson(bytes);
  if (!parsed.ok) return { kind: 'bad', message: `the answer is not JSON: ${parsed.problem.msg}` };
  const answer = AiAnswer.safeParse(parsed.value);
  if (!answer.success) return { kind: 'bad', message: shapeProblem(parsed.value) };
  if ('error' in answer.data) {
    const { code, message } = answer.data.error;
    return { kind: 'failure', error: { code, message: message || 'the AI says so' } };
  }
  if ('nothing' in answer.data) return { kind: 'nothing' };
  if ('default' in answer.data) return { kind: 'default' };
  // The parsed value and not the schema's copy: numbers stay as they were written.
  return checkData((parsed.value as { data: Record<string, unknown> }).data, event, about);
}

/** Holds a result to the contract: the schema of the event, and the entity that was asked about. */
export function checkData(
  data: Record<string, unknown>,
  event: IncomingEventName,
  about: AiSubject,
): ReadAnswer {
  // Plain numbers for the schema: one of more digits than JavaScript keeps is still a number.
  const checked = OUTGOING_DATA[outgoingEventOf(event)].safeParse(JSON.parse(stringifyJson(data)));
  if (!checked.success) {
    const problems = checked.error.issues.slice(0, 3).map((issue) => {
      const path = issue.path.filter((part) => typeof part !== 'symbol');
      return `${formatPath(['data', ...path])}: ${issue.message}`;
    });
    return {
      kind: 'bad',
      message: `the answer does not fit ${outgoingEventOf(event)}: ${problems.join('; ')}`,
    };
  }
  if (data[about.field] !== about.id) {
    return { kind: 'bad', message: `the answer is about another ${about.field} than the job` };
  }
  return { kind: 'result', data };
}

function shapeProblem(value: unknown): string {
  const expected =
    'expected {"data": {…}}, {"error": {"code", "message"}}, {"nothing": true} or {"default": true}';
  const keys = isRecord(value) ? Object.keys(value) : [];
  if (keys.length === 0) return expected;
  const names = keys.slice(0, 5).map((key) => JSON.stringify(key.slice(0, 40)));
  return `${expected}, got ${names.join(', ')}`;
}
