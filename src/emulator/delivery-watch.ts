import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import {
  type CheckedCriterion,
  type Criterion,
  checkDelivery,
  findClosest,
  type Matchable,
} from '../contract/delivery-match.ts';
import type { OutgoingView } from '../contract/delivery-wait.ts';
import { parseJson } from '../contract/json.ts';
import type { Journal } from './journal.ts';
import { type ViewClock, viewBody, viewDelivery } from './log-view.ts';
import {
  type DeliveryColumns,
  type DeliveryWithBody,
  listNewestDeliveries,
  searchDeliveries,
} from './store/delivery-search.ts';
import type { Store } from './store/store.ts';

/** Rows that are looked at in one go. */
const PAGE = 200;
/** Among so many of the newest deliveries the closest is looked for. */
const CLOSEST_AMONG = 500;

export interface Closest {
  delivery: OutgoingView;
  checks: CheckedCriterion[];
}

export type WaitOutcome =
  | { met: true; delivery: OutgoingView }
  /** Not within the time; `closest` is `null` when there was no delivery at all. */
  | { met: false; closest: Closest | null };

/** Finds outgoing deliveries by what they say, and waits for them. */
export interface DeliveryWatch {
  /** All that fit, oldest first. */
  list(criteria: readonly Criterion[]): OutgoingView[];
  /**
   * Waits for one that fits; the oldest where several do.
   *
   * @param timeoutMs wall milliseconds.
   * @returns `null` when `signal` was aborted.
   */
  wait(criteria: readonly Criterion[], timeoutMs: number, signal: AbortSignal): Promise<WaitOutcome | null>;
}

export function createDeliveryWatch(parts: {
  store: Store;
  clock: ViewClock;
  journal: Journal;
}): DeliveryWatch {
  const { store, clock, journal } = parts;
  const view = (row: DeliveryWithBody) => viewOutgoing(store, clock, row);

  function* matching(criteria: readonly Criterion[], columns: DeliveryColumns): Generator<OutgoingView> {
    for (let after = 0; ; ) {
      const rows = searchDeliveries(store, columns, after, PAGE);
      for (const row of rows) {
        const delivery = view(row);
        if (checkDelivery(matchable(delivery), criteria).met) yield delivery;
      }
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.seq;
    }
  }

  function first(criteria: readonly Criterion[], columns: DeliveryColumns): OutgoingView | undefined {
    for (const delivery of matching(criteria, columns)) return delivery;
    return undefined;
  }

  function closest(criteria: readonly Criterion[]): Closest | null {
    const found = new Map(listNewestDeliveries(store, CLOSEST_AMONG).map((row) => [row.id, view(row)]));
    const best = findClosest([...found.values()].map(matchable), criteria);
    return best.delivery === null ? null : { delivery: found.get(best.delivery)!, checks: best.checks };
  }

  return {
    list: (criteria) => [...matching(criteria, columnsOf(criteria))],

    wait(criteria, timeoutMs, signal) {
      const columns = columnsOf(criteria);
      return new Promise((resolve, reject) => {
        const touched = new Set<string>();
        let scheduled = false;
        const end = (outcome: WaitOutcome | null) => {
          clearTimeout(timer);
          unwatch();
          signal.removeEventListener('abort', giveUp);
          resolve(outcome);
        };
        // Nobody listens any more, and the database may be closed.
        const giveUp = () => end(null);
        const look = (scope: DeliveryColumns): boolean => {
          const delivery = first(criteria, scope);
          if (delivery) end({ met: true, delivery });
          return delivery !== undefined;
        };
        // Once a turn, and only what changed: thousands of deliveries may end while one is waited for.
        const lookAtTouched = () => {
          scheduled = false;
          if (signal.aborted) return;
          const references = [...touched].filter((id) => (columns.reference_id ?? id) === id);
          touched.clear();
          try {
            for (const id of references) if (look({ ...columns, reference_id: id })) return;
          } catch (error) {
            reject(error);
          }
        };
        const unwatch = journal.onAnyTouch((referenceId) => {
          touched.add(referenceId);
          if (scheduled) return;
          scheduled = true;
          setImmediate(lookAtTouched);
        });
        const timer = setTimeout(() => {
          if (!look(columns)) end({ met: false, closest: closest(criteria) });
        }, timeoutMs);
        signal.addEventListener('abort', giveUp, { once: true });
        if (signal.aborted) giveUp();
        else look(columns);
      });
    },
  };
}

/** A delivery with what was sent, parsed. */
function viewOutgoing(store: Store, clock: ViewClock, row: DeliveryWithBody): OutgoingView {
  const parsed = parseJson(row.body);
  const value = parsed.ok && isRecord(parsed.value) ? parsed.value : {};
  const { status, error, data } = value;
  return {
    ...viewDelivery(store, clock, row),
    status: status === 'success' || status === 'failed' ? status : null,
    error: isRecord(error) ? { code: String(error.code), message: String(error.message) } : null,
    data: isRecord(data) ? data : null,
    body: viewBody(row.body, undefined, Number.POSITIVE_INFINITY),
  };
}

function matchable(delivery: OutgoingView): Matchable {
  const { status, data } = delivery;
  return {
    ...delivery,
    payload: { ...(status === null ? {} : { status }), ...(data === null ? {} : { data }) },
  };
}

/** What of it an index, or at least SQLite, can find. */
function columnsOf(criteria: readonly Criterion[]): DeliveryColumns {
  const columns: Record<string, string> = {};
  for (const { path, expected } of criteria) {
    const [name] = path;
    if (['event', 'event_id', 'reference_id', 'client_id', 'ats_id'].includes(String(name)))
      columns[String(name)] = String(expected);
  }
  return columns;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
