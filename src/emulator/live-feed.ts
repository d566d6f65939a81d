import { clearTimeout, setTimeout } from 'node:timers';
import type { FeedEntry } from '../contract/control.ts';
import { storageTrouble } from './store/storage-trouble.ts';
import { monotonicNow, wallNow } from './time/wall.ts';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A feed entry without what the live feed adds. */
export type NewEntry = DistributiveOmit<FeedEntry, 'seq' | 'at'>;

/**
 * Tells whoever listens what happened, after it is durable. The database is the truth: what a
 * listener misses it can read there. Telling never throws: it comes after the commit, and often before the answer.
 */
export type LiveFeed = ReturnType<typeof createLiveFeed>;

export interface Following {
  missed: FeedEntry[];
  gap: boolean;
  /** Number of the entry before the first of `missed`, or before what comes next. */
  startsAfter: number;
  stop(): void;
}

/** Entries that are kept for followers that come back. */
const TAIL = 2000;

export function createLiveFeed() {
  const listeners = new Set<(entry: FeedEntry) => void>();
  const anyWatchers = new Set<(referenceId: string | null) => void>();
  const watchers = new Map<string, Set<() => void>>();
  // Grows over restarts too, so that a follower that comes back does not take new entries for old ones.
  let seq = wallNow() * 1000;
  /** The newest entries, once there are followers; `tailFrom` is the number before the oldest. */
  let tail: FeedEntry[] | null = null;
  let tailFrom = 0;
  const tell = (listener: () => void) => {
    try {
      listener();
    } catch (error) {
      liveFeed.publish(() => asNotice(error));
    }
  };
  const subscribe = (listener: (entry: FeedEntry) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const liveFeed = {
    /** Publishes one entry; `make` runs only when somebody listens. */
    publish(make: () => NewEntry): void {
      if (listeners.size === 0 && tail === null) return;
      const entry = { seq: ++seq, at: new Date(wallNow()).toISOString(), ...made(make) } as FeedEntry;
      if (tail !== null) {
        tail.push(entry);
        // Cut seldom, because cutting at the front moves all the rest.
        if (tail.length > TAIL * 2) tailFrom = tail.splice(0, tail.length - TAIL).at(-1)!.seq;
      }
      for (const listener of [...listeners]) {
        try {
          listener(entry);
        } catch (error) {
          // What happened has happened: a listener's bug must not undo an answer or stop a delivery.
          void Promise.reject(error);
        }
      }
    },
    subscribe,
    /**
     * Subscribes after the entry numbered `after`, or from now on for `null`. From the first call on the
     * last 2,000 entries are kept.
     *
     * @returns what was missed since; `gap` when that is not known or not all of it: then the log has to
     *   be read again.
     */
    follow(after: number | null, listener: (entry: FeedEntry) => void): Following {
      if (tail === null) {
        tail = [];
        tailFrom = seq;
      }
      const gap = after !== null && (after < tailFrom || after > seq);
      const missed = after === null ? [] : tail.filter((entry) => entry.seq > after);
      return { missed, gap, startsAfter: (missed[0]?.seq ?? seq + 1) - 1, stop: subscribe(listener) };
    },
    /** Says that something about a reference changed. */
    touch(referenceId: string): void {
      for (const check of [...(watchers.get(referenceId) ?? [])]) check();
      for (const listener of [...anyWatchers]) tell(() => listener(referenceId));
    },
    /** Says the same of everything that somebody waits for: the content was replaced. */
    touchAll(): void {
      for (const set of [...watchers.values()]) for (const check of [...set]) check();
      for (const listener of [...anyWatchers]) tell(() => listener(null));
    },
    /** Calls back with the reference whenever something about any changes; with `null` when everything may have. */
    onAnyTouch(listener: (referenceId: string | null) => void): () => void {
      anyWatchers.add(listener);
      return () => anyWatchers.delete(listener);
    },
    /**
     * Looks at once and whenever something about a reference changes, until `look` gives something.
     *
     * @param timeoutMs wall milliseconds.
     * @returns `undefined` when the time was up, or `signal` was aborted. Rejects with what `look` throws.
     */
    waitFor<T>(
      referenceId: string,
      look: () => T | undefined,
      timeoutMs: number,
      signal: AbortSignal,
    ): Promise<T | undefined> {
      return new Promise((resolve, reject) => {
        const set = watchers.get(referenceId) ?? new Set();
        const check = () => {
          try {
            const found = look();
            if (found !== undefined) end(() => resolve(found));
          } catch (error) {
            end(() => reject(error));
          }
        };
        const end = (settle: () => void) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          set.delete(check);
          if (set.size === 0 && watchers.get(referenceId) === set) watchers.delete(referenceId);
          settle();
        };
        const giveUp = () => end(() => resolve(undefined));
        const timer = setTimeout(giveUp, timeoutMs);
        watchers.set(referenceId, set.add(check));
        signal.addEventListener('abort', giveUp, { once: true });
        if (signal.aborted) giveUp();
        else check();
      });
    },
  };
  return liveFeed;
}

/** What happened has happened: that it cannot be reported is reported instead. */
function made(make: () => NewEntry): NewEntry {
  try {
    return make();
  } catch (error) {
    return asNotice(error);
  }
}

function asNotice(error: unknown): NewEntry {
  return { type: 'notice', level: 'error', text: error instanceof Error ? error.message : String(error) };
}

/** The same text is reported once in this time: a full disk makes everything in flight say the same. */
const REPEAT_AFTER_MS = 5000;

/** What is done about trouble with the database. */
type Remedies = Record<NonNullable<ReturnType<typeof storageTrouble>>, (error: unknown) => void>;

/** Tells whoever listens of an error that the gateway survives, and does what there is to do about it. */
export function createErrorNotice(liveFeed: LiveFeed, remedies: Remedies): (error: unknown) => void {
  let last = { text: '', at: Number.NEGATIVE_INFINITY };
  return (error) => {
    const trouble = storageTrouble(error);
    if (trouble !== null) remedies[trouble](error);
    const text = error instanceof Error ? error.message : String(error);
    const at = monotonicNow();
    if (text === last.text && at - last.at < REPEAT_AFTER_MS) return;
    last = { text, at };
    liveFeed.publish(() => ({ type: 'notice', level: 'error', text }));
  };
}
