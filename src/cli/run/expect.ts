import type { ControlClient } from '../../client/control-client.ts';
import { checkPaths, describeChecks } from '../../contract/delivery-match.ts';
import type { OutgoingView } from '../../contract/delivery-wait.ts';
import { EXIT } from '../terminal/errors.ts';
import { toJson } from '../terminal/neutralize.ts';

/** An expectation that does not hold: what was expected, what there is, and the nearest delivery. */
export class NotMet extends Error {
  constructor(
    message: string,
    readonly lines: readonly string[] = [],
    /** The reference to look at. */
    readonly reference: string | null = null,
    /** Why the gateway refused, where it did. */
    readonly why: readonly string[] = [],
    /** What the run ends with. */
    readonly exit: number = EXIT.notMet,
  ) {
    super(message);
    this.name = 'NotMet';
  }
}

/**
 * Waits for a delivery on which everything holds.
 *
 * @param causes references that alone can bring it on: once all that they caused is over, there is nothing to wait for.
 * @throws NotMet when there is none in time.
 */
export async function expectDelivery(
  client: ControlClient,
  scope: { ats_id: string; reference_id?: string },
  expected: Record<string, unknown>,
  timeoutMs: number,
  causes: readonly string[] = [],
): Promise<OutgoingView> {
  const query = { ...scope, where: JSON.stringify(expected) };
  const first = new AbortController();
  const wait = { until: 'settled', timeoutMs, signal: first.signal } as const;
  const found = client.waitForDelivery(query, timeoutMs, first.signal);
  const over = Promise.all(causes.map((id) => client.wait(id, wait))).then(
    (all) => all.length > 0 && all.every(({ done }) => done),
    () => false, // the other wait says why
  );
  const seen = await Promise.race([found, over.then((isOver) => (isOver ? null : found))]).finally(() =>
    first.abort(),
  );
  // What was over a moment ago may have been as expected by then.
  const { met, delivery, closest } = seen ?? (await client.waitForDelivery(query, 0));
  if (met && delivery !== null) return delivery;
  const isScope = ({ text }: { text: string }) =>
    Object.keys(scope).some((key) => text.startsWith(`${key}=`));
  // One of another scenario, or of another event, is not what was looked for.
  const own = closest?.checks.every((check) => check.holds || !isScope(check)) ? closest : null;
  const nearest =
    own === null
      ? ['there was no delivery']
      : [
          `the nearest is ${own.delivery.id}:`,
          ...describeChecks(
            own.checks.filter((check) => !isScope(check)),
            toJson,
          ),
        ];
  throw new NotMet(
    `no delivery is as expected${seen === null ? ', and no more will come' : ''}`,
    nearest,
    own?.delivery.reference_id ?? scope.reference_id ?? null,
  );
}

/**
 * Checks a value by paths.
 *
 * @throws NotMet with each path, what was expected and what is there.
 */
export function expectValue(
  what: string,
  value: unknown,
  expected: Record<string, unknown>,
  reference: string | null = null,
): void {
  const checks = checkPaths(value, expected);
  if (!checks.every(({ holds }) => holds))
    throw new NotMet(`${what} is not as expected`, describeChecks(checks, toJson), reference);
}
