import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { oneAtATime } from '../client/view-state.ts';
import type { CallInput, ControlAnswer, JsonCall } from '../contract/control/routes.ts';
import { type Address, changeAddress, writeAddress } from './address.ts';
import { CallError, type Caller } from './call.ts';
import type { Loader } from './load.ts';
import type { Change, Store } from './state.ts';

/** What can be done on the page, whatever it shows. */
export function createActs(store: Store, call: Caller, loader: Loader) {
  const { dispatch } = store;
  /** Sets what is a plain value. */
  const set = (change: Change) => dispatch({ type: 'set', change });
  return {
    store,
    call,
    loader,
    dispatch,
    set,
    /** Shows another place, or the same otherwise; the way back stays open. */
    go(change: Partial<Address>): void {
      const address = changeAddress(store.get().address, change);
      const path = writeAddress(address);
      if (path === window.location.pathname + window.location.search) return;
      // What is typed into a filter is one step back, not one for each letter.
      const typed = Object.keys(change).join() === 'query';
      window.history[typed ? 'replaceState' : 'pushState'](null, '', path);
      dispatch({ type: 'address', address });
    },
    /** Does something, says what came of it, and has everything that is shown read again. */
    async run(busy: string, task: () => Promise<string>): Promise<void> {
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

export type Acts = ReturnType<typeof createActs>;
export type Page = ReturnType<typeof usePage>;

const Context = createContext<Acts | null>(null);
export const PageProvider = Context.Provider;

/** For a view that need not be drawn again when something happens. */
export function useActs(): Acts {
  return useContext(Context)!;
}

/** What can be done, and what is shown. */
export function usePage() {
  const acts = useActs();
  return { ...acts, state: useSyncExternalStore(acts.store.subscribe, acts.store.get) };
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
  const { call, loader } = useActs();
  const key = JSON.stringify([name, input]);
  const [answer, setAnswer] = useState<Answered<ControlAnswer<N>> & { key: string }>(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is the input, and what it is about
  useEffect(() => {
    if (input === null) return;
    const gone = new AbortController();
    const ask = oneAtATime(async () => {
      try {
        setAnswer({ key, data: await call(name, input, gone.signal), error: null });
      } catch (error) {
        if (!(error instanceof CallError)) return;
        // What a gateway that is gone said stays, and what is being written about it.
        setAnswer((before) => ({
          key,
          data: error.status === 0 && before.key === key ? before.data : null,
          error,
        }));
      }
    });
    const stop = loader.onNews((happened) => {
      if (about.includes('*') || ['*', ...about].some((id) => happened.has(id))) ask();
    });
    ask();
    return () => {
      gone.abort();
      stop();
    };
  }, [key]);
  return answer.key === key ? answer : NONE;
}

const NONE = { key: '', data: null, error: null };
