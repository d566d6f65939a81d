/** When a delivery is attempted (contract, section 5). The one place that knows the delays. */

const MINUTE = 60_000;

/** Delay before each step of the schedule, in milliseconds of production time. */
export const RETRY_DELAYS_MS: readonly number[] = [0, MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE];

/** Steps in the schedule: a delivery that failed this often is exhausted. */
export const MAX_STEPS = RETRY_DELAYS_MS.length;

/**
 * When the next attempt of a failed delivery is due.
 *
 * @param failedStep the step that just failed, 1 to 5.
 * @param endedAt when that attempt ended; a delay counts from there.
 * @returns the due time in the units of `endedAt`, or `null` when the schedule is exhausted.
 */
export function nextAttemptDue(failedStep: number, endedAt: number): number | null {
  const delay = RETRY_DELAYS_MS[failedStep];
  return delay === undefined ? null : endedAt + delay;
}
