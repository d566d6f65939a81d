import type { ClockMove, ClockView, LogRecord } from '../../contract/control.ts';
import { MAX_STEPS, RETRY_DELAYS_MS } from '../../contract/retry-schedule.ts';
import { calledAs } from '../../files/called-as.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Paint } from '../terminal/output.ts';
import { formatDuration } from './duration.ts';
import { attemptName, describeClock, describeDue, formatWallTime } from './times.ts';

/** How the clock runs, what is due next, and why then. */
export function formatClock(clock: ClockView, paint: Paint): string[] {
  const lines = [`The clock ${describeClock(clock)}.`];
  if (!clock.next) return lines;
  const { delivery_id, event, attempt_count, next_attempt } = clock.next;
  const { step } = next_attempt;
  const delay = RETRY_DELAYS_MS[step - 1] ?? 0;
  const why =
    attempt_count === 0
      ? 'it was not attempted yet'
      : `attempt ${step} comes ${formatDuration(delay)} after the end of attempt ${step - 1}`;
  lines.push(
    `Next: attempt ${step}/${MAX_STEPS} of outgoing ${event}, ${paint.bold(describeDue(next_attempt))}: ${why}.`,
    paint.dim(`      ${delivery_id}`),
  );
  return lines;
}

/** The attempts that a move made, with both clocks and their verdicts. */
export function formatMove(move: ClockMove, paint: Paint): string[] {
  if (move.fired.length === 0) return ['No attempt was due.'];
  const lines = [
    `${move.fired.length + move.unlisted} ${move.fired.length === 1 ? 'attempt was' : 'attempts were'} made:`,
    paint.dim('  WALL      PRODUCTION  ATTEMPT  EVENT                     VERDICT'),
    ...move.fired.map((record) => `  ${formatFired(record, paint)}`),
  ];
  if (move.unlisted > 0) lines.push(`  … and ${move.unlisted} more: ${calledAs()} deliveries`);
  return lines;
}

function formatFired(record: LogRecord, paint: Paint): string {
  const production = record.production_ms === null ? '' : `+${formatDuration(record.production_ms)}`;
  const verdict =
    record.outcome === 'success'
      ? paint.green(`${record.response_status} delivered`)
      : paint.red(`${record.response_status ?? record.error?.code ?? record.outcome}`);
  const then = record.delivery_state === 'exhausted' ? paint.red(', exhausted') : '';
  return [
    formatWallTime(record.occurred_at),
    production.padEnd(10),
    attemptName(record).padEnd(7),
    neutralizeLine(record.event ?? '').padEnd(24),
    `${verdict}${then}  ${paint.dim(record.id)}`,
  ].join('  ');
}
