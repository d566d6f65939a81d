import * as z from 'zod';
import { Delivery, ErrorInfo, LoggedBody, PollTimeout, versioned } from './control.ts';
import {
  type Criterion,
  criteriaOfKeys,
  ENDED,
  MATCH_KEYS,
  MATCH_WORDS,
  parseCriterion,
} from './delivery-match.ts';
import { isRecord } from './is-record.ts';

/** Waiting for a delivery, as the control API has it. */

/** What a delivery is looked for by; all must hold on one. */
const fields = {
  event: z.enum(MATCH_WORDS.event).optional(),
  status: z.enum(MATCH_WORDS.status).optional(),
  /** State of the delivery, or outcome of its last attempt. */
  outcome: z.enum(MATCH_WORDS.outcome).optional(),
  attempts: z.coerce.number().int().min(0).optional(),
  client_id: z.string().optional(),
  ats_id: z.string().optional(),
  reference_id: z.string().optional(),
  event_id: z.string().optional(),
};

/**
 * Query of `GET /deliveries/wait`. Where neither `outcome` nor `attempts` is given, a delivery counts
 * when it has ended: delivered or exhausted.
 */
export const DeliveryWaitQuery = z.strictObject({
  ...fields,
  /** As with `send --expect`: `data.score=87`, `data.score>=40`, `attempts<=3`, `data.cv!`; repeatable. */
  expect: z.union([z.array(z.string()), z.string()]).optional(),
  /** An object as JSON, of values and matchers: `{"data": {"score": {"gte": 40}}, "attempts": 3}`. */
  where: z.string().optional(),
  timeout_ms: PollTimeout,
});
export type DeliveryWaitQuery = z.infer<typeof DeliveryWaitQuery>;

/** A delivery with what was sent, parsed. */
export const OutgoingView = Delivery.extend({
  /** `null` where the body is not what CarvOS sends, as an edited test event may be. */
  status: z.enum(['success', 'failed']).nullable(),
  error: ErrorInfo.nullable(),
  data: z.record(z.string(), z.unknown()).nullable(),
  body: LoggedBody,
});
export type OutgoingView = z.infer<typeof OutgoingView>;

/** One thing that had to hold. */
export const Check = z.object({
  text: z.string(),
  holds: z.boolean(),
  actual: z.unknown().optional().describe('Not there where the path leads nowhere'),
});

export const DeliveryWaitResult = versioned({
  /** Whether there is such a delivery; ask again where there is none yet. */
  met: z.boolean(),
  /** The oldest that fits. */
  delivery: OutgoingView.nullable(),
  /** Where none fits: the one on which most holds, and what does not. */
  closest: z.object({ delivery: OutgoingView, checks: z.array(Check) }).nullable(),
});
export type DeliveryWaitResult = z.infer<typeof DeliveryWaitResult>;

/**
 * What a query asks for.
 *
 * @returns instead, which `expect` or `where` cannot be read, and how it is written.
 */
export function criteriaOfQuery(query: DeliveryWaitQuery): Criterion[] | { unreadable: string } {
  const criteria: Criterion[] = [];
  for (const name of Object.keys(fields) as (keyof typeof fields)[]) {
    const expected = query[name];
    if (expected !== undefined) criteria.push({ text: `${name}=${expected}`, path: [name], expected });
  }
  for (const text of [query.expect ?? []].flat()) {
    const criterion = parseCriterion(text);
    if (criterion === null || 'unknown' in criterion)
      return { unreadable: `expect=${shorten(text)}: write data.path=value, as in data.score=87` };
    criteria.push(criterion);
  }
  if (query.where !== undefined) {
    const where = criteriaOfWhere(query.where);
    if (where === null)
      return {
        unreadable: `where=${shorten(query.where)}: write a JSON object of ${MATCH_KEYS.join(', ')} and data, as in {"data":{"score":87}}`,
      };
    criteria.push(...where);
  }
  const ends = criteria.some(({ path }) => path[0] === 'outcome' || path[0] === 'attempts');
  if (!ends) criteria.push(ENDED);
  return criteria;
}

/** It comes back in the answer, however long it was. */
const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

function criteriaOfWhere(text: string): Criterion[] | null {
  try {
    const where: unknown = JSON.parse(text);
    return isRecord(where) ? criteriaOfKeys(where) : null;
  } catch {
    return null;
  }
}
