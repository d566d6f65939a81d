import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlError } from '../../client/errors.ts';
import type { LogPage, LogQuery } from '../../contract/control.ts';
import type { Action } from './reducer.ts';
import type { Source } from './source.ts';
import { type Filter, layoutOf, selectedRecord } from './state.ts';
import type { Store } from './store.ts';

const PAGE = 200;
/** A page that is waited for is short: beyond the screen there is time. */
const FIRST_PAGE = 60;
/** Records within this many rows of the window's edge are fetched ahead. */
const AHEAD = 100;
/** What arrives is read at most this often. */
const PULL_EVERY_MS = 120;
/** A filter that is being typed is asked for after this much silence. */
const TYPING_MS = 120;
const CLOCK_EVERY_MS = 5_000;
const RECONNECT_MS = 500;
/** While a database is looked at: how often an emulator is looked for. */
const UNTIL_STARTED_MS = 2_000;

export interface Feed {
  /** Clock, log and detail are read again soon: something was done that changes them. */
  nudge(): void;
  source(): Source;
  stop(): void;
}

/**
 * The one way by which data reaches the state. It watches the state for what is wanted, and the gateway's
 * live feed for the hint that something happened; what happened is then read from the log, which has no
 * hole: a feed that was lost, or had a gap, costs time and no record.
 *
 * @param find the source as it is now: an emulator that was started again may have another address.
 */
export function startFeed(store: Store, first: Source, find: () => Promise<Source | null>): Feed {
  let source = first;
  const stopped = new AbortController();
  const dispatch = (action: Action) => {
    if (!stopped.signal.aborted) store.dispatch(action);
  };

  // ---- the log ----
  let loadedGeneration = -1;
  let asked: 'older' | 'newer' | null = null;
  let clockReadAt = 0;
  let pulling = false;
  let pullAgain = false;
  let typing: NodeJS.Timeout | undefined;
  let place: 'newest' | 'oldest' = 'newest';

  const load = async () => {
    const { log, filter } = store.get();
    const { generation } = log;
    const from = place;
    try {
      const query = queryOf(filter);
      const page = await source.log(
        from === 'oldest' ? { ...query, after: '0', limit: FIRST_PAGE } : { ...query, limit: FIRST_PAGE },
      );
      dispatch({ type: 'log.loaded', generation, page, from });
    } catch (error) {
      dispatch({ type: 'log.failed', generation, error: describe(error) });
    }
  };
  const extend = async (way: 'older' | 'newer') => {
    const { log, filter } = store.get();
    const { generation } = log;
    asked = way;
    try {
      const edge = way === 'older' ? { cursor: log.older! } : { after: log.records[0]?.cursor ?? '0' };
      const page = await source.log({ ...queryOf(filter), ...edge, limit: PAGE });
      dispatch({ type: `log.${way}`, generation, page });
    } catch {
      // Asked again with the next change of state; a lost connection is said elsewhere.
      await delay(RECONNECT_MS);
    }
    asked = null;
    want();
  };
  const pull = async () => {
    if (pulling) {
      pullAgain = true;
      return;
    }
    pulling = true;
    do {
      pullAgain = false;
      await pullOnce();
      await delay(PULL_EVERY_MS);
    } while (pullAgain && !stopped.signal.aborted);
    pulling = false;
  };
  const pullOnce = async () => {
    for (;;) {
      const { log, filter } = store.get();
      if (log.loading || log.error !== null) return;
      const { generation } = log;
      let page: LogPage;
      try {
        page = await source.log({ ...queryOf(filter), after: log.newest, limit: PAGE });
      } catch {
        return;
      }
      dispatch({ type: 'log.arrived', generation, page });
      if (page.items.length > 0 && Date.now() - clockReadAt > 1000) void readClock();
      if (page.next_cursor === null || stopped.signal.aborted) return;
    }
  };

  // ---- the detail ----
  let detailBusy = false;
  let diagnosed: string | null = null;
  const readDetail = async () => {
    detailBusy = true;
    const record = selectedRecord(store.get());
    if (record !== null) {
      const { id, delivery_id, reference_id } = record;
      try {
        const [delivery, trace] = await Promise.all([
          source.delivery(delivery_id),
          reference_id === null ? null : source.trace(reference_id),
        ]);
        dispatch({ type: 'detail.loaded', id, delivery, trace });
      } catch (error) {
        const text =
          error instanceof ControlError && error.status === 404
            ? 'it is no longer in the log'
            : describe(error);
        dispatch({ type: 'detail.failed', id, error: text });
      }
    }
    // While records rush by, the detail need not keep up with each.
    await delay(60);
    detailBusy = false;
    want();
  };
  const readDiagnosis = async (id: string) => {
    diagnosed = id;
    try {
      const diagnosis = await source.diagnosis(id);
      dispatch({ type: 'detail.diagnosed', id, diagnosis, error: null });
    } catch (error) {
      dispatch({ type: 'detail.diagnosed', id, diagnosis: null, error: describe(error) });
    }
  };

  /** Fetches what the state calls for and nobody fetches yet. */
  const want = () => {
    if (stopped.signal.aborted) return;
    const state = store.get();
    const { log } = state;
    if (log.generation !== loadedGeneration) {
      loadedGeneration = log.generation;
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
    const record = selectedRecord(state);
    const seen = state.pane === 'detail' || layoutOf(state).wide;
    if (record !== null && seen && !detailBusy && (state.detail.id !== record.id || state.detail.stale))
      void readDetail();
    if (state.detail.id !== diagnosed) diagnosed = null;
    const { id, delivery, diagnosis, diagnosisError } = state.detail;
    if (
      seen &&
      state.tab === 'signature' &&
      id !== null &&
      diagnosed !== id &&
      diagnosis === null &&
      diagnosisError === null
    ) {
      const attempt = delivery?.log.find((one) => one.id === id);
      if (attempt && attempt.diagnosis === null && attempt.request.signature !== null) void readDiagnosis(id);
      else diagnosed = id;
    }
  };

  // ---- clock and connection ----
  const readClock = async () => {
    clockReadAt = Date.now();
    try {
      const clock = await source.clock();
      if (clock) dispatch({ type: 'clock', clock, at: Date.now() });
    } catch {
      // Said by the connection.
    }
  };
  const hint = () => void pull();

  const follow = async () => {
    let identity = await source.identity().catch(() => null);
    let lost = false;
    while (!stopped.signal.aborted) {
      const { client } = source;
      try {
        if (client === null) await delay(UNTIL_STARTED_MS, undefined, { signal: stopped.signal });
        const onState = (state: 'open' | 'lost') => {
          dispatch({ type: 'connection', connection: state, origin: source.origin });
          if (state === 'open') {
            hint();
            void readClock();
          }
        };
        // Soon looked for anew: an emulator that starts again can have another port and token.
        const options = { onState, onGap: hint, reconnectForMs: 0 };
        for await (const entry of client?.feed(stopped.signal, options) ?? []) {
          lost = false;
          if (entry.type === 'clock.changed') dispatch({ type: 'clock', clock: entry.clock, at: Date.now() });
          else if (entry.type === 'job.finished')
            dispatch({ type: 'detail.stale', referenceId: entry.reference_id });
          else hint();
        }
      } catch (error) {
        const refused = error instanceof ControlError ? `: ${describe(error)}` : '';
        if (client !== null) dispatch({ type: 'connection', connection: 'lost' });
        if (!lost && refused !== '')
          dispatch({ type: 'status', status: { kind: 'error', text: `lost${refused}` } });
        lost = true;
      }
      if (stopped.signal.aborted) return;
      await delay(RECONNECT_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      const found = await find().catch(() => null);
      if (found === null) continue;
      source = found;
      const now = await source.identity().catch(() => null);
      if (now === null) continue;
      if (now !== identity || store.get().log.error !== null) dispatch({ type: 'log.reload' });
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
    nudge() {
      hint();
      void readClock();
    },
    source: () => source,
    stop() {
      stopped.abort();
      unsubscribe();
      clearInterval(ticking);
      clearInterval(clocking);
      clearTimeout(typing);
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

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
