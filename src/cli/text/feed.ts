import type { FeedEntry, LogRecord } from '../../contract/control.ts';
import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import { MAX_STEPS } from '../../contract/retry-schedule.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Paint } from '../terminal/output.ts';
import { cutTo, fill } from '../terminal/width.ts';
import { explainAttempt } from './attempt-reason.ts';
import { formatFindings } from './diagnosis.ts';
import { formatDuration } from './duration.ts';
import { echoText, explainEcho } from './echo.ts';
import { hintForFault, refusalText } from './hints.ts';
import { describeAttempt, describeClock, describeDue, formatWallTime } from './times.ts';

const EVENT_WIDTH = 24;
const CLIENT_WIDTH = 12;
/** Where the text after the time starts: hints stand below it. */
const INDENT = ' '.repeat(10);

type Entry<T extends FeedEntry['type']> = Extract<FeedEntry, { type: T }>;

/** What the arrows mean; printed once, before the first line. */
export function formatLegend(paint: Paint): string {
  return paint.dim(`→ ${DIRECTION_LABEL.incoming}   ← ${DIRECTION_LABEL.outgoing}   times are local`);
}

/** Who reads the lines, as far as it changes them. */
export interface Reader {
  /** The gateway has ended, so that no command can ask it any more. */
  afterwards?: boolean;
  /** Where the configuration has another outgoing secret than the one with this fingerprint, which the gateway has. */
  differing?: (atsId: string, secret: string) => readonly string[];
}

/**
 * What happened, as lines for a terminal: one, and a hint or reason below it where it failed.
 * Times are of the local zone.
 */
export function formatFeedEntry(entry: FeedEntry, paint: Paint, reader: Reader = {}): string[] {
  const time = paint.dim(formatWallTime(entry.at));
  switch (entry.type) {
    case 'request.accepted':
      return [`${time}  ${accepted(entry, paint)}`];
    case 'request.refused':
      return below(time, refused(entry, paint));
    case 'job.started':
      return []; // its end is reported
    case 'job.finished':
      return below(time, [job(entry, paint), ...explainEcho(entry, reader).map(paint.yellow)]);
    case 'attempt.finished':
      return below(time, attempt(entry, paint, reader));
    case 'clock.changed':
      return [`${time}  ${paint.cyan(`clock ${describeClock(entry.clock)}`)}`];
    case 'notice': {
      const text = neutralizeLine(entry.text);
      const colour = { info: (plain: string) => plain, warning: paint.yellow, error: paint.red };
      return [`${time}  ${colour[entry.level](entry.level === 'info' ? text : `${entry.level}: ${text}`)}`];
    }
  }
}

function below(time: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => (index === 0 ? `${time}  ${line}` : INDENT + line));
}

/**
 * As `formatFeedEntry`, for a reader who follows along: a hint that was just given for the same receiver or
 * the same path is not given again at every retry.
 */
export function createFeedFormatter(paint: Paint, reader: Reader = {}): (entry: FeedEntry) => string[] {
  const lastHints = new Map<string, string>();
  return (entry) => {
    const lines = formatFeedEntry(entry, paint, reader);
    if (entry.type !== 'attempt.finished' && entry.type !== 'request.refused') return lines;
    const place = entry.type === 'attempt.finished' ? entry.url : `refused ${entry.path}`;
    // A hint may name the attempt that it is given for.
    const hint = lines.slice(1).join('\n').replaceAll(entry.record.id, '');
    const repeated = hint !== '' && lastHints.get(place) === hint;
    lastHints.set(place, hint);
    return repeated ? lines.slice(0, 1) : lines;
  };
}

function accepted(entry: Entry<'request.accepted'>, paint: Paint): string {
  const { record } = entry;
  const notes = [`reference ${neutralizeLine(record.reference_id ?? '-')}`];
  if (entry.via !== 'webhook') notes.push(`by ${entry.via === 'rest' ? 'REST' : entry.via}`);
  if (entry.duplicate) notes.push(paint.yellow('duplicate: not processed again'));
  if (record.fault) notes.push(paint.yellow(`fault ${neutralizeLine(record.fault)}`));
  return `${head('→ incoming', record, paint)}  ${outcome(record, paint)}  ${notes.join(', ')}`;
}

function refused(entry: Entry<'request.refused'>, paint: Paint): string[] {
  const { record } = entry;
  const code = record.error?.code ?? 'refused';
  const what = record.fault
    ? paint.yellow(`fault ${neutralizeLine(record.fault)}`)
    : paint.red(`refused: ${neutralizeLine(code)}`);
  const lines = [
    `${head('→ incoming', record, paint)}  ${outcome(record, paint)}  ${what}  ${paint.dim(neutralizeLine(entry.path))}`,
  ];
  const { diagnosis } = entry;
  const isProved = diagnosis ? diagnosis.findings.length > 0 : false;
  // A guess at the secret is for those alone of which nothing else is known.
  const why = diagnosis && (isProved || code === 'mismatch') ? formatFindings(diagnosis) : [];
  lines.push(...why.map((line) => paint.yellow(line)));
  if (isProved) return lines;
  const text = refusalText(code) ?? record.error?.message;
  if (text && why.length === 0) lines.push(paint.yellow(neutralizeLine(text)));
  if (code === 'mismatch') {
    lines.push(paint.yellow('Incoming events are signed with the incoming secret (CARVOS_INCOMING_SECRET).'));
  }
  return lines;
}

function job(entry: Entry<'job.finished'>, paint: Paint): string {
  const what = `  AI job    ${column(neutralizeLine(entry.event), EVENT_WIDTH)}  ${column(neutralizeLine(entry.client_id), CLIENT_WIDTH)}`;
  const asked = entry.attempt_count > 1 ? `, ${entry.attempt_count} attempts` : '';
  const by = entry.backend === null || entry.backend === 'stub' ? '' : ` by ${neutralizeLine(entry.backend)}`;
  const took = `${formatDuration(entry.duration_ms)}${by}${asked}`;
  if (entry.state === 'failed') {
    const why = entry.error ? `${entry.error.code}: ${entry.error.message}` : 'failed';
    return `${what}  ${paint.red(`failed, ${took}, ${neutralizeLine(why)}`)}`;
  }
  if (entry.outgoing_event === null)
    return `${what}  ${paint.yellow(`no result, ${took}: no outgoing event follows`)}`;
  const done = paint.dim(`${what}  done, ${took}: outgoing ${neutralizeLine(entry.outgoing_event)} follows`);
  const echo = echoText({ echo_depth: entry.echo?.depth });
  return echo === '' ? done : `${done}  ${paint.yellow(echo)}`;
}

function attempt(entry: Entry<'attempt.finished'>, paint: Paint, reader: Reader): string[] {
  const { record } = entry;
  const notes = [describeAttempt(record)];
  if (record.fault) notes.push(paint.yellow(`fault ${neutralizeLine(record.fault)}`));
  if (record.tls_problem && record.outcome !== 'error')
    notes.push(paint.yellow(`certificate not trusted (${neutralizeLine(record.tls_problem)})`));
  if (record.outcome === 'interrupted') notes.push(paint.yellow('interrupted, will be made again'));
  if (record.next_attempt) {
    const { step } = record.next_attempt;
    notes.push(paint.yellow(`next (${step}/${MAX_STEPS}) ${describeDue(record.next_attempt)}`));
  } else if (record.delivery_state === 'exhausted') {
    notes.push(paint.red(`exhausted: no further attempt (${neutralizeLine(record.delivery_id)})`));
  }
  const lines = [`${head('← outgoing', record, paint)}  ${outcome(record, paint)}  ${notes.join(', ')}`];
  if (record.outcome === 'failure' || record.outcome === 'error') {
    lines.push(
      ...explainAttempt({ ...entry, ...reader, differing: differingOf(entry, reader) }).map((line) =>
        paint.yellow(line),
      ),
    );
  } else if (record.fault) {
    const hint = hintForFault(record, reader);
    if (hint) lines.push(paint.red(hint));
  }
  return lines;
}

function differingOf(
  { record, secret_fingerprint: secret }: Entry<'attempt.finished'>,
  reader: Reader,
): readonly string[] {
  if (record.ats_id === null || secret === undefined) return [];
  return reader.differing?.(record.ats_id, secret) ?? [];
}

function head(direction: string, record: LogRecord, paint: Paint): string {
  const event = column(neutralizeLine(record.event ?? '?'), EVENT_WIDTH);
  return `${direction}  ${paint.bold(event)}  ${column(neutralizeLine(record.client_id ?? '-'), CLIENT_WIDTH)}`;
}

/** Status or error, and how long it took. */
function outcome(record: LogRecord, paint: Paint): string {
  const failed = record.outcome !== 'success';
  const text =
    record.response_status !== null && record.outcome !== 'error'
      ? String(record.response_status)
      : (record.error?.code ?? record.outcome);
  return `${(failed ? paint.red : paint.green)(neutralizeLine(text).padEnd(3))}  ${formatDuration(record.duration_ms).padStart(5)}`;
}

/** Cut only when far too long: an id may have 255 characters. */
function column(text: string, width: number): string {
  return fill(cutTo(text, width * 2), width);
}
