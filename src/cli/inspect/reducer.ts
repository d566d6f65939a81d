import {
  askAgain,
  prepend,
  showPage,
  type Store as ViewStore,
  withoutNext,
} from '../../client/view-state.ts';
import type { ClockView, LogItem, LogPage, Trace } from '../../contract/control.ts';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import type { ShownDelivery } from './source.ts';
import {
  type Connection,
  EMPTY_DETAIL,
  type Filter,
  type JobMark,
  type LogWindow,
  layoutOf,
  NO_FILTER,
  type Overlay,
  type State,
  type Status,
  TABS,
  type Tab,
  withoutError,
} from './state.ts';

/** Most records in memory. */
const MOST_RECORDS = 1500;
/** Most while the newest are followed: nothing below the screen is needed. */
const MOST_FOLLOWED = 400;

export type Action =
  | { type: 'resized'; columns: number; rows: number }
  | { type: 'tick'; now: number }
  | { type: 'connection'; connection: Connection; origin?: string }
  | { type: 'clock'; clock: ClockView; at: number }
  | { type: 'status'; status: Status | null }
  /** A page from the beginning: of the newest records, or of the oldest. */
  | { type: 'log.loaded'; generation: number; page: LogPage; from: 'newest' | 'oldest' }
  | { type: 'log.older'; generation: number; page: LogPage }
  /** What follows on the window, which had lost sight of the newest. */
  | { type: 'log.newer'; generation: number; page: LogPage }
  /** What came just now. */
  | { type: 'log.arrived'; generation: number; page: LogPage }
  | { type: 'log.failed'; generation: number; error: string }
  | { type: 'log.reload' }
  /** What is shown is gone from the log. */
  | { type: 'log.replaced'; why: string; until: number }
  | { type: 'jobs'; marks: ReadonlyMap<string, JobMark> }
  | { type: 'move'; by: number }
  | { type: 'move.to'; place: 'newest' | 'oldest' }
  | { type: 'filter'; change: Partial<Filter> }
  | { type: 'filter.clear' }
  | { type: 'pane'; pane: State['pane'] }
  | { type: 'tab'; tab: Tab }
  | { type: 'tab.by'; by: number }
  | { type: 'detail.loaded'; id: string; delivery: ShownDelivery; trace: Trace | null }
  | { type: 'detail.diagnosed'; id: string; diagnosis: DiagnosisView | null; error: string | null }
  | { type: 'detail.failed'; id: string; error: string }
  | { type: 'detail.stale'; referenceId: string }
  /** `lines`: how many there are, which the views know. */
  | { type: 'detail.move'; by: number; lines: number }
  | { type: 'detail.fold'; paths: readonly string[] }
  | { type: 'overlay'; overlay: Overlay | null };

export type Store = ViewStore<State, Action>;

/** The next state. Pure: what is fetched or done because of it is elsewhere. */
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'resized':
      return keepVisible({ ...state, columns: action.columns, rows: action.rows });
    case 'tick':
      return { ...state, now: action.now, status: stillShown(state.status, action.now) };
    case 'connection': {
      const { connection, origin = state.origin } = action;
      const isBack = connection === 'open' && state.connection === 'lost';
      return { ...state, connection, origin, status: isBack ? withoutError(state) : state.status };
    }
    case 'clock':
      return { ...state, clock: { ...action.clock, at: action.at } };
    case 'jobs':
      return { ...state, jobs: action.marks };
    case 'log.replaced': {
      const status: Status = { kind: 'info', text: action.why, until: action.until };
      return reload({ ...state, pane: 'list', detail: EMPTY_DETAIL, status });
    }
    case 'status':
      return { ...state, status: action.status };
    case 'overlay':
      return { ...state, overlay: action.overlay };
    case 'move':
      return moveBy({ ...state, status: withoutError(state) }, action.by);
    case 'move.to':
      return moveTo({ ...state, status: withoutError(state) }, action.place);
    case 'filter':
      return reload(
        { ...state, filter: { ...state.filter, ...action.change } },
        !('editing' in action.change),
      );
    case 'filter.clear':
      return reload({ ...state, filter: NO_FILTER });
    case 'pane':
      // What is read must not slip away under the reader.
      return keepVisible({
        ...state,
        pane: action.pane,
        status: withoutError(state),
        log: { ...state.log, following: false },
      });
    case 'tab':
      return { ...state, tab: action.tab, detail: { ...state.detail, line: 0, top: 0 } };
    case 'tab.by': {
      const index = (TABS.indexOf(state.tab) + action.by + TABS.length) % TABS.length;
      return reduce(state, { type: 'tab', tab: TABS[index]! });
    }
    default:
      return action.type.startsWith('detail.') ? reduceDetail(state, action) : reduceLog(state, action);
  }
}

function reduceDetail(state: State, action: Action): State {
  const { detail } = state;
  switch (action.type) {
    case 'detail.loaded': {
      const same = detail.id === action.id;
      const base = same ? detail : EMPTY_DETAIL;
      const { id, delivery, trace } = action;
      return { ...state, detail: { ...base, id, delivery, trace, error: null, stale: false } };
    }
    case 'detail.failed':
      return { ...state, detail: { ...EMPTY_DETAIL, id: action.id, error: action.error } };
    case 'detail.diagnosed':
      if (detail.id !== action.id) return state;
      return { ...state, detail: { ...detail, diagnosis: action.diagnosis, diagnosisError: action.error } };
    case 'detail.stale':
      if (detail.delivery?.reference_id !== action.referenceId) return state;
      return { ...state, detail: { ...detail, stale: true } };
    case 'detail.move': {
      const { detailRows } = layoutOf(state);
      const line = clamp(detail.line + action.by, 0, action.lines - 1);
      const top = clamp(detail.top, line - detailRows + 1, line);
      return { ...state, detail: { ...detail, line, top: Math.max(0, top) } };
    }
    case 'detail.fold': {
      const toggled = new Set(detail.toggled);
      for (const path of action.paths) if (!toggled.delete(path)) toggled.add(path);
      return { ...state, detail: { ...detail, toggled } };
    }
    default:
      return state;
  }
}

function reduceLog(state: State, action: Action): State {
  const { log } = state;
  if (action.type === 'log.reload') return reload(state);
  if (!('generation' in action) || action.generation !== log.generation) return state;
  if (action.type === 'log.failed') return { ...state, log: { ...log, loading: false, error: action.error } };
  const { page } = action;
  const { items } = page;
  switch (action.type) {
    case 'log.loaded': {
      const oldest = action.from === 'oldest';
      return keepVisible({
        ...state,
        log: {
          ...showPage(log, page),
          ...(oldest && { older: null, newest: log.newest, following: false }),
          atHead: !oldest || page.next_cursor === null,
          selected: oldest ? Math.max(0, items.length - 1) : 0,
          top: 0,
          searchedTo: page.next_cursor === null ? null : page.searched_to,
        },
      });
    }
    case 'log.older': {
      const records = [...log.records, ...items];
      const drop = Math.max(0, Math.min(records.length - MOST_RECORDS, log.top - 100));
      return {
        ...state,
        log: {
          ...log,
          records: records.slice(drop),
          older: page.next_cursor,
          searchedTo: page.next_cursor === null ? null : page.searched_to,
          atHead: log.atHead && drop === 0,
          selected: log.selected - drop,
          top: log.top - drop,
        },
      };
    }
    case 'log.newer': {
      const reached = page.next_cursor === null && Number(page.newer_cursor) >= Number(log.newest);
      return keepVisible({
        ...state,
        log: keepPlace({ ...log, atHead: reached, newest: reached ? page.newer_cursor : log.newest }, items),
      });
    }
    case 'log.arrived': {
      const stale = state.detail.stale || items.some((item) => concerns(state, item));
      const known = { ...log, newest: page.newer_cursor };
      if (items.length === 0) return { ...state, log: known };
      const detail = { ...state.detail, stale };
      if (log.following && log.atHead) {
        const followed = prepend(known, items, MOST_FOLLOWED);
        return { ...state, detail, log: { ...followed, selected: 0, top: 0, unseen: 0 } };
      }
      const unseen = log.unseen + items.length;
      if (!log.atHead || log.records.length + items.length > MOST_RECORDS) {
        const records = withoutNext(log.records, items);
        return { ...state, detail, log: { ...known, records, atHead: false, unseen } };
      }
      return keepVisible({ ...state, detail, log: { ...keepPlace(known, items), unseen } });
    }
    default:
      return state;
  }
}

/** Whether a new record is about what the detail shows. */
function concerns(state: State, item: LogItem): boolean {
  const shown = state.detail.delivery;
  if (shown === null) return false;
  if (item.delivery_id === shown.id) return true;
  return item.reference_id !== null && item.reference_id === shown.reference_id;
}

/** Puts newer records in front; what is on the screen stays where it is. */
function keepPlace(log: LogWindow, items: readonly LogItem[]): LogWindow {
  return {
    ...prepend(log, items, Math.max(MOST_RECORDS, log.top + items.length + 200)),
    selected: log.records.length === 0 ? 0 : log.selected + items.length,
    top: log.records.length === 0 ? 0 : log.top + items.length,
  };
}

function moveBy(state: State, by: number): State {
  const { log } = state;
  if (log.records.length === 0) return state;
  const selected = clamp(log.selected + by, 0, log.records.length - 1);
  const following = selected === 0 && log.atHead && by < 0;
  const unseen = following ? 0 : log.atHead ? Math.min(log.unseen, selected) : log.unseen;
  return keepVisible({ ...state, log: { ...log, selected, following, unseen } });
}

function moveTo(state: State, place: 'newest' | 'oldest'): State {
  const { log } = state;
  if (place === 'newest' && log.atHead) {
    return { ...state, log: { ...log, selected: 0, top: 0, following: true, unseen: 0 } };
  }
  if (place === 'oldest' && log.older === null) return moveBy(state, log.records.length);
  const generation = log.generation + 1;
  const following = place === 'newest';
  return { ...state, log: { ...log, generation, loading: true, following } };
}

function reload(state: State, changed = true): State {
  return keepVisible(changed ? { ...state, log: askAgain(state.log) } : state);
}

/** Scrolls the list as far as needed for the selection to be seen. */
function keepVisible(state: State): State {
  const { log } = state;
  const { listRows } = layoutOf(state);
  const selected = clamp(log.selected, 0, log.records.length - 1);
  // No empty rows below while there are records above.
  const lowest = log.older === null ? log.records.length - listRows : log.top;
  const top = Math.max(0, clamp(Math.min(log.top, lowest), selected - listRows + 1, selected));
  if (top === log.top && selected === log.selected) return state;
  return { ...state, log: { ...log, selected, top } };
}

function stillShown(status: Status | null, now: number): Status | null {
  return status?.until !== undefined && status.until <= now ? null : status;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, Math.max(low, high)));
}
