import type { ClockView, NextAttempt } from '../../contract/control.ts';
import { formatDuration } from './duration.ts';

/** The clock as it was read; `at` is the wall time at which it was right. `null` before the first reading. */
export type ReadClock = (ClockView & { at: number }) | null;

/** How far off a due time is now, on both clocks; `real` is `null` while the schedule stands still. */
function remaining(
  next: Pick<NextAttempt, 'due_schedule_ms' | 'in_schedule_ms'>,
  clock: ReadClock,
  now: number,
): { schedule: number; real: number | null } {
  if (clock === null) return { schedule: next.in_schedule_ms, real: null };
  const runs = clock.mode === 'running' && clock.speed !== null;
  const position = clock.schedule_ms + (runs ? Math.max(0, now - clock.at) * clock.speed! : 0);
  // It was never further off than when it was read, however old our position is.
  const schedule = Math.max(0, Math.min(next.due_schedule_ms - position, next.in_schedule_ms));
  const jumps = clock.mode === 'max';
  return { schedule, real: runs ? schedule / clock.speed! : jumps ? 0 : null };
}

/** `5m (5s)`: production time, and real time behind it; `(at once)` where the clock jumps. */
export function formatCountdown(
  next: Pick<NextAttempt, 'due_schedule_ms' | 'in_schedule_ms'>,
  clock: ReadClock,
  now: number,
): string {
  const { schedule, real } = remaining(next, clock, now);
  if (schedule <= 0) return 'now';
  const whole = formatDuration(wholeSeconds(schedule));
  if (real === null) return `${whole} (‖)`;
  return `${whole} (${real === 0 ? 'at once' : formatDuration(wholeSeconds(real))})`;
}

/** The same due time, as far off as it is now, in whole seconds. */
export function asOfNow(next: NextAttempt, clock: ReadClock, now: number): NextAttempt {
  const { schedule, real } = remaining(next, clock, now);
  return {
    ...next,
    in_schedule_ms: schedule <= 0 ? 0 : wholeSeconds(schedule),
    in_real_ms: real === null || real === 0 ? real : wholeSeconds(real),
  };
}

/** A countdown shows whole seconds, and none only when it is due. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.round(ms / 1000)) * 1000;
}
