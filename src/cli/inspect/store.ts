import type { Effect } from './intent.ts';
import { type Action, reduce } from './reducer.ts';
import type { State } from './state.ts';

/** The one state, and what happens to it. */
export interface Store {
  get(): State;
  dispatch(action: Action): void;
  subscribe(listener: () => void): () => void;
  /** Does something outside the screen's own state. */
  perform(effect: Effect): void;
}

/** @param perform does what keys ask for beyond the state. */
export function createStore(initial: State, perform: (effect: Effect) => void): Store {
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
    perform,
  };
}
