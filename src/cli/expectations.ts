import { isDeepStrictEqual } from 'node:util';
import type { Trace } from '../contract/control.ts';
import { CliError, didYouMean } from './errors.ts';
import { toJson } from './output.ts';
import { parsePath } from './set-path.ts';

/** `--expect key=value`: something that must hold on one delivery, together with all the others. */
export interface Expectation {
  text: string;
  key: string;
  path: (string | number)[];
  expected: string;
}

export type TraceDelivery = Trace['deliveries'][number];

export interface CheckedExpectation {
  text: string;
  holds: boolean;
  /** What was found instead; `undefined` when there is nothing there. */
  actual: unknown;
}

export interface ExpectationResult {
  met: boolean;
  /** The delivery on which all hold, or the closest; `null` when there was no delivery. */
  delivery: string | null;
  checks: CheckedExpectation[];
}

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
  let best: ExpectationResult = {
    met: false,
    delivery: null,
    checks: expectations.map(({ text }) => ({ text, holds: false, actual: undefined })),
  };
  let bestCount = -1;
  for (const delivery of deliveries) {
    const checks = expectations.map((expectation) => check(delivery, expectation));
    const count = checks.filter(({ holds }) => holds).length;
    if (count > bestCount) {
      best = { met: count === checks.length, delivery: delivery.id, checks };
      bestCount = count;
    }
  }
  return best;
}

function check(delivery: TraceDelivery, { text, key, path, expected }: Expectation): CheckedExpectation {
  const body = parseBody(delivery);
  switch (key) {
    case 'event':
      return { text, holds: delivery.event === expected, actual: delivery.event };
    case 'status':
      return { text, holds: body?.status === expected, actual: body?.status };
    case 'outcome': {
      // Of the last attempt, or of the delivery as a whole: the words do not overlap.
      const holds = delivery.last_outcome === expected || delivery.state === expected;
      return { text, holds, actual: [delivery.state, delivery.last_outcome].filter(Boolean).join(', ') };
    }
    case 'attempts':
      return { text, holds: String(delivery.attempts) === expected, actual: delivery.attempts };
    default: {
      const actual = path.reduce<unknown>(
        (value, part) =>
          typeof value === 'object' && value !== null && Object.hasOwn(value, part)
            ? (value as Record<string | number, unknown>)[part]
            : undefined,
        body,
      );
      return { text, holds: equals(actual, expected), actual };
    }
  }
}

/** As text, or as the JSON value that the text spells. */
function equals(actual: unknown, expected: string): boolean {
  if (actual === undefined) return false;
  if (actual === expected) return true;
  try {
    return isDeepStrictEqual(actual, JSON.parse(expected));
  } catch {
    return false;
  }
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
  const lines = result.checks.map(({ text, holds, actual }) => {
    if (holds) return `  ok   ${text}`;
    return `  not  ${text}  (it is ${actual === undefined ? 'not there' : toJson(actual)})`;
  });
  return [head, ...lines];
}
