import type { Delivery } from './control.ts';
import { OUTGOING_EVENTS } from './event-names.ts';
import { isRecord } from './is-record.ts';
import { parsePath, readPath, sameJson } from './json-path.ts';
import {
  isGivenUp,
  isMatcher,
  type Matcher,
  matches,
  matchesTyped,
  readTypedMatch,
  type TypedMatch,
} from './matcher.ts';

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

/** Those that have one of few words. */
export const MATCH_WORDS = {
  event: OUTGOING_EVENTS,
  status: ['success', 'failed'],
  outcome: ['pending', 'delivered', 'exhausted', 'success', 'failure', 'error', 'interrupted'],
} as const;

/** The words of which a key has one, where `wanted` is another; `null` where a delivery may have it. */
export function otherWords(key: string, wanted: unknown): readonly string[] | null {
  const words: readonly string[] | undefined = Object.hasOwn(MATCH_WORDS, key)
    ? MATCH_WORDS[key as keyof typeof MATCH_WORDS]
    : undefined;
  return words === undefined || typeof wanted !== 'string' || words.includes(wanted) ? null : words;
}

/** Something that must hold on one delivery, together with all the others. */
export interface Criterion {
  /** As it is shown: `data.score=87`. */
  text: string;
  path: readonly (string | number)[];
  /** The value itself, where it has to be the same. */
  expected?: unknown;
  /** What else must hold of it. */
  matcher?: Matcher;
  /** The same as somebody typed it. */
  typed?: TypedMatch;
}

/**
 * Reads what is typed: `data.score>=40`, `attempts<=3`, `data.cv!`.
 *
 * @returns the text before the operator where it is nothing that can be asked for; `null` without an operator.
 */
export function parseCriterion(text: string): Criterion | { unknown: string } | null {
  const typed = readTypedMatch(text);
  if (typed === null) return null;
  const path = parsePath(typed.key);
  const known = path !== null && (path[0] === 'data' ? path.length > 1 : isKey(typed.key));
  if (!known) return { unknown: typed.key };
  return { text, path, ...(typed.operator === 'equals' ? { expected: typed.wanted } : {}), typed };
}

function isKey(key: string): boolean {
  return (MATCH_KEYS as readonly string[]).includes(key);
}

/** That all attempts were made: what is waited for unless something else is said. */
export const ENDED: Criterion = {
  text: 'outcome=delivered or exhausted',
  path: ['outcome'],
  matcher: { oneOf: ['delivered', 'exhausted'] },
};

/** A delivery with its parsed body; `payload` is `null` where that is no JSON object. */
export type Matchable = Pick<Delivery, OwnKey | 'id' | 'state' | 'last_outcome' | 'attempt_count'> & {
  payload: Record<string, unknown> | null;
};

/** Those that a delivery itself has, under the same name. */
type OwnKey = Extract<(typeof MATCH_KEYS)[number], keyof Delivery>;

export interface CheckedCriterion {
  text: string;
  holds: boolean;
  /** What was found instead; `undefined` when there is nothing there. */
  actual?: unknown;
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

/** An object as one criterion for each value or matcher in it, so that what differs can be named. */
export function criteriaOf(path: readonly (string | number)[], expected: unknown): Criterion[] {
  if (isMatcher(expected)) {
    return Object.entries(expected).map(([name, wanted]) => ({
      text: `${path.join('.')} ${name} ${JSON.stringify(wanted)}`,
      path,
      matcher: { [name]: wanted },
    }));
  }
  if (isRecord(expected)) {
    const entries = Object.entries(expected).filter(([, value]) => value !== undefined);
    if (entries.length > 0) return entries.flatMap(([key, value]) => criteriaOf([...path, key], value));
  }
  return [{ text: `${path.join('.')}=${JSON.stringify(expected)}`, path, expected }];
}

/**
 * What an object of keys asks for: `{ event: 'candidate.created', 'data.score': { gte: 40 } }`; `data` may be an object too.
 *
 * @returns `null` for a key that nothing has.
 */
export function criteriaOfKeys(keys: object): Criterion[] | null {
  const criteria: Criterion[] = [];
  for (const [key, expected] of Object.entries(keys)) {
    const path = parsePath(key);
    if (path === null || !(path[0] === 'data' || isKey(key))) return null;
    criteria.push(...criteriaOf(path, expected));
  }
  return criteria;
}

function check(delivery: Matchable, criterion: Criterion): CheckedCriterion {
  const { text, path } = criterion;
  if (path[0] === 'outcome') {
    // Of the last attempt, or of the delivery as a whole: the words do not overlap.
    const found = [delivery.state, delivery.last_outcome].filter((one) => one !== null);
    const negated = criterion.typed?.operator === 'not' || criterion.matcher?.not !== undefined;
    const holds = (one: string) => fits(one, criterion);
    return { text, holds: negated ? found.every(holds) : found.some(holds), actual: found.join(', ') };
  }
  return checkOne(readField(delivery, path), criterion);
}

/**
 * Checks any value by paths, as a delivery is checked: `{ status: 200, body: { score: { gte: 40 } } }`.
 *
 * @returns a check for each value and matcher.
 */
export function checkPaths(value: unknown, expected: Record<string, unknown>): CheckedCriterion[] {
  return Object.entries(expected)
    .flatMap(([key, wanted]) => criteriaOf(parsePath(key) ?? [key], wanted))
    .map((criterion) => checkOne(readPath(value, criterion.path), criterion));
}

function checkOne(actual: unknown, criterion: Criterion): CheckedCriterion {
  const holds = fits(actual, criterion);
  const pattern =
    criterion.matcher?.matches ?? (criterion.typed?.operator === 'matches' && criterion.typed.wanted);
  const note = !holds && isGivenUp(pattern) ? ' (given up: the pattern runs away)' : '';
  return { text: `${criterion.text}${note}`, holds, actual };
}

function readField(delivery: Matchable, path: readonly (string | number)[]): unknown {
  const head = path[0];
  if (head === 'data' || head === 'status') return readPath(delivery.payload, path);
  if (head === 'attempts') return delivery.attempt_count;
  return delivery[head as OwnKey] ?? undefined;
}

function fits(actual: unknown, { expected, matcher, typed }: Criterion): boolean {
  if (typed) return matchesTyped(actual, typed);
  if (matcher) return matches(actual, matcher);
  return actual !== undefined && sameJson(actual, expected);
}
