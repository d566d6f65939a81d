import { createStore as createViewStore, type Store as ViewStore } from '../../client/view-state.ts';
import type { Effect } from './intent.ts';
import { type Action, reduce } from './reducer.ts';
import type { State } from './state.ts';

export interface Store extends ViewStore<State, Action> {
  /** Does something outside the screen's own state. */
  perform(effect: Effect): void;
}

/** @param perform does what keys ask for beyond the state. */
export function createStore(initial: State, perform: (effect: Effect) => void): Store {
  return { ...createViewStore(initial, reduce), perform };
}
