import { EMPTY_LOG, type LogWindow as ViewLog } from '../../client/view-state.ts';
import type { LogDirection, LogItem, Outcome, Trace } from '../../contract/control.ts';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { wrap } from '../terminal/width.ts';
import type { ReadClock } from '../text/countdown.ts';
import type { ShownDelivery } from './source.ts';

/** What the screen shows: everything, and nothing that is not shown or needed to decide what to fetch. */
export interface State {
  columns: number;
  rows: number;
  /** `read-only`: a database file, with no gateway running. */
  connection: Connection;
  /** Where the records come from: a URL or a file. */
  origin: string;
  log: LogWindow;
  filter: Filter;
  pane: 'list' | 'detail';
  tab: Tab;
  detail: DetailState;
  overlay: Overlay | null;
  status: Status | null;
  /** Jobs at the AI, and those that failed, by reference. */
  jobs: ReadonlyMap<string, JobMark>;
  clock: ReadClock;
  /** Wall time that countdowns are shown for. */
  now: number;
}

export type JobMark = 'running' | 'failed' | `echo ${number}`;

export type Connection = 'connecting' | 'open' | 'lost' | 'read-only';

/** The window that the page has too, with what is selected and scrolled in it. */
export interface LogWindow extends ViewLog {
  /** Whether the first record is the newest that fits the filter. */
  atHead: boolean;
  selected: number;
  /** Index of the first row shown. */
  top: number;
  /** How far a search for text came; `null` when it is complete. */
  searchedTo: string | null;
}

export interface Filter {
  text: string;
  direction: LogDirection | null;
  outcome: Outcome | null;
  /** Whether keys go into `text`. */
  editing: boolean;
}

export const TABS = ['request', 'response', 'attempts', 'signature', 'AI job', 'trace'] as const;
export type Tab = (typeof TABS)[number];

export interface DetailState {
  /** The record that the rest is of. */
  id: string | null;
  delivery: ShownDelivery | null;
  trace: Trace | null;
  diagnosis: DiagnosisView | null;
  diagnosisError: string | null;
  error: string | null;
  /** Something happened to it since it was read. */
  stale: boolean;
  /** Line that the keys act on. */
  line: number;
  top: number;
  /** Paths of JSON containers whose folding is not the default one. */
  toggled: ReadonlySet<string>;
}

export type Overlay =
  | { kind: 'help'; top: number }
  | { kind: 'pick'; items: readonly string[]; index: number; query: string }
  | { kind: 'prompt'; purpose: 'replay-to' | 'advance'; title: string; text: string };

export interface Status {
  kind: 'info' | 'progress' | 'ok' | 'error';
  text: string;
  /** Wall time from which it is no longer shown; as long as it goes on when undefined. */
  until?: number;
}

export const NO_FILTER: Filter = { text: '', direction: null, outcome: null, editing: false };

export const EMPTY_DETAIL: DetailState = {
  id: null,
  delivery: null,
  trace: null,
  diagnosis: null,
  diagnosisError: null,
  error: null,
  stale: false,
  line: 0,
  top: 0,
  toggled: new Set(),
};

export function initialState(columns: number, rows: number, now: number): State {
  return {
    columns,
    rows,
    connection: 'connecting',
    origin: '',
    log: { ...EMPTY_LOG, atHead: true, selected: 0, top: 0, searchedTo: null },
    filter: NO_FILTER,
    pane: 'list',
    tab: 'request',
    detail: EMPTY_DETAIL,
    overlay: null,
    status: null,
    jobs: new Map(),
    clock: null,
    now,
  };
}

/** List and detail stand side by side from this width on. */
const WIDE = 132;
/** What the list needs for whole names of events and a countdown, and the most that it has use for. */
const LIST_WIDTH = { least: 72, most: 96 };

/** Below this many rows each is worth more than the end of a long message. */
const SMALL = 10;
const MOST_STATUS_ROWS = 3;

/** How the screen is divided: the same for views, keys and what is fetched. */
export function layoutOf(state: Pick<State, 'columns' | 'rows' | 'filter' | 'status'>) {
  const wide = state.columns >= WIDE;
  const listWidth = wide
    ? Math.max(LIST_WIDTH.least, Math.min(LIST_WIDTH.most, Math.floor(state.columns * 0.56)))
    : state.columns;
  const filterRow = isFiltered(state.filter) || state.filter.editing;
  const statusRows = statusRowsOf(state);
  // Header, status and keys.
  const bodyRows = Math.max(1, state.rows - 2 - statusRows - (filterRow ? 1 : 0));
  const titles = bodyRows > 4;
  return {
    wide,
    listWidth,
    detailWidth: wide ? state.columns - listWidth - 2 : state.columns,
    listRows: Math.max(1, bodyRows - (titles ? 1 : 0)),
    /** Below its tabs. */
    detailRows: Math.max(1, bodyRows - 2),
    /** Between the bars at the top and at the bottom. */
    bodyRows,
    filterRow,
    statusRows,
    titles,
  };
}

/** What came of an action can be long, above all an error with its advice: it gets rows where there are some. */
function statusRowsOf({ status, columns, rows }: Pick<State, 'columns' | 'rows' | 'status'>): number {
  if (status === null || rows < SMALL) return 1;
  return Math.min(MOST_STATUS_ROWS, wrap(status.text, columns - 2).length);
}

export function isFiltered({ text, direction, outcome }: Filter): boolean {
  return text !== '' || direction !== null || outcome !== null;
}

export function selectedRecord(state: State): LogItem | null {
  return state.log.records[state.log.selected] ?? null;
}

/** Whether letters are typed, and are no keys. */
export function isTyping(state: State): boolean {
  return state.filter.editing || (state.overlay !== null && state.overlay.kind !== 'help');
}

/** Whoever goes on has read what went wrong. */
export function withoutError({ status }: State): Status | null {
  return status?.kind === 'error' ? null : status;
}
