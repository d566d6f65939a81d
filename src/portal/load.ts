import { oneAtATime } from '../client/view-state.ts';
import type { ClockView, LogPage, LogQuery } from '../contract/control.ts';
import { CallError, type Caller, followFeed } from './call.ts';
import { type Change, filtersOf, type Store } from './state.ts';

const PAGE = 100;
/** Most that are read at once of what arrives. */
const FLOOD = 500;
/** What arrives is read at most this often, so that a flood of records does not redraw the page for each. */
const PULL_EVERY_MS = 200;
const CLOCK_EVERY_MS = 5000;

export type Loader = ReturnType<typeof startLoader>;

/**
 * The one way by which the log reaches the state. The live feed is only the hint that something happened; what
 * happened is read from the log, so that a feed that was lost costs time and no record.
 */
export function startLoader(store: Store, call: Caller, token: string, onRefused: () => void) {
  let search = new AbortController();
  let loaded = -1;
  /** The cursor of the older records that were asked for last. */
  let asked: string | null = null;
  let touched = new Set<string>();
  const listeners = new Set<(about: ReadonlySet<string>) => void>();

  const ask = async (type: 'log.loaded' | 'log.older' | 'log.arrived', edge: Partial<LogQuery>) => {
    const { log, address } = store.get();
    const { generation } = log;
    const { signal } = search;
    try {
      const query = { ...filtersOf(address), limit: PAGE, ...edge } as LogQuery;
      const page: LogPage = await call('log', { query }, signal);
      store.dispatch({ type, generation, page });
      return page;
    } catch (error) {
      if (type === 'log.loaded' && error instanceof CallError)
        store.dispatch({ type: 'log.failed', generation, error: error.message });
      return null;
    }
  };
  const set = (change: Change) => store.dispatch({ type: 'set', change });
  const showClock = (clock: ClockView) => set({ clock: { ...clock, at: Date.now() } });
  const readClock = async () => {
    const clock = await call('clock', {}).catch(() => null);
    if (clock !== null) showClock(clock);
  };
  const pull = oneAtATime(async () => {
    const about = touched;
    touched = new Set();
    let page: LogPage | null;
    do {
      const { loading, error, newest } = store.get().log;
      if (error !== null && about.has('*')) store.dispatch({ type: 'log.reload' });
      page = loading || error !== null ? null : await ask('log.arrived', { after: newest, limit: FLOOD });
    } while (page !== null && page.next_cursor !== null);
    for (const listener of [...listeners]) listener(about);
    await new Promise((resolve) => window.setTimeout(resolve, PULL_EVERY_MS));
  });
  const hint = (...ids: readonly (string | null)[]) => {
    for (const id of ids) if (id !== null) touched.add(id);
    pull();
  };
  const nudge = () => {
    hint('*');
    void readClock();
  };
  const reload = () => {
    store.dispatch({ type: 'log.reload' });
    nudge();
  };
  const onFeed: Parameters<typeof followFeed>[1] = (news) => {
    if (news === 'refused') {
      for (const one of timers) window.clearInterval(one);
      onRefused();
    } else if (typeof news === 'string') {
      set({ connection: news === 'lost' ? 'lost' : 'open' });
      if (news === 'gap') reload();
    } else if (news.type === 'clock.changed') {
      showClock(news.clock);
      hint('clock');
    } else if (news.type === 'notice') {
      if (news.replaced) reload();
      else hint('*');
    } else if ('record' in news) hint(news.record.delivery_id, news.record.reference_id);
    else {
      if (news.type === 'job.finished' && news.echo)
        set({ echoes: new Map(store.get().echoes).set(news.reference_id, news.echo.depth) });
      hint(news.reference_id);
    }
  };
  const want = () => {
    const { generation } = store.get().log;
    if (generation === loaded) return;
    loaded = generation;
    asked = null;
    search.abort();
    search = new AbortController();
    // What came while it was read may not be in it.
    void ask('log.loaded', {}).then((page) => page && hint('log'));
  };
  store.subscribe(want);
  want();
  void followFeed(token, onFeed);
  const timers = [
    window.setInterval(() => set({ now: Date.now() }), 1000),
    window.setInterval(() => void readClock(), CLOCK_EVERY_MS),
  ];

  return {
    /** Fetches the records below those in memory, once. */
    async wantOlder(): Promise<void> {
      const { older, loading } = store.get().log;
      if (loading || older === null || older === asked) return;
      asked = older;
      if ((await ask('log.older', { cursor: older })) === null) asked = null;
    },
    /** Something was done here that changes what is shown. */
    nudge,
    /**
     * Calls back when something happened, with what it was about: ids, and `*` for anything.
     *
     * @returns ends it.
     */
    onNews(listener: (about: ReadonlySet<string>) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
