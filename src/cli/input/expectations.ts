import type { Trace } from '../../contract/control.ts';
import {
  describeChecks,
  findClosest,
  type Matchable,
  type MatchResult,
} from '../../contract/delivery-match.ts';
import { OUTGOING_EVENTS } from '../../contract/event-names.ts';
import { parseJson } from '../../contract/json.ts';
import { parsePath } from '../../contract/json-path.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';
import { toJson } from '../terminal/neutralize.ts';

/** `--expect key=value`: something that must hold on one delivery, together with all the others. */
export interface Expectation {
  text: string;
  key: string;
  path: (string | number)[];
  expected: string;
}

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

const KEYS = ['event', 'status', 'outcome', 'attempts'] as const;

/**
 * Reads `event=…`, `status=…`, `outcome=…`, `attempts=…` or `data.path=…`.
 *
 * @throws CliError (exit 2).
 */
export function parseExpectation(text: string): Expectation {
  const equals = text.indexOf('=');
  const next = 'write key=value with event, status, outcome, attempts or data.path, as in data.score=87';
  if (equals < 1) throw new CliError(`--expect ${text}: expected key=value`, { next });
  const key = text.slice(0, equals);
  const path = parsePath(key);
  const known =
    (KEYS as readonly string[]).includes(key) || (path !== null && path[0] === 'data' && path.length > 1);
  if (!known || path === null) {
    throw new CliError(`--expect ${text}: there is nothing called ${key}.${didYouMean(key, KEYS)}`, { next });
  }
  return { text, key, path, expected: text.slice(equals + 1) };
}

/** Looks for one delivery on which every expectation holds; else for the one with most. */
export function checkExpectations(
  deliveries: readonly TraceDelivery[],
  expectations: readonly Expectation[],
): ExpectationResult {
  return findClosest(
    deliveries.map((delivery): Matchable => ({ ...delivery, payload: parseBody(delivery) })),
    expectations.map((expectation) => ({ ...expectation, typed: true })),
  );
}

function parseBody(delivery: TraceDelivery): Record<string, unknown> | null {
  if (delivery.body.encoding !== 'utf8' || delivery.body.truncated) return null;
  const parsed = parseJson(Buffer.from(delivery.body.text));
  return parsed.ok ? (parsed.value as Record<string, unknown>) : null;
}

/** The result as lines for a person. */
export function describeExpectations(result: ExpectationResult): string[] {
  if (result.delivery === null) return ['expectation not met: there was no delivery'];
  const head = result.met
    ? `expectations hold on ${result.delivery}`
    : `expectation not met; the closest delivery is ${result.delivery}:`;
  return [head, ...describeChecks(result.checks, toJson)];
}
