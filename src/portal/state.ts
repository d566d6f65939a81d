import type { ReadClock } from '../cli/text/countdown.ts';
import {
  askAgain,
  EMPTY_LOG,
  type LogWindow,
  prepend,
  showPage,
  type Store as ViewStore,
  withoutNext,
} from '../client/view-state.ts';
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
  /** Depth of updates that brought back what was delivered, by reference: found after their records were read. */
  echoes: ReadonlyMap<string, number>;
  /** What came of the last thing that was done. */
  message: { kind: 'done' | 'error' | 'busy'; text: string } | null;
  /** The keys, or the replay that is being asked for, of the delivery in the address. */
  dialog: 'keys' | 'edited' | 'to' | null;
}

/** Most records in memory while the newest are followed; further down they are read again when they are wanted. */
export const MOST_RECORDS = 500;

/** What is set as it is, without a rule. */
export type Change = Partial<Pick<State, 'connection' | 'clock' | 'now' | 'echoes' | 'message' | 'dialog'>>;

export type Action =
  | { type: 'address'; address: Address }
  | { type: 'set'; change: Change }
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
    log: EMPTY_LOG,
    clock: null,
    now,
    echoes: new Map(),
    message: null,
    dialog: null,
  };
}

/** The next state. Pure: what is fetched or done because of it is elsewhere. */
export function reduce(state: State, action: Action): State {
  const { log } = state;
  switch (action.type) {
    case 'address': {
      const { address } = action;
      const [before, after] = [state.address, address].map((one) => JSON.stringify(filtersOf(one)));
      return { ...state, address, dialog: null, log: before === after ? log : askAgain(log) };
    }
    case 'set':
      return { ...state, ...action.change };
    case 'log.reload':
      return { ...state, log: askAgain(log) };
    case 'log.follow': {
      const { following } = action;
      if (log.following === following) return state;
      // What came meanwhile is not in the window: it is read anew, so that there is no hole.
      return { ...state, log: following && log.unseen > 0 ? askAgain(log) : { ...log, following } };
    }
    default:
      return action.generation === log.generation ? { ...state, log: reduceLog(log, action) } : state;
  }
}

function reduceLog(log: LogWindow, action: Extract<Action, { generation: number }>): LogWindow {
  if (action.type === 'log.failed') return { ...log, loading: false, error: action.error };
  const { items, next_cursor, newer_cursor } = action.page;
  if (action.type === 'log.loaded') return showPage(log, action.page);
  if (action.type === 'log.older') return { ...log, records: [...log.records, ...items], older: next_cursor };
  const known = { ...log, newest: newer_cursor };
  if (items.length === 0) return known;
  if (log.following) return prepend(known, items, MOST_RECORDS);
  return { ...known, records: withoutNext(log.records, items), unseen: log.unseen + items.length };
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
