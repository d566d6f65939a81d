import type { LogRecord } from '../../contract/control.ts';

/** How an attempt ended, told apart without colour by its mark. */
export function outcomeText(record: Pick<LogRecord, 'outcome' | 'response_status' | 'error'>): string {
  if (record.outcome === 'success') return `✓ ${record.response_status ?? 'ok'}`;
  if (record.outcome === 'failure') return `✗ ${record.response_status ?? 'failed'}`;
  return `${record.outcome === 'interrupted' ? '~' : '!'} ${record.error?.code ?? record.outcome}`;
}
