import type { Trace } from '../../contract/control.ts';
import {
  type Criterion,
  describeChecks,
  findClosest,
  MATCH_KEYS,
  type Matchable,
  type MatchResult,
  otherWords,
  parseCriterion,
} from '../../contract/delivery-match.ts';
import { OUTGOING_EVENTS } from '../../contract/event-names.ts';
import { parseJson } from '../../contract/json.ts';
import { patternProblem } from '../../contract/matcher.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';
import { toJson } from '../terminal/neutralize.ts';

/** Those that completion offers: the keys with few values. */
export const EXPECTATIONS = [
  ...OUTGOING_EVENTS.map((name) => `event=${name}`),
  'status=success',
  'status=failed',
  'outcome=delivered',
  'outcome=exhausted',
];

/**
 * Reads `--expect key=value`, which must hold on one delivery together with all the others: `event=…`, `status=…`,
 * `outcome=…`, `attempts<=…`, `data.path>=…` and their kin.
 *
 * @throws CliError (exit 2).
 */
export function parseExpectation(text: string): Criterion {
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
  const { key, operator, wanted } = criterion.typed!;
  const words = operator === 'equals' ? otherWords(key, wanted) : null;
  if (words !== null) {
    const next = `choose one of ${words.join(', ')}`;
    throw new CliError(`--expect ${text}: no delivery has that ${key}.${didYouMean(wanted, words)}`, {
      next,
    });
  }
  const problem = operator === 'matches' ? patternProblem(wanted) : null;
  if (problem !== null)
    throw new CliError(`--expect ${text}: ${problem}`, { next: 'write a JavaScript pattern' });
  return criterion;
}

/** Looks for one delivery on which every expectation holds; else for the one with most. */
export function checkExpectations(
  deliveries: Trace['deliveries'],
  expectations: readonly Criterion[],
): MatchResult {
  return findClosest(
    deliveries.map((delivery): Matchable => ({ ...delivery, payload: parseBody(delivery) })),
    expectations,
  );
}

function parseBody({ body }: Trace['deliveries'][number]): Record<string, unknown> | null {
  if (body.encoding !== 'utf8' || body.truncated) return null;
  const parsed = parseJson(Buffer.from(body.text));
  return parsed.ok ? (parsed.value as Record<string, unknown>) : null;
}

/** The result as lines for a person. */
export function describeExpectations(result: MatchResult): string[] {
  if (result.delivery === null) return ['expectation not met: there was no delivery'];
  const head = result.met
    ? `expectations hold on ${result.delivery}`
    : `expectation not met; the closest delivery is ${result.delivery}:`;
  return [head, ...describeChecks(result.checks, toJson)];
}
