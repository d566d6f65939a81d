import type { DeliveryDetail, LogRecord } from '../../contract/control.ts';
import { formatDuration } from './duration.ts';

/** How an attempt ended, told apart without colour by its mark. */
export function outcomeText(record: Pick<LogRecord, 'outcome' | 'response_status' | 'error'>): string {
  if (record.outcome === 'success') return `✓ ${record.response_status ?? 'ok'}`;
  if (record.outcome === 'failure') return `✗ ${record.response_status ?? 'failed'}`;
  return `${record.outcome === 'interrupted' ? '~' : '!'} ${record.error?.code ?? record.outcome}`;
}

/** What came of a replay. */
export function describeReplay(made: DeliveryDetail): string {
  const attempt = made.attempts.at(-1);
  if (!attempt) return `${made.id}: the attempt is still in flight`;
  const why = attempt.error ? `, ${attempt.error.message}` : '';
  return `replayed as ${made.id}: ${outcomeText(attempt)} in ${formatDuration(attempt.duration_ms)}${why}`;
}
