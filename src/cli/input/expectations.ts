import type { Trace } from '../../contract/control.ts';
import {
  type Criterion,
  describeChecks,
  findClosest,
  MATCH_KEYS,
  type Matchable,
  type MatchResult,
  parseCriterion,
} from '../../contract/delivery-match.ts';
import { OUTGOING_EVENTS } from '../../contract/event-names.ts';
import { patternProblem } from '../../contract/matcher.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';
import { toJson } from '../terminal/neutralize.ts';

/** `--expect key=value`: something that must hold on one delivery, together with all the others. */
export type Expectation = Criterion;

export type TraceDelivery = Trace['deliveries'][number];

export type ExpectationResult = MatchResult;

/** Those that completion offers: the keys with few values. */
export const EXPECTATIONS = [
  ...OUTGOING_EVENTS.map((name) => `event=${name}`),
  'status=success',
  'status=failed',
  'outcome=delivered',
  'outcome=exhausted',
];

/**
 * Reads `event=…`, `status=…`, `outcome=…`, `attempts<=…`, `data.path>=…` and their kin.
 *
 * @throws CliError (exit 2).
 */
export function parseExpectation(text: string): Expectation {
  const next =
    'write key=value (or != ~= > >= < <=, or key! for "is there") with event, status, outcome, attempts or data.path, as in data.score>=40';
  const criterion = parseCriterion(text);
  if (criterion === null) throw new CliError(`--expect ${text}: expected key=value`, { next });
  if ('unknown' in criterion) {
    const { unknown } = criterion;
    throw new CliError(
      `--expect ${text}: there is nothing called ${unknown}.${didYouMean(unknown, MATCH_KEYS)}`,
      {
        next,
      },
    );
  }
  const { operator, wanted } = criterion.typed!;
  const problem = operator === 'matches' ? patternProblem(wanted) : null;
  if (problem !== null)
    throw new CliError(`--expect ${text}: ${problem}`, { next: 'write a JavaScript pattern' });
  return criterion;
}

/** Looks for one delivery on which every expectation holds; else for the one with most. */
export function checkExpectations(
  deliveries: readonly TraceDelivery[],
  expectations: readonly Expectation[],
): ExpectationResult {
  return findClosest(
    deliveries.map((delivery): Matchable => ({ ...delivery, payload: parseBody(delivery) })),
    expectations,
  );
}

function parseBody(delivery: TraceDelivery): Record<string, unknown> | null {
  if (delivery.body.encoding !== 'utf8' || delivery.body.truncated) return null;
  try {
    return JSON.parse(delivery.body.text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** The result as lines for a person. */
export function describeExpectations(result: ExpectationResult): string[] {
  if (result.delivery === null) return ['expectation not met: there was no delivery'];
  const head = result.met
    ? `expectations hold on ${result.delivery}`
    : `expectation not met; the closest delivery is ${result.delivery}:`;
  return [head, ...describeChecks(result.checks, toJson)];
}
