import type { LogItem } from '../contract/control.ts';

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

/** Records, without what was to come next of those deliveries of which an attempt has been made since. */
export function withoutNext(records: readonly LogItem[], items: readonly LogItem[]): LogItem[] {
  const moved = new Set(items.map((item) => item.delivery_id));
  return records.map((record) =>
    record.next_attempt !== null && moved.has(record.delivery_id)
      ? { ...record, next_attempt: null }
      : record,
  );
}
