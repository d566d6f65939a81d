import type { LogItem } from '../../../contract/control.ts';
import { MAX_STEPS } from '../../../contract/retry-schedule.ts';
import { calledAs } from '../../../files/called-as.ts';
import { toWidth, wrap } from '../../terminal/width.ts';
import { formatCountdown } from '../../text/countdown.ts';
import { formatDuration } from '../../text/duration.ts';
import { echoText } from '../../text/echo.ts';
import { outcomeText } from '../../text/outcome.ts';
import { formatLogTime } from '../../text/times.ts';
import { isFiltered, layoutOf, type State } from '../state.ts';
import type { Style } from '../style.ts';

interface Column {
  title: string;
  width: number;
  align?: 'right';
  value(record: LogItem, state: State): string;
  paint?(text: string, record: LogItem, style: Style): string;
}

const EVENT: Column = {
  title: 'EVENT',
  width: 12,
  value: (record) => `${record.event ?? '(no event)'}${record.test ? ' (test)' : ''}`,
};
const RESULT: Column = {
  title: 'RESULT',
  width: 9,
  value: (record) => outcomeText(record) + (record.fault ? '*' : ''),
  paint: (text, record, style) => (record.outcome === 'success' ? style.green : style.red)(text),
};
const TRY: Column = {
  title: 'TRY',
  width: 3,
  value: (record) =>
    record.direction === 'incoming'
      ? ''
      : record.step === null
        ? record.test
          ? 'tst'
          : 'rep'
        : `${record.step}/${MAX_STEPS}`,
};
const TIME: Column = {
  title: 'TIME',
  width: 8,
  value: (record, { now }) => formatLogTime(record.occurred_at, now),
};
const NEXT: Column = { title: 'NEXT', width: 13, value: (record, state) => formatNext(record, state) };
const CLIENT: Column = { title: 'CLIENT', width: 9, value: (record) => record.client_id ?? '-' };
const TOOK: Column = {
  title: 'TOOK',
  width: 5,
  align: 'right',
  value: (record) => formatDuration(record.duration_ms),
};

/** In the order in which they are shown, with the width of the list from which they are: names of events come first. */
const COLUMNS: readonly (readonly [from: number, column: Column])[] = [
  [52, TIME],
  [0, EVENT],
  [78, CLIENT],
  [0, RESULT],
  [0, TRY],
  [60, TOOK],
  [64, NEXT],
];
/** Mark of the selection, and the arrow. */
const LEAD = 4;

function columnsFor(width: number, time: Column): Column[] {
  const shown = COLUMNS.filter(([from]) => width >= from).map(([, column]) =>
    column === TIME ? time : column,
  );
  const used = LEAD + shown.reduce((sum, column) => sum + column.width + 1, -1);
  const rest = Math.max(0, width - used);
  const toEvent = shown.includes(CLIENT) ? Math.min(rest, 14) : rest;
  const toResult = Math.min(8, Math.floor((rest - toEvent) / 2));
  const toClient = rest - toEvent - toResult;
  const more = new Map([[EVENT, toEvent] as const, [RESULT, toResult] as const, [CLIENT, toClient] as const]);
  return shown.map((column) => ({ ...column, width: column.width + (more.get(column) ?? 0) }));
}

/** The list as lines of exactly its width; only the rows that are seen. */
export function listLines(state: State, style: Style): string[] {
  const { log } = state;
  const { listWidth, listRows, titles } = layoutOf(state);
  const seen = log.records.slice(log.top, log.top + listRows);
  const columns = columnsFor(listWidth, {
    ...TIME,
    width: Math.max(TIME.width, ...seen.map((record) => TIME.value(record, state).length)),
  });
  const lines: string[] = [];
  if (titles) {
    const head = columns.map((column) => toWidth(column.title, column.width, column.align)).join(' ');
    lines.push(style.dim(toWidth(`${' '.repeat(LEAD)}${head}`, listWidth)));
  }
  if (log.records.length === 0) return [...lines, ...emptyLines(state, listWidth, style)];
  for (let index = log.top; index < Math.min(log.records.length, log.top + listRows); index++) {
    const record = log.records[index]!;
    const selected = index === log.selected;
    const arrow = record.direction === 'incoming' ? '→' : '←';
    // Reversed as a whole: colours within would make holes in it.
    const cells = columns.map((column) => {
      const text = toWidth(column.value(record, state), column.width, column.align);
      return selected || !column.paint ? text : column.paint(text, record, style);
    });
    const text = `${selected ? '▶' : ' '} ${arrow} ${cells.join(' ')}`;
    lines.push(selected && state.pane === 'list' ? style.inverse(text) : selected ? style.bold(text) : text);
  }
  return lines;
}

function emptyLines(state: State, width: number, style: Style): string[] {
  const say = (...texts: string[]) => [
    '',
    ...texts.flatMap((text) => wrap(text, width - 4).map((line) => `  ${line}`)),
  ];
  const { log } = state;
  if (log.error !== null) return say(style.red('The log cannot be read.'), log.error, 'R tries again.');
  if (log.loading) return say('Reading the log…');
  if (isFiltered(state.filter)) {
    if (log.older !== null) return say('Searching…');
    return say('Nothing fits the filter.', 'Esc clears it.');
  }
  if (state.connection === 'read-only') return say('The log of this database is empty.');
  return say('No deliveries yet.', `s sends a sample event; so does: ${calledAs()} send candidate.created`);
}

/** What comes after an attempt, or after an accepted request, for the list. */
function formatNext(record: LogItem, state: Pick<State, 'clock' | 'now' | 'jobs'>): string {
  if (record.next_attempt) return formatCountdown(record.next_attempt, state.clock, state.now);
  if (record.direction === 'incoming') {
    const mark = record.reference_id === null ? undefined : state.jobs.get(record.reference_id);
    if (mark === 'running') return 'AI job…';
    return mark === 'failed' ? 'job failed' : (mark ?? echoText(record));
  }
  return record.delivery_state === 'exhausted' ? 'exhausted' : '';
}
