import type { ReadClock } from '../cli/text/countdown.ts';
import { type Store as ViewStore, withoutNext } from '../client/view-state.ts';
import type { LogItem, LogPage } from '../contract/control.ts';
import type { Address } from './address.ts';

/** What the whole page shows, apart from what one view alone reads. */
export interface State {
  address: Address;
  connection: 'connecting' | 'open' | 'lost';
  log: LogWindow;
  clock: ReadClock;
  /** Wall time that countdowns are shown for. */
  now: number;
  /** Grows when something happened; with what it was about. */
  revision: number;
  touched: ReadonlySet<string>;
  /** Depth of updates that brought back what was delivered, by reference: found after their records were read. */
  echoes: ReadonlyMap<string, number>;
  /** What came of the last thing that was done. */
  message: { kind: 'done' | 'error' | 'busy'; text: string } | null;
  help: boolean;
  /** The replay that is being asked for, of the delivery in the address. */
  dialog: 'edited' | 'to' | null;
}

/** The part of the log that is in memory, without a hole, newest first. */
export interface LogWindow {
  /** Grows with every load from the beginning; answers to an earlier question are dropped by it. */
  generation: number;
  records: readonly LogItem[];
  loading: boolean;
  error: string | null;
  /** Where older records begin; `null` when there are none. */
  older: string | null;
  /** Up to where everything that is newer is known. */
  newest: string;
  /** Whether new records are put in front as they come. */
  following: boolean;
  /** Records that came since it stopped following. */
  unseen: number;
}

/** Most records in memory while the newest are followed; further down they are read again when they are wanted. */
export const MOST_RECORDS = 500;

/** What is set as it is, without a rule. */
export type Change = Partial<Pick<State, 'connection' | 'clock' | 'now' | 'message' | 'help' | 'dialog'>>;

export type Action =
  | { type: 'address'; address: Address }
  | { type: 'set'; change: Change }
  | { type: 'echo'; reference: string; depth: number }
  | { type: 'happened'; ids: readonly string[] }
  | { type: 'log.reload' }
  | { type: 'log.follow'; following: boolean }
  | { type: 'log.loaded' | 'log.older' | 'log.arrived'; generation: number; page: LogPage }
  | { type: 'log.failed'; generation: number; error: string };

/** The one state of the page, and what happens to it. */
export type Store = ViewStore<State, Action>;

export function initialState(address: Address, now: number): State {
  return {
    address,
    connection: 'connecting',
    log: {
      generation: 0,
      records: [],
      loading: true,
      error: null,
      older: null,
      newest: '0',
      following: true,
      unseen: 0,
    },
    clock: null,
    now,
    revision: 0,
    touched: new Set(),
    echoes: new Map(),
    message: null,
    help: false,
    dialog: null,
  };
}

/** The next state. Pure: what is fetched or done because of it is elsewhere. */
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'address': {
      const { address } = action;
      const next = { ...state, address, help: false, dialog: null };
      const [before, after] = [state.address, address].map((one) => JSON.stringify(filtersOf(one)));
      return before === after ? next : reload(next);
    }
    case 'set':
      return { ...state, ...action.change };
    case 'happened':
      return { ...state, revision: state.revision + 1, touched: new Set(action.ids) };
    case 'echo':
      return { ...state, echoes: new Map(state.echoes).set(action.reference, action.depth) };
    case 'log.reload':
      return reload(state);
    case 'log.follow':
      return follow(state, action.following);
    default:
      return action.generation === state.log.generation
        ? { ...state, log: reduceLog(state.log, action) }
        : state;
  }
}

type LogAnswer = Extract<Action, { generation: number }>;

function reduceLog(log: LogWindow, action: LogAnswer): LogWindow {
  if (action.type === 'log.failed') return { ...log, loading: false, error: action.error };
  const { items, next_cursor, newer_cursor } = action.page;
  switch (action.type) {
    case 'log.loaded':
      return {
        ...log,
        records: items,
        loading: false,
        error: null,
        older: next_cursor,
        newest: newer_cursor,
        unseen: 0,
      };
    case 'log.older':
      return { ...log, records: [...log.records, ...items], older: next_cursor };
    case 'log.arrived': {
      const known = { ...log, newest: newer_cursor };
      if (items.length === 0) return known;
      const rest = withoutNext(log.records, items);
      if (!log.following) return { ...known, records: rest, unseen: log.unseen + items.length };
      const records = [...items, ...rest];
      const kept = records.slice(0, MOST_RECORDS);
      return {
        ...known,
        records: kept,
        older: kept.length < records.length ? kept.at(-1)!.cursor : log.older,
      };
    }
  }
}

function follow(state: State, following: boolean): State {
  const { log } = state;
  if (log.following === following) return state;
  // What came meanwhile is not in the window: it is read anew, so that there is no hole.
  if (following && log.unseen > 0) return reload(state);
  return { ...state, log: { ...log, following } };
}

function reload(state: State): State {
  const { log } = state;
  return {
    ...state,
    log: { ...log, generation: log.generation + 1, loading: true, error: null, following: true, unseen: 0 },
  };
}

/** The filters of the list that an address names; those of `GET /log`. */
export function filtersOf({ query }: Address): Readonly<Record<string, string>> {
  const names = ['direction', 'outcome', 'event', 'client_id', 'text'];
  return Object.fromEntries(Object.entries(query).filter(([name, value]) => value && names.includes(name)));
}

export function isFiltered(address: Address): boolean {
  return Object.keys(filtersOf(address)).length > 0;
}

/** An id in the address is a delivery's, or one attempt's. */
export function isShown(record: LogItem, id: string | null): boolean {
  return id !== null && (id.includes('/') ? record.id === id : record.delivery_id === id);
}
