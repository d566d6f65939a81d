import { clearTimeout, setTimeout } from 'node:timers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Criterion, checkDelivery, findClosest, type Matchable } from '../../contract/delivery-match.ts';
import type { DeliveryWaitResult, OutgoingView } from '../../contract/delivery-wait.ts';
import { isRecord } from '../../contract/is-record.ts';
import { parseJson } from '../../contract/json.ts';
import type { LiveFeed } from '../live-feed.ts';
import {
  type DeliveryColumns,
  type DeliveryWithBody,
  listNewestDeliveries,
  SEARCHED,
  searchDeliveries,
} from '../store/delivery-search.ts';
import { listLogOfDelivery } from '../store/log.ts';
import { seqsOf } from '../store/seqs.ts';
import type { Store } from '../store/store.ts';
import { monotonicNow } from '../time/wall.ts';
import { SLICE_MS } from './search-slice.ts';
import { type ViewClock, viewBody, viewDelivery } from './view-record.ts';

/** Rows that are read in one go. */
const PAGE = 200;
/** Rows among which SQLite looks at once. */
const SPAN = 5000;
/** Among so many of the newest deliveries the closest is looked for. */
const CLOSEST_AMONG = 500;

/** What a wait came to. `closest` is `null` also when there was no delivery at all. */
export type WaitOutcome = Omit<DeliveryWaitResult, 'version'>;

/** Finds outgoing deliveries by what they say, and waits for them. */
export type DeliveryWatch = ReturnType<typeof createDeliveryWatch>;

export function createDeliveryWatch(parts: { store: Store; clock: ViewClock; liveFeed: LiveFeed }) {
  const { store, clock, liveFeed } = parts;
  const view = (row: DeliveryWithBody) => viewOutgoing(store, clock, row);

  /** Deliveries of references that have just changed, read and parsed once for all who wait. */
  const changed = new Map<string | null, { row: DeliveryWithBody; delivery: Matchable }[]>();
  // Before anybody who waits hears of a change, so that nobody looks at what was.
  liveFeed.onAnyTouch((referenceId) => changed.delete(referenceId));
  function readChanged(referenceId: string) {
    let found = changed.get(referenceId);
    if (!found) {
      if (changed.size === 0) void nextTurn().then(() => changed.clear());
      const range = { after: 0, to: seqsOf(store, 'delivery').newest };
      const rows = searchDeliveries(store, { reference_id: referenceId }, range, PAGE);
      found = rows.map((row) => ({ row, delivery: matchable(store, row) }));
      changed.set(referenceId, found);
    }
    return found;
  }

  /** Looks at one delivery after the other, oldest first; yields those that fit, and `null` now and then. */
  function* look(criteria: readonly Criterion[], columns: DeliveryColumns): Generator<OutgoingView | null> {
    const { oldest, newest } = seqsOf(store, 'delivery');
    for (let after = oldest - 1; after < newest; ) {
      // What an index finds is found at once; else SQLite would go through the whole table in one go.
      const to = columns.reference_id === undefined ? after + SPAN : newest;
      const rows = searchDeliveries(store, columns, { after, to }, PAGE);
      for (const row of rows) yield fits(store, row, criteria) ? view(row) : null;
      after = rows.length < PAGE ? to : rows.at(-1)!.seq;
      yield null;
    }
  }

  /** The oldest that fits. Gives way to the gateway's work where `slice` is over; ends early when `isOver`. */
  async function findFirst(
    criteria: readonly Criterion[],
    columns: DeliveryColumns,
    slice: { began: number },
    isOver: () => boolean,
  ): Promise<OutgoingView | null> {
    for (const found of look(criteria, columns)) {
      if (found) return found;
      if (monotonicNow() - slice.began < SLICE_MS) continue;
      await nextTurn();
      if (isOver()) return null;
      slice.began = monotonicNow();
    }
    return null;
  }

  function closest(criteria: readonly Criterion[]): WaitOutcome['closest'] {
    const newest = listNewestDeliveries(store, CLOSEST_AMONG);
    const columns = Object.entries(columnsOf(criteria)) as [keyof DeliveryColumns, string][];
    const isOf = (row: (typeof newest)[number]) => columns.every(([name, value]) => row[name] === value);
    // Of equally close ones that of the reference or ATS that was asked for: it goes first.
    const ordered = [...newest.filter(isOf), ...newest.filter((row) => !isOf(row))];
    const rows = new Map(ordered.map((row) => [row.id, row]));
    const best = findClosest(
      [...rows.values()].map((row) => matchable(store, row)),
      criteria,
    );
    return best.delivery === null ? null : { delivery: view(rows.get(best.delivery)!), checks: best.checks };
  }

  return {
    /** All that fit, oldest first. */
    list: (criteria: readonly Criterion[]): OutgoingView[] =>
      [...look(criteria, columnsOf(criteria))].filter((one) => one !== null),

    /**
     * Waits for one that fits; the oldest where several do.
     *
     * @param timeoutMs wall milliseconds.
     * @returns `null` when `signal` was aborted.
     */
    wait(
      criteria: readonly Criterion[],
      timeoutMs: number,
      signal: AbortSignal,
    ): Promise<WaitOutcome | null> {
      const columns = columnsOf(criteria);
      return new Promise((resolve, reject) => {
        const touched = new Set<string>();
        let scheduled = false;
        let over = false;
        /** One look after the other, so that the oldest is found first. */
        let work: Promise<void> = Promise.resolve();
        const end = () => {
          over = true;
          clearTimeout(timer);
          unwatch();
          signal.removeEventListener('abort', giveUp);
        };
        // Nobody listens any more, and the database may be closed.
        const giveUp = () => {
          end();
          resolve(null);
        };
        const isOver = () => over;
        /** One for all looks: many short ones hold the event loop as a long one does. */
        const slice = { began: monotonicNow() };
        const lookAt = async (scope: DeliveryColumns) => {
          if (over) return;
          const delivery = await findFirst(criteria, scope, slice, isOver);
          if (over || delivery === null) return;
          end();
          resolve({ met: true, delivery, closest: null });
        };
        const then = (next: () => Promise<void>) => {
          work = work.then(next).catch((error) => {
            end();
            reject(error);
          });
        };
        // Once a turn, and only what changed: thousands of deliveries may end while one is waited for.
        const lookAtTouched = async () => {
          await nextTurn();
          slice.began = monotonicNow();
          scheduled = false;
          const references = [...touched].filter((id) => (columns.reference_id ?? id) === id);
          touched.clear();
          for (const id of references) {
            if (monotonicNow() - slice.began >= SLICE_MS) {
              await nextTurn();
              slice.began = monotonicNow();
            }
            if (over) return;
            const found = readChanged(id);
            // A page is the rest of them only where it is not full.
            if (found.length === PAGE || found.some((one) => fitsAll(one.delivery, criteria)))
              await lookAt({ ...columns, reference_id: id });
          }
        };
        const unwatch = liveFeed.onAnyTouch((referenceId) => {
          if (referenceId === null) return then(() => lookAt(columns));
          touched.add(referenceId);
          if (scheduled) return;
          scheduled = true;
          then(lookAtTouched);
        });
        const timer = setTimeout(() => {
          then(() => lookAt(columns));
          then(async () => {
            if (over) return;
            end();
            resolve({ met: false, delivery: null, closest: closest(criteria) });
          });
        }, timeoutMs);
        signal.addEventListener('abort', giveUp, { once: true });
        if (signal.aborted) giveUp();
        else then(() => lookAt(columns));
      });
    },
  };
}

/** A delivery with what was sent, parsed. */
function viewOutgoing(store: Store, clock: ViewClock, row: DeliveryWithBody): OutgoingView {
  const { status, error, data } = parseBody(row);
  return {
    ...viewDelivery(store, clock, row),
    status: status === 'success' || status === 'failed' ? status : null,
    error: isRecord(error) ? { code: String(error.code), message: String(error.message) } : null,
    data: isRecord(data) ? data : null,
    body: viewBody(row.body, undefined, Number.POSITIVE_INFINITY),
  };
}

function parseBody({ body }: DeliveryWithBody): Record<string, unknown> {
  const parsed = parseJson(body);
  return parsed.ok && isRecord(parsed.value) ? parsed.value : {};
}

function fits(store: Store, row: DeliveryWithBody, criteria: readonly Criterion[]): boolean {
  return fitsAll(matchable(store, row), criteria);
}

function fitsAll(delivery: Matchable, criteria: readonly Criterion[]): boolean {
  return criteria.every((criterion) => checkDelivery(delivery, [criterion]).met);
}

/** What criteria may ask of a delivery; body and log are looked at only when one does. */
function matchable(store: Store, row: DeliveryWithBody): Matchable {
  let payload: Record<string, unknown> | undefined;
  let outcome: Matchable['last_outcome'] | undefined;
  return {
    ...row,
    test: row.test === 1,
    get last_outcome() {
      outcome ??= listLogOfDelivery(store, row.id).at(-1)?.outcome ?? null;
      return outcome;
    },
    get payload() {
      if (payload) return payload;
      const { status, data } = parseBody(row);
      payload = {
        ...(status === 'success' || status === 'failed' ? { status } : {}),
        ...(isRecord(data) ? { data } : {}),
      };
      return payload;
    },
  };
}

/** What of it an index, or at least SQLite, can find. */
function columnsOf(criteria: readonly Criterion[]): DeliveryColumns {
  const columns: DeliveryColumns = {};
  for (const { path, expected } of criteria) {
    const name = SEARCHED.find((one) => one === path[0]);
    if (name !== undefined && expected !== undefined) columns[name] = String(expected);
  }
  return columns;
}
