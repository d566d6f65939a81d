import type { FeedEntry, LogPage, LogQuery } from '../contract/control.ts';
import { CallError, type Caller, followFeed } from './call.ts';
import { FILTERS } from './state.ts';
import type { Store } from './store.ts';

const PAGE = 100;
/** What arrives is read at most this often, so that a flood of records does not redraw the page for each. */
const PULL_EVERY_MS = 200;
const CLOCK_EVERY_MS = 5000;

export interface Loader {
  /** Fetches the records below those in memory, once at a time. */
  wantOlder(): void;
  /** Something was done here that changes what is shown. */
  nudge(): void;
  stop(): void;
}

/**
 * The one way by which the log reaches the state. The live feed is only the hint that something happened; what
 * happened is read from the log, so that a feed that was lost costs time and no record.
 */
export function startLoader(store: Store, call: Caller, token: string): Loader {
  const stopped = new AbortController();
  let search = new AbortController();
  let loaded = -1;
  let asking = false;
  let timer: number | undefined;
  let again = false;
  const touched = new Set<string>();

  const ask = async (type: 'log.loaded' | 'log.older' | 'log.arrived', edge: Partial<LogQuery>) => {
    const { log, address } = store.get();
    const { generation } = log;
    const { signal } = search;
    const filters = Object.fromEntries(FILTERS.map((name) => [name, address.query[name] || undefined]));
    try {
      const query = { ...filters, ...edge, limit: PAGE } as LogQuery;
      const page: LogPage = await call('log', { query }, signal);
      store.dispatch({ type, generation, page });
      return page;
    } catch (error) {
      if (type === 'log.loaded' && error instanceof CallError)
        store.dispatch({ type: 'log.failed', generation, error: error.message });
      return null;
    }
  };
  const readClock = async () => {
    const clock = await call('clock', {}, stopped.signal).catch(() => null);
    if (clock !== null) store.dispatch({ type: 'clock', clock, at: Date.now() });
  };
  const pull = async () => {
    const { log } = store.get();
    if (!log.loading && log.error === null) {
      let page = await ask('log.arrived', { after: log.newest });
      while (page !== null && page.next_cursor !== null)
        page = await ask('log.arrived', { after: store.get().log.newest });
    }
    const ids = [...touched];
    touched.clear();
    if (ids.length > 0) store.dispatch({ type: 'happened', ids });
  };
  const hint = (...ids: readonly (string | null)[]) => {
    for (const id of ids) if (id !== null) touched.add(id);
    if (timer !== undefined) {
      again = true;
      return;
    }
    void pull();
    timer = window.setTimeout(() => {
      timer = undefined;
      if (again) hint();
      again = false;
    }, PULL_EVERY_MS);
  };
  const reload = () => {
    store.dispatch({ type: 'log.reload' });
    void readClock();
    hint('*');
  };
  const onEntry = (entry: FeedEntry) => {
    if (entry.type === 'clock.changed') {
      store.dispatch({ type: 'clock', clock: entry.clock, at: Date.now() });
      hint('clock');
    } else if (entry.type === 'notice') {
      if (entry.replaced) reload();
      else hint('*');
    } else if ('record' in entry) hint(entry.record.delivery_id, entry.record.reference_id);
    else {
      if (entry.type === 'job.finished' && entry.echo)
        store.dispatch({ type: 'echo', reference: entry.reference_id, depth: entry.echo.depth });
      hint(entry.reference_id);
    }
  };
  const want = () => {
    const { generation } = store.get().log;
    if (generation === loaded) return;
    loaded = generation;
    search.abort();
    search = new AbortController();
    void ask('log.loaded', {});
  };
  const unsubscribe = store.subscribe(want);
  want();
  void followFeed(
    token,
    {
      onEntry,
      onState: (connection) => store.dispatch({ type: 'connection', connection }),
      onGap: reload,
      onRefused: () => store.dispatch({ type: 'connection', connection: 'refused' }),
    },
    stopped.signal,
  );
  const ticking = window.setInterval(() => store.dispatch({ type: 'tick', now: Date.now() }), 1000);
  const clocking = window.setInterval(() => void readClock(), CLOCK_EVERY_MS);

  return {
    async wantOlder() {
      const { older } = store.get().log;
      if (asking || older === null) return;
      asking = true;
      await ask('log.older', { cursor: older });
      asking = false;
    },
    nudge() {
      hint('*');
      void readClock();
    },
    stop() {
      stopped.abort();
      search.abort();
      unsubscribe();
      window.clearInterval(ticking);
      window.clearInterval(clocking);
    },
  };
}
