import type { ClockView, LogRecord, NextAttempt } from '../../contract/control.ts';
import { MAX_STEPS } from '../../contract/retry-schedule.ts';
import { formatDuration } from './duration.ts';

/** `in 5m (5s real)`, or `(at once)` where the clock jumps: when the next attempt is due on both clocks. */
export function describeDue(next: Pick<NextAttempt, 'in_schedule_ms' | 'in_real_ms'>): string {
  const schedule = next.in_schedule_ms <= 0 ? 'now' : `in ${formatDuration(next.in_schedule_ms)}`;
  if (next.in_real_ms === null) return `${schedule} (when the clock moves)`;
  if (next.in_schedule_ms <= 0) return schedule;
  return `${schedule} (${next.in_real_ms <= 0 ? 'at once' : `${formatDuration(next.in_real_ms)} real`})`;
}

export function describeClock(clock: Pick<ClockView, 'mode' | 'speed' | 'pending'>): string {
  const mode =
    clock.mode === 'running'
      ? `runs at ${clock.speed}×`
      : {
          paused: clock.speed === null ? 'is paused' : `is paused (${clock.speed}× once it resumes)`,
          max: 'jumps to what is due next (max)',
          manual: 'moves only on command (manual)',
        }[clock.mode];
  return `${mode}, ${clock.pending} ${clock.pending === 1 ? 'delivery' : 'deliveries'} pending`;
}

/** `HH:MM:SS` of the local zone. */
export function formatWallTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '--:--:--';
  return twoDigits(date.getHours(), date.getMinutes(), date.getSeconds()).join(':');
}

/** The same for what is of the local day of `now`; else `MM-DD HH:MM`, since the log goes back a week. */
export function formatLogTime(at: string, now: number): string {
  const date = new Date(at);
  const time = formatWallTime(at);
  if (Number.isNaN(date.getTime()) || date.toDateString() === new Date(now).toDateString()) return time;
  return `${twoDigits(date.getMonth() + 1, date.getDate()).join('-')} ${time.slice(0, 5)}`;
}

const twoDigits = (...parts: number[]) => parts.map((part) => String(part).padStart(2, '0'));

/** `attempt 2/5`, or what else an outgoing attempt was. */
export function describeAttempt(record: Pick<LogRecord, 'step' | 'number' | 'test'>): string {
  if (record.step !== null) return `attempt ${record.step}/${MAX_STEPS}`;
  return record.test ? 'test event' : `replay, attempt ${record.number}`;
}

/** `2/5`: an attempt of ours by its place in the schedule; `test` or `replay` where it has none. */
export function attemptName({ step, test }: Pick<LogRecord, 'step' | 'test'>): string {
  if (step !== null) return `${step}/${MAX_STEPS}`;
  return test ? 'test' : 'replay';
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** When a UUID v7 was made, from its first 48 bits; `null` for other ids. */
export function timeOfReference(id: string): string | null {
  if (UUID.exec(id)?.[1] !== '7') return null;
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toISOString();
}
