import type { FeedEntry } from '../contract/control.ts';
import { wallNow } from './clock.ts';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A feed entry without what the journal adds. */
export type NewEntry = DistributiveOmit<FeedEntry, 'seq' | 'at'>;

/**
 * Tells whoever listens what happened, after it is durable. The database is the truth: what a
 * listener misses it can read there.
 */
export interface Journal {
  /** Publishes one entry; `make` runs only when somebody listens. */
  publish(make: () => NewEntry): void;
  subscribe(listener: (entry: FeedEntry) => void): () => void;
  /** Says that something about a reference changed. */
  touch(referenceId: string): void;
  /** Calls back whenever something about a reference changes. */
  onTouch(referenceId: string, listener: () => void): () => void;
}

export function createJournal(): Journal {
  const listeners = new Set<(entry: FeedEntry) => void>();
  const watchers = new Map<string, Set<() => void>>();
  // Grows over restarts too, so that a follower that comes back does not take new entries for old ones.
  let seq = wallNow() * 1000;
  return {
    publish(make) {
      if (listeners.size === 0) return;
      const entry = { seq: ++seq, at: new Date(wallNow()).toISOString(), ...make() } as FeedEntry;
      for (const listener of [...listeners]) {
        try {
          listener(entry);
        } catch (error) {
          // What happened has happened: a listener's bug must not undo an answer or stop a delivery.
          void Promise.reject(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    touch(referenceId) {
      for (const listener of [...(watchers.get(referenceId) ?? [])]) listener();
    },
    onTouch(referenceId, listener) {
      const set = watchers.get(referenceId) ?? new Set();
      watchers.set(referenceId, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && watchers.get(referenceId) === set) watchers.delete(referenceId);
      };
    },
  };
}
