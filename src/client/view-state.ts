import type { LogItem, LogPage } from '../contract/control.ts';

/** What the terminal screen and the page have in common in keeping what a gateway says. */

/** One state, and what happens to it. */
export interface Store<State, Action> {
  get(): State;
  dispatch(action: Action): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<State, Action>(
  initial: State,
  reduce: (state: State, action: Action) => State,
): Store<State, Action> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
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

/** Before the first answer. */
export const EMPTY_LOG: LogWindow = {
  generation: 0,
  records: [],
  loading: true,
  error: null,
  older: null,
  newest: '0',
  following: true,
  unseen: 0,
};

/** Asks for the records again, from the newest. Those shown stay until the answer comes. */
export function askAgain<Log extends LogWindow>(log: Log): Log {
  return { ...log, generation: log.generation + 1, loading: true, error: null, following: true };
}

/** Shows a page from the newest on, in place of what was there. */
export function showPage<Log extends LogWindow>(log: Log, page: LogPage): Log {
  const { items: records, next_cursor: older, newer_cursor: newest } = page;
  return { ...log, records, older, newest, loading: false, error: null, unseen: 0 };
}

/** Puts newer records in front, and keeps at most `most`: those below are read again when they are wanted. */
export function prepend<Log extends LogWindow>(log: Log, items: readonly LogItem[], most: number): Log {
  const all = [...items, ...withoutNext(log.records, items)];
  const records = all.slice(0, most);
  return { ...log, records, older: records.length < all.length ? records.at(-1)!.cursor : log.older };
}

/** Records, without what was to come next of those deliveries of which an attempt has been made since. */
export function withoutNext(records: readonly LogItem[], items: readonly LogItem[]): LogItem[] {
  const moved = new Set(items.map((item) => item.delivery_id));
  return records.map((record) =>
    record.next_attempt !== null && moved.has(record.delivery_id)
      ? { ...record, next_attempt: null }
      : record,
  );
}

/**
 * Does a task one at a time: what is asked for while it is done makes it be done once more, so that what happens faster
 * than it is done neither piles up nor puts off its end for ever.
 *
 * @returns asks for it.
 */
export function oneAtATime(task: () => Promise<void>): () => void {
  let asked = false;
  let busy = false;
  return async () => {
    asked = true;
    if (busy) return;
    busy = true;
    while (asked) {
      asked = false;
      await task();
    }
    busy = false;
  };
}
