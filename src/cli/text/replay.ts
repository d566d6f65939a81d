import type { Delivery, DeliveryDetail } from '../../contract/control.ts';
import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Output } from '../terminal/output.ts';
import { formatTable } from '../terminal/table.ts';
import { explainRecord } from './attempt-reason.ts';
import { describeOutcome } from './deliveries-table.ts';
import { formatDuration } from './duration.ts';

/** Lines of a long list; what was not accepted comes first. */
const MOST_LINES = 20;

/** One replay with the receiver's answer, and why it was not accepted. */
export function formatReplay(replay: DeliveryDetail, output: Output): string[] {
  const attempt = replay.attempts.at(-1);
  const event = `${neutralizeLine(replay.event ?? '?')}  ${DIRECTION_LABEL.outgoing}`;
  const lines: string[] = [];
  if (attempt) {
    const colour = attempt.outcome === 'success' ? output.paint.green : output.paint.red;
    lines.push(`${colour(describeOutcome(attempt))}  ${event}  ${formatDuration(attempt.duration_ms)}`);
    lines.push(`  to ${neutralizeLine(attempt.request.url)}`);
  } else {
    lines.push(`${replay.state}  ${event}`);
  }
  lines.push(`  ${replay.id} replays ${replay.replay_of}`);
  if (attempt?.error) lines.push(`  ${neutralizeLine(attempt.error.message)}`);
  const answer = attempt?.response?.body.text.trim();
  if (answer) lines.push(...output.safe(answer).replace(/^/gm, '  ').split('\n'));
  const why = attempt ? explainRecord(attempt, { shown: true }) : [];
  lines.push(...why.map((line) => `  ${output.paint.yellow(line)}`));
  return lines;
}

/** Many replays: what was not accepted first, then how many were. */
export function formatReplays(items: readonly Delivery[], output: Output): string[] {
  const { paint, verbose } = output;
  const refused = items.filter((item) => item.state !== 'delivered');
  const accepted = items.filter((item) => item.state === 'delivered');
  const rows = [...refused, ...accepted].slice(0, verbose ? items.length : MOST_LINES);
  const lines = formatTable<Delivery>(
    [
      { title: 'ID', value: (item) => item.id },
      { title: 'REPLAYS', value: (item) => item.replay_of ?? '' },
      { title: 'EVENT', value: (item) => item.event ?? '-' },
      { title: 'CLIENT', value: (item) => item.client_id ?? '-' },
      {
        title: 'RESULT',
        value: describeResult,
        paint: (text, item) => (item.state === 'delivered' ? paint.green : paint.red)(text),
      },
    ],
    rows,
    Number.POSITIVE_INFINITY,
  );
  if (rows.length < items.length) lines.push(`… and ${items.length - rows.length} more`);
  const bad = refused.length === 0 ? '' : `, ${paint.red(`${refused.length} not accepted`)}`;
  return [...lines, `${items.length} replayed: ${accepted.length} accepted${bad}`];
}

function describeResult({ last_outcome, last_status, last_error, state }: Delivery): string {
  if (last_outcome === null) return state ?? '';
  return describeOutcome({ outcome: last_outcome, response_status: last_status, error: last_error });
}
