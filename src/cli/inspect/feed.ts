import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlError } from '../../client/errors.ts';
import { oneAtATime } from '../../client/view-state.ts';
import type { LogPage, LogQuery } from '../../contract/control.ts';
import { createDetailFeed } from './detail-feed.ts';
import { createJobWatch } from './job-watch.ts';
import type { Action, Store } from './reducer.ts';
import { describe, type Source } from './source.ts';
import { type Filter, layoutOf } from './state.ts';

const PAGE = 200;
/** A page that is waited for is short: beyond the screen there is time. */
const FIRST_PAGE = 60;
/** Records within this many rows of the window's edge are fetched ahead. */
const AHEAD = 100;
/** What arrives is read at most this often. */
const PULL_EVERY_MS = 120;
/** A filter that is being typed is asked for after this much silence. */
const TYPING_MS = 120;
/** The clock is read so often at most, when much happens. */
const CLOCK_APART_MS = 250;
const CLOCK_EVERY_MS = 5_000;
const REPLACED_SHOWN_MS = 30_000;
const RECONNECT_MS = 500;
/** How often an emulator is looked for while there is none. */
const UNTIL_STARTED_MS = 2_000;

export type Feed = ReturnType<typeof startFeed>;

/**
 * The one way by which data reaches the state. It watches the state for what is wanted, and the gateway's
 * live feed for the hint that something happened; what happened is then read from the log, which has no
 * hole: a feed that was lost, or had a gap, costs time and no record.
 *
 * @param find the source as it is now: an emulator that was started again may have another address.
 */
export function startFeed(store: Store, first: Source, find: () => Promise<Source | null>) {
  let source = first;
  const stopped = new AbortController();
  const dispatch = (action: Action) => {
    if (!stopped.signal.aborted) store.dispatch(action);
  };

  const pause = (ms: number) => delay(ms, undefined, { signal: stopped.signal }).catch(() => undefined);

  const jobs = createJobWatch();

  // ---- the log ----
  let loadedGeneration = -1;
  let asked: 'older' | 'newer' | null = null;
  let clockReadAt = 0;
  let clockReads = 0;
  let clockShown = 0;
  let clockTimer: NodeJS.Timeout | undefined;
  let typing: NodeJS.Timeout | undefined;
  /** Of all that is asked for the filter as it is: what was asked for another need not be answered. */
  let search = new AbortController();
  let place: 'newest' | 'oldest' = 'newest';

  const load = async () => {
    const { log, filter } = store.get();
    const { generation } = log;
    const from = place;
    const { signal } = search;
    try {
      const edge = from === 'oldest' ? { after: '0' } : {};
      const page = await source.log({ ...queryOf(filter), ...edge, limit: FIRST_PAGE }, signal);
      dispatch({ type: 'log.loaded', generation, page, from });
    } catch (error) {
      if (!signal.aborted) dispatch({ type: 'log.failed', generation, error: describe(error) });
    }
  };
  const extend = async (way: 'older' | 'newer') => {
    const { log, filter } = store.get();
    const { generation } = log;
    const { signal } = search;
    asked = way;
    try {
      const edge = way === 'older' ? { cursor: log.older! } : { after: log.records[0]?.cursor ?? '0' };
      const page = await source.log({ ...queryOf(filter), ...edge, limit: PAGE }, signal);
      dispatch({ type: `log.${way}`, generation, page });
    } catch {
      // Asked again with the next change of state; a lost connection is said elsewhere.
      if (!signal.aborted) await pause(RECONNECT_MS);
    }
    asked = null;
    want();
  };
  const hint = oneAtATime(async () => {
    const marks = jobs.changed();
    if (marks !== null) dispatch({ type: 'jobs', marks });
    await pull();
    await pause(PULL_EVERY_MS);
  });
  const pull = async () => {
    while (!stopped.signal.aborted) {
      const { log, filter } = store.get();
      if (log.loading || log.error !== null) return;
      const { generation } = log;
      let page: LogPage;
      try {
        page = await source.log({ ...queryOf(filter), after: log.newest, limit: PAGE }, search.signal);
      } catch {
        return;
      }
      dispatch({ type: 'log.arrived', generation, page });
      if (page.items.length > 0) readClockSoon();
      if (page.next_cursor === null) return;
    }
  };

  const wantDetail = createDetailFeed(store.get, dispatch, () => source);

  /** Fetches what the state calls for and nobody fetches yet. */
  const want = () => {
    if (stopped.signal.aborted) return;
    const state = store.get();
    const { log } = state;
    if (log.generation !== loadedGeneration) {
      loadedGeneration = log.generation;
      search.abort();
      search = new AbortController();
      place = log.following ? 'newest' : 'oldest';
      clearTimeout(typing);
      typing = setTimeout(() => void load(), state.filter.editing ? TYPING_MS : 0);
    }
    if (asked === null && !log.loading && log.error === null) {
      const { listRows } = layoutOf(state);
      const short = log.records.length < listRows;
      if (log.older !== null && (short || log.top + listRows + AHEAD > log.records.length))
        void extend('older');
      else if (!log.atHead && log.top < AHEAD) void extend('newer');
    }
    wantDetail();
  };

  // ---- clock and connection ----
  const readClock = async () => {
    clockReadAt = Date.now();
    const read = ++clockReads;
    try {
      const clock = await source.clock();
      // One that was asked for later may have been answered sooner.
      if (clock === null || read < clockShown) return;
      clockShown = read;
      dispatch({ type: 'clock', clock, at: Date.now() });
    } catch {
      // Said by the connection.
    }
  };
  /** What is pending changes with every attempt, also with the last of many that came at once. */
  const readClockSoon = () => {
    clockTimer ??= setTimeout(
      () => {
        clockTimer = undefined;
        void readClock();
      },
      Math.max(0, clockReadAt + CLOCK_APART_MS - Date.now()),
    );
  };
  const readJobs = async () => {
    if (source.client === null) return;
    await jobs.read(source.client).catch(() => undefined); // said by the connection
    hint();
  };
  /** What is shown may be gone, when it is not known what happened: the log was emptied, or another put in its place. */
  const checkHead = async () => {
    const head = store.get().log.records[0];
    if (head === undefined) return hint();
    try {
      const place = String(Number(head.cursor) + 1);
      const { items } = await source.log({ ...queryOf(store.get().filter), cursor: place, limit: 1 });
      if (items[0]?.id === head.id) return hint();
    } catch {
      return;
    }
    replaced('the log is another one now: it was reset or restored meanwhile');
  };
  const replaced = (why: string) => {
    dispatch({ type: 'log.replaced', why, until: Date.now() + REPLACED_SHOWN_MS });
    void readClock();
    void readJobs();
  };

  const follow = async () => {
    let identity = await source.identity().catch(() => null);
    let lost = false;
    let again = source.client === null ? UNTIL_STARTED_MS : RECONNECT_MS;
    while (!stopped.signal.aborted) {
      const { client } = source;
      try {
        const onState = (state: 'open' | 'lost') => {
          dispatch({ type: 'connection', connection: state, origin: source.origin });
          if (state === 'open') {
            again = RECONNECT_MS;
            void checkHead();
            void readClock();
            void readJobs();
          }
        };
        // Soon looked for anew: an emulator that starts again can have another port and token.
        const options = { onState, onGap: checkHead, reconnectForMs: 0 };
        for await (const entry of client?.feed(stopped.signal, options) ?? []) {
          lost = false;
          if (entry.type === 'clock.changed') dispatch({ type: 'clock', clock: entry.clock, at: Date.now() });
          else if (entry.type === 'notice' && entry.replaced) replaced(entry.text);
          else if (entry.type === 'job.started' || entry.type === 'job.finished') {
            jobs.see(entry);
            dispatch({ type: 'detail.stale', referenceId: entry.reference_id });
            hint();
          } else hint();
        }
      } catch (error) {
        const refused = error instanceof ControlError ? `: ${describe(error)}` : '';
        if (client !== null) dispatch({ type: 'connection', connection: 'lost' });
        if (!lost && refused !== '')
          dispatch({ type: 'status', status: { kind: 'error', text: `lost${refused}` } });
        lost = true;
      }
      if (stopped.signal.aborted) return;
      await pause(again);
      again = Math.min(again * 2, UNTIL_STARTED_MS);
      const found = await find().catch(() => null);
      if (found === null) continue;
      source = found;
      const now = await source.identity().catch(() => null);
      if (now === null) continue;
      if (now !== identity) replaced('this is another log than before');
      else if (store.get().log.error !== null) dispatch({ type: 'log.reload' });
      identity = now;
    }
  };

  const unsubscribe = store.subscribe(want);
  const ticking = setInterval(() => dispatch({ type: 'tick', now: Date.now() }), 1000);
  const clocking = setInterval(() => {
    if (store.get().connection === 'open') void readClock();
  }, CLOCK_EVERY_MS);
  dispatch({
    type: 'connection',
    connection: source.client === null ? 'read-only' : 'connecting',
    origin: source.origin,
  });
  want();
  void follow();

  return {
    /** Clock, log and detail are read again soon: something was done that changes them. */
    nudge() {
      hint();
      void readClock();
    },
    source: () => source,
    stop() {
      stopped.abort();
      search.abort();
      unsubscribe();
      clearInterval(ticking);
      clearInterval(clocking);
      clearTimeout(typing);
      clearTimeout(clockTimer);
    },
  };
}

function queryOf({ text, direction, outcome }: Filter): Partial<LogQuery> {
  return {
    text: text.trim() === '' ? undefined : text.trim(),
    direction: direction ?? undefined,
    outcome: outcome ?? undefined,
  };
}
