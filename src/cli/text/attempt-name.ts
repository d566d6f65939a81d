import type { LogRecord } from '../../contract/control.ts';
import { MAX_STEPS } from '../../contract/retry-schedule.ts';

/** `2/5`: an attempt of ours by its place in the schedule; `test` or `replay` where it has none. */
export function attemptName({ step, test }: Pick<LogRecord, 'step' | 'test'>): string {
  if (step !== null) return `${step}/${MAX_STEPS}`;
  return test ? 'test' : 'replay';
}
