import type { LogRecord } from '../../contract/control.ts';
import type { Paint } from '../terminal/output.ts';
import { type Column, formatTable } from '../terminal/table.ts';
import { formatDuration } from './duration.ts';
import { echoText } from './echo.ts';
import { attemptName, describeDue, formatLogTime } from './times.ts';

/** Widths that lines of `--follow` keep, because later rows are not known yet. */
const FOLLOW_WIDTHS = [0, 8, 8, 22, 10, 14, 6, 5, 0];

export function formatRecords(
  records: readonly LogRecord[],
  paint: Paint,
  width: number,
  options: { titles?: boolean; follow?: boolean } = {},
): string[] {
  return formatTable(columns(paint), records, width, {
    titles: options.titles,
    minWidths: options.follow ? FOLLOW_WIDTHS : undefined,
  });
}

/** `200`, `500 failure`, `timeout`: how an attempt ended. */
export function describeOutcome(record: Pick<LogRecord, 'outcome' | 'response_status' | 'error'>): string {
  if (record.outcome === 'success') return String(record.response_status ?? 'success');
  if (record.outcome === 'failure') return `${record.response_status} failure`;
  return record.error ? `${record.outcome}: ${record.error.code}` : record.outcome;
}

/** What comes after an attempt: when the next one is due, or that there is none. */
function describeFuture(record: Pick<LogRecord, 'next_attempt' | 'delivery_state'>): string {
  if (record.next_attempt) return describeDue(record.next_attempt);
  return record.delivery_state === 'exhausted' ? 'exhausted' : '';
}

function columns(paint: Paint): Column<LogRecord>[] {
  const now = Date.now();
  return [
    { title: 'ID', value: (record) => record.id },
    { title: 'TIME', value: (record) => formatLogTime(record.occurred_at, now), drop: 2 },
    { title: 'WAY', value: (record) => record.direction },
    { title: 'EVENT', value: (record) => record.event ?? '-', min: 17 },
    { title: 'CLIENT', value: (record) => record.client_id ?? '-', min: 9, drop: 3 },
    {
      title: 'RESULT',
      value: describeOutcome,
      min: 11,
      paint: (text, record) => (record.outcome === 'success' ? paint.green : paint.red)(text),
    },
    { title: 'TOOK', value: (record) => formatDuration(record.duration_ms), align: 'right', drop: 4 },
    {
      title: 'STEP',
      value: (record) => (record.direction === 'incoming' ? '' : attemptName(record)),
      drop: 5,
    },
    { title: 'NEXT', value: (record) => describeFuture(record) || echoText(record), min: 5, drop: 6 },
  ];
}
