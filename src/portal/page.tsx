import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { CallInput, ControlAnswer, JsonCall } from '../contract/control/routes.ts';
import { type Address, changeAddress, writeAddress } from './address.ts';
import { CallError, type Caller } from './call.ts';
import type { Loader } from './load.ts';
import type { Action, Change, State, Store } from './state.ts';

export interface Tools {
  store: Store;
  call: Caller;
  loader: Loader;
}

/** What every view has at hand. */
export interface Page extends PageActs {
  state: State;
}

/** What can be done, without what is shown: a view that has this alone is not drawn again when something happens. */
export interface PageActs extends Tools {
  dispatch(action: Action): void;
  /** Sets what is a plain value. */
  set(change: Change): void;
  /** Shows another place, or the same otherwise; the way back stays open. */
  go(change: Partial<Address>): void;
  /** Does something, says what came of it, and has everything that is shown read again. */
  run(busy: string, task: () => Promise<string>): Promise<void>;
}

const Context = createContext<Tools | null>(null);
export const PageProvider = Context.Provider;

export function usePage(): Page {
  const acts = usePageActs();
  const { store } = acts;
  return { ...acts, state: useSyncExternalStore(store.subscribe, store.get) };
}

export function usePageActs(): PageActs {
  const tools = useContext(Context)!;
  const { store, loader } = tools;
  const { dispatch } = store;
  const set = (change: Change) => dispatch({ type: 'set', change });
  return {
    ...tools,
    dispatch,
    set,
    go(change) {
      const address = changeAddress(store.get().address, change);
      const path = writeAddress(address);
      if (path === window.location.pathname + window.location.search) return;
      // What is typed into a filter is one step back, not one for each letter.
      const typed = Object.keys(change).join() === 'query';
      window.history[typed ? 'replaceState' : 'pushState'](null, '', path);
      dispatch({ type: 'address', address });
    },
    async run(busy, task) {
      set({ message: { kind: 'busy', text: busy } });
      try {
        set({ message: { kind: 'done', text: await task() } });
        loader.nudge();
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        set({ message: { kind: 'error', text: error.message } });
      }
    },
  };
}

export interface Answered<T> {
  data: T | null;
  error: CallError | null;
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
  const key = JSON.stringify([name, input]);
  const [answer, setAnswer] = useState<Answered<ControlAnswer<N>> & { key: string; asked: number }>(NONE);
  const [asked, setAsked] = useState(0);
  const [due, setDue] = useState(0);
  const { revision, touched } = state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each thing that happened
  useEffect(() => {
    if (about.includes('*') || ['*', ...about].some((id) => touched.has(id))) setDue(revision);
  }, [revision]);
  // Things that happen faster than they are answered must not put off the answer for ever.
  const settled = answer.key === key && answer.asked === asked;
  useEffect(() => {
    if (settled) setAsked(due);
  }, [settled, due]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is the input, `asked` that it is asked again
  useEffect(() => {
    if (input === null) return;
    const gone = new AbortController();
    call(name, input, gone.signal).then(
      (data) => setAnswer({ key, asked, data, error: null }),
      (error: unknown) => {
        if (error instanceof CallError) setAnswer({ key, asked, data: null, error });
      },
    );
    return () => gone.abort();
  }, [key, asked]);
  return answer.key === key ? answer : NONE;
}

const NONE = { key: '', asked: 0, data: null, error: null };
