import type { ReadClock } from '../cli/text/countdown.ts';
import type { ClockView, LogItem, LogPage } from '../contract/control.ts';
import type { Address } from './address.ts';

/** What the whole page shows, apart from what one view alone reads. */
export interface State {
  address: Address;
  connection: 'connecting' | 'open' | 'lost' | 'refused';
  log: LogWindow;
  clock: ReadClock;
  /** Wall time that countdowns are shown for. */
  now: number;
  /** Grows when something happened; with what it was about. */
  revision: number;
  touched: ReadonlySet<string>;
  /** Depth of updates that brought back what was delivered, by reference: found after their records were read. */
  echoes: ReadonlyMap<string, number>;
  message: Message | null;
  help: boolean;
}

export interface Message {
  kind: 'done' | 'error' | 'busy';
  text: string;
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

/** Most records in memory; far more than anybody scrolls through. */
export const MOST_RECORDS = 5000;

export type Action =
  | { type: 'address'; address: Address }
  | { type: 'connection'; connection: State['connection'] }
  | { type: 'clock'; clock: ClockView; at: number }
  | { type: 'tick'; now: number }
  | { type: 'echo'; reference: string; depth: number }
  | { type: 'happened'; ids: readonly string[] }
  | { type: 'message'; message: Message | null }
  | { type: 'help'; shown: boolean }
  | { type: 'log.reload' }
  | { type: 'log.follow'; following: boolean }
  | { type: 'log.loaded' | 'log.older' | 'log.arrived'; generation: number; page: LogPage }
  | { type: 'log.failed'; generation: number; error: string };

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
  };
}

/** The next state. Pure: what is fetched or done because of it is elsewhere. */
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'address': {
      const next = { ...state, address: action.address, help: false };
      return filterOf(action.address) === filterOf(state.address) ? next : reload(next);
    }
    case 'connection':
      return { ...state, connection: action.connection };
    case 'clock':
      return { ...state, clock: { ...action.clock, at: action.at } };
    case 'tick':
      return { ...state, now: action.now };
    case 'happened':
      return { ...state, revision: state.revision + 1, touched: new Set(action.ids) };
    case 'echo':
      return { ...state, echoes: new Map(state.echoes).set(action.reference, action.depth) };
    case 'message':
      return { ...state, message: action.message };
    case 'help':
      return { ...state, help: action.shown };
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

/** An attempt that was made is no longer to come. */
function withoutNext(records: readonly LogItem[], items: readonly LogItem[]): readonly LogItem[] {
  const moved = new Set(items.map((item) => item.delivery_id));
  return records.map((record) =>
    record.next_attempt !== null && moved.has(record.delivery_id)
      ? { ...record, next_attempt: null }
      : record,
  );
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
export const FILTERS = ['direction', 'outcome', 'event', 'client_id', 'text'] as const;

export function filterOf({ query }: Address): string {
  return JSON.stringify(FILTERS.map((name) => query[name] ?? ''));
}

export function isFiltered(address: Address): boolean {
  return FILTERS.some((name) => (address.query[name] ?? '') !== '');
}

/** An id in the address is a delivery's, or one attempt's. */
export function isShown(record: LogItem, id: string | null): boolean {
  return id !== null && (id.includes('/') ? record.id === id : record.delivery_id === id);
}
