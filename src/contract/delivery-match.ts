import type { Delivery } from './control.ts';
import { readPath, sameJson } from './json-path.ts';

/** Which delivery is the one that somebody waits for, and which comes closest when none is. */

/** Fields that can be asked for besides `data.…`; `outcome` is of the last attempt or of the delivery. */
export const MATCH_KEYS = [
  'event',
  'status',
  'outcome',
  'attempts',
  'client_id',
  'ats_id',
  'reference_id',
  'event_id',
  'test',
] as const;

/** Something that must hold on one delivery, together with all the others. */
export interface Criterion {
  /** As it is shown: `data.score=87`. */
  text: string;
  path: readonly (string | number)[];
  expected: unknown;
  /** `expected` was typed: it may be the text itself, or spell a JSON value. */
  typed?: boolean;
}

/** That all attempts were made: what is waited for unless something else is said. */
export const ENDED: Criterion = {
  text: 'outcome=delivered or exhausted',
  path: ['outcome'],
  expected: ['delivered', 'exhausted'],
};

/** A delivery with its parsed body; `payload` is `null` where that is no JSON object. */
export type Matchable = Pick<
  Delivery,
  | 'id'
  | 'event'
  | 'event_id'
  | 'reference_id'
  | 'client_id'
  | 'ats_id'
  | 'state'
  | 'last_outcome'
  | 'attempt_count'
  | 'test'
> & { payload: Record<string, unknown> | null };

export interface CheckedCriterion {
  text: string;
  holds: boolean;
  /** What was found instead; `undefined` when there is nothing there. */
  actual: unknown;
}

export interface MatchResult {
  met: boolean;
  /** The delivery on which all hold, or the closest; `null` when there was no delivery. */
  delivery: string | null;
  checks: CheckedCriterion[];
}

/** Checks every criterion on one delivery. */
export function checkDelivery(
  delivery: Matchable,
  criteria: readonly Criterion[],
): { met: boolean; checks: CheckedCriterion[] } {
  const checks = criteria.map((criterion) => check(delivery, criterion));
  return { met: checks.every(({ holds }) => holds), checks };
}

/** Looks for one delivery on which every criterion holds; else for the one with most, the first of those. */
export function findClosest(deliveries: Iterable<Matchable>, criteria: readonly Criterion[]): MatchResult {
  let best: MatchResult = {
    met: false,
    delivery: null,
    checks: criteria.map(({ text }) => ({ text, holds: false, actual: undefined })),
  };
  let bestCount = -1;
  for (const delivery of deliveries) {
    const { met, checks } = checkDelivery(delivery, criteria);
    const count = checks.filter(({ holds }) => holds).length;
    if (count > bestCount) {
      best = { met, delivery: delivery.id, checks };
      bestCount = count;
    }
  }
  return best;
}

/** The checks as lines for a person. @param toText writes a JSON value. */
export function describeChecks(
  checks: readonly CheckedCriterion[],
  toText: (value: unknown) => string = (value) => JSON.stringify(value),
): string[] {
  return checks.map(({ text, holds, actual }) =>
    holds
      ? `  ok   ${text}`
      : `  not  ${text}  (it is ${actual === undefined ? 'not there' : toText(actual)})`,
  );
}

/** An object as one criterion for each value in it, so that what differs can be named. */
export function criteriaOf(path: readonly (string | number)[], expected: unknown): Criterion[] {
  if (typeof expected === 'object' && expected !== null && !Array.isArray(expected)) {
    const entries = Object.entries(expected).filter(([, value]) => value !== undefined);
    if (entries.length > 0) return entries.flatMap(([key, value]) => criteriaOf([...path, key], value));
  }
  return [{ text: `${path.join('.')}=${JSON.stringify(expected)}`, path, expected }];
}

function check(delivery: Matchable, criterion: Criterion): CheckedCriterion {
  const { text, path } = criterion;
  if (path[0] === 'outcome') {
    // Of the last attempt, or of the delivery as a whole: the words do not overlap.
    const found = [delivery.state, delivery.last_outcome].filter((one) => one !== null);
    const wanted = Array.isArray(criterion.expected) ? criterion.expected : [criterion.expected];
    return { text, holds: found.some((one) => wanted.includes(one)), actual: found.join(', ') };
  }
  const actual = readField(delivery, path);
  return { text, holds: fits(actual, criterion), actual };
}

function readField(delivery: Matchable, path: readonly (string | number)[]): unknown {
  const head = path[0];
  if (head === 'data' || head === 'status') return readPath(delivery.payload, path);
  if (head === 'attempts') return delivery.attempt_count;
  return (
    delivery[head as Exclude<(typeof MATCH_KEYS)[number], 'status' | 'outcome' | 'attempts'>] ?? undefined
  );
}

function fits(actual: unknown, { expected, typed }: Criterion): boolean {
  if (actual === undefined) return false;
  if (sameJson(actual, expected)) return true;
  if (!typed) return false;
  try {
    return sameJson(actual, JSON.parse(String(expected)));
  } catch {
    return false;
  }
}
