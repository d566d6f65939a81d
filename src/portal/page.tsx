import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { describeClock } from '../cli/text/times.ts';
import type { CallInput, ControlAnswer, JsonCall } from '../contract/control/routes.ts';
import type { ClockMove } from '../contract/control.ts';
import { type Address, writeAddress } from './address.ts';
import { CallError, type Caller } from './call.ts';
import type { Loader } from './load.ts';
import type { Action, State, Store } from './state.ts';

/** What every view has at hand. */
export interface Page {
  state: State;
  dispatch(action: Action): void;
  call: Caller;
  loader: Loader;
  /** Shows another place, or the same otherwise; the way back stays open. */
  go(change: Partial<Address>): void;
  /** Does something and says what came of it. `null`: nothing to say. */
  run(busy: string, task: () => Promise<string | null>): Promise<void>;
}

export interface Tools {
  store: Store;
  call: Caller;
  loader: Loader;
}

const Context = createContext<Tools | null>(null);
export const PageProvider = Context.Provider;

export function usePage(): Page {
  const { store, call, loader } = useContext(Context)!;
  const state = useSyncExternalStore(store.subscribe, store.get);
  const { dispatch } = store;
  return {
    state,
    dispatch,
    call,
    loader,
    go: (change) => go(store, change),
    async run(busy, task) {
      dispatch({ type: 'message', message: { kind: 'busy', text: busy } });
      try {
        const text = await task();
        dispatch({ type: 'message', message: text === null ? null : { kind: 'done', text } });
        loader.nudge();
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        dispatch({ type: 'message', message: { kind: 'error', text: error.message } });
      }
    },
  };
}

/** Another place starts without the filters of this one. */
export function go(store: Store, change: Partial<Address>): void {
  const { address } = store.get();
  const same = change.place === undefined || change.place === address.place;
  const next = { ...(same ? address : { ...address, id: null, query: {} }), ...change };
  const path = writeAddress(next);
  if (path === window.location.pathname + window.location.search) return;
  window.history.pushState(null, '', path);
  store.dispatch({ type: 'address', address: next });
}

export interface Answered<T> {
  data: T | null;
  error: string | null;
}

/**
 * What a call answers, asked again when something happened to one of `about` (`*`: to anything). What was shown stays
 * until the next answer.
 */
export function useCall<N extends JsonCall>(
  name: N,
  input: CallInput<N> | null,
  about: readonly string[] = ['*'],
): Answered<ControlAnswer<N>> {
  const { state, call } = usePage();
  const [answer, setAnswer] = useState<Answered<ControlAnswer<N>> & { key: string }>(EMPTY);
  const key = JSON.stringify([name, input]);
  const [due, setDue] = useState(0);
  const { revision, touched } = state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again once for each thing that happened
  useEffect(() => {
    if (touched.has('*') || about.includes('*') || about.some((id) => touched.has(id))) setDue(revision);
  }, [revision]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is the input, `due` that something happened
  useEffect(() => {
    if (input === null) return;
    const gone = new AbortController();
    call(name, input, gone.signal).then(
      (data) => setAnswer({ key, data, error: null }),
      (error: unknown) => {
        if (error instanceof CallError) setAnswer({ key, data: null, error: error.message });
      },
    );
    return () => gone.abort();
  }, [key, due]);
  return answer.key === key ? answer : EMPTY;
}

const EMPTY = { key: '', data: null, error: null };

/** Moves the clock, and says what it did. */
export async function moveClock(page: Page, command: ClockCommand): Promise<void> {
  await page.run('the clock moves', async () => {
    const { fired, unlisted, clock }: ClockMove = await callClock(page.call, command);
    page.dispatch({ type: 'clock', clock, at: Date.now() });
    const count = fired.length + unlisted;
    const made = count === 0 ? '' : `, ${count} ${count === 1 ? 'attempt' : 'attempts'} made`;
    return `the clock ${describeClock(clock)}${made}`;
  });
}

export type ClockCommand =
  | 'clockPause'
  | 'clockResume'
  | 'clockNext'
  | 'clockDrain'
  | { ms: number }
  | { speed: number | 'max' | 'manual' };

function callClock(call: Caller, command: ClockCommand): Promise<ClockMove> {
  if (typeof command === 'string') return call(command, {});
  if ('ms' in command) return call('clockAdvance', { body: command });
  return call('clockSpeed', { body: command });
}
