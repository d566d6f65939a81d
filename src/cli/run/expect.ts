import type { ControlClient } from '../../client/control-client.ts';
import { criteriaOfKeys, describeChecks } from '../../contract/delivery-match.ts';
import type { OutgoingView } from '../../contract/delivery-wait.ts';
import { parsePath, readPath, sameJson } from '../../contract/json-path.ts';
import { isMatcher, matches } from '../../contract/matcher.ts';
import { explainAttemptOf } from '../connect/explain-deliveries.ts';
import { toJson } from '../terminal/neutralize.ts';

/** An expectation that does not hold: what was expected, what there is, and the nearest delivery. */
export class NotMet extends Error {
  constructor(
    message: string,
    readonly lines: readonly string[] = [],
    /** The reference to look at. */
    readonly reference: string | null = null,
  ) {
    super(message);
    this.name = 'NotMet';
  }
}

/**
 * Waits for a delivery on which everything holds.
 *
 * @throws NotMet when there is none in time.
 */
export async function expectDelivery(
  client: ControlClient,
  scope: { ats_id: string; reference_id?: string },
  expected: Record<string, unknown>,
  timeoutMs: number,
): Promise<OutgoingView> {
  if (criteriaOfKeys(expected) === null) throw new NotMet(describeKeys(expected));
  const { met, delivery, closest } = await client.waitForDelivery(
    { ...scope, where: JSON.stringify(expected) },
    timeoutMs,
  );
  if (met && delivery !== null) return delivery;
  const nearest =
    closest === null
      ? ['there was no delivery']
      : [
          `the nearest is ${closest.delivery.id}:`,
          ...describeChecks(closest.checks, toJson),
          ...(await explainLast(client, closest.delivery)),
        ];
  throw new NotMet(
    'no delivery is as expected',
    nearest,
    closest?.delivery.reference_id ?? scope.reference_id ?? null,
  );
}

/** Why its last attempt failed, in the words of `dev`. */
async function explainLast(client: ControlClient, delivery: OutgoingView): Promise<string[]> {
  const { id, attempt_count, last_outcome } = delivery;
  if (last_outcome !== 'failure' && last_outcome !== 'error') return [];
  const lines = await explainAttemptOf(client, `${id}/${attempt_count}`);
  return lines.map((line) => `  ${line}`);
}

function describeKeys(expected: object): string {
  const wrong = Object.keys(expected).find((key) => criteriaOfKeys({ [key]: 1 }) === null);
  return `a delivery has no ${wrong}; it has event, status, outcome, attempts and data.…`;
}

/**
 * Checks a value by paths.
 *
 * @throws NotMet with each path, what was expected and what is there.
 */
export function expectValue(what: string, value: unknown, expected: Record<string, unknown>): void {
  const lines: string[] = [];
  let held = true;
  for (const [key, wanted] of Object.entries(expected)) {
    const path = parsePath(key);
    const actual = path === null ? undefined : readPath(value, path);
    const holds = isMatcher(wanted)
      ? matches(actual, wanted)
      : actual !== undefined && sameJson(actual, wanted);
    held &&= holds;
    const got = holds ? '' : `  (it is ${actual === undefined ? 'not there' : toJson(actual)})`;
    lines.push(`  ${holds ? 'ok ' : 'not'}  ${key} ${toJson(wanted)}${got}`);
  }
  if (!held) throw new NotMet(`${what} is not as expected`, lines);
}
