import { statSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';
import { LOG_RETENTION_MS } from '../../contract/limits.ts';
import { readMeta, writeMeta } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { sweepBatch } from '../store/sweep.ts';
import { ageUploads, sweepExpiredUploads } from '../store/uploads.ts';
import { monotonicNow, wallNow } from '../time/wall.ts';

const SWEEP_EVERY_MS = 10 * 60_000;
const CHECKPOINT_EVERY_MS = 5_000;
/** Size of the WAL from which it is folded in also while something is in flight, and its room given back. */
const LARGE_WAL_BYTES = 32 * 1024 * 1024;
/** Between two times that a full disk makes it fold in. */
const RELIEVE_EVERY_MS = 1000;
const ADVANCES_KEY = 'advances';
/** Moves that are remembered one by one; older ones are joined. */
const MAX_ADVANCES = 500;

/** A move of the clock by `clock advance`: at which wall time, and by how much. */
export interface Advance {
  at: number;
  ms: number;
}

export interface RetentionParts {
  store: Store;
  isBusy(): boolean;
  onError(error: unknown): void;
  /** Wall milliseconds; given by tests. */
  checkpointEveryMs?: number;
}

/**
 * Keeps the database small: deletes what is older than the log's seven days and uploads that nothing used in time, and
 * folds the WAL into the database while nothing is in flight, or once it is large. Ages follow the wall clock plus what `clock advance` moved since,
 * never the jumps of `--speed max` (architecture, "Time").
 */
export function createRetention(parts: RetentionParts) {
  const { store } = parts;
  let timers: NodeJS.Timeout[] = [];
  let sweeping: Promise<number> | null = null;
  let stopped = false;
  let checkpointed = -1;
  /** There was no room, and nothing was folded in since. */
  let isFull = false;
  let relievedAt = Number.NEGATIVE_INFINITY;

  async function sweepAll(): Promise<number> {
    let after: number | null = 0;
    let deleted = 0;
    while (after !== null && !stopped) {
      const from: number = after;
      // Each batch waits for a turn of the event loop, and shares its transaction with what came in.
      const batch = await store.group.submit(() =>
        sweepBatch(store, retentionCutoff(wallNow(), readAdvances(store)), from),
      );
      deleted += batch.deleted;
      after = batch.next;
    }
    while (!stopped && (await store.group.submit(() => sweepExpiredUploads(store, wallNow()))));
    return deleted;
  }
  const sweep = () => {
    sweeping ??= sweepAll().finally(() => {
      sweeping = null;
    });
    return sweeping;
  };
  const inBackground = () => void sweep().catch((error) => !stopped && parts.onError(error));

  function checkpoint(): void {
    const { total_changes: changes } = store
      .sql<{ total_changes: number }>('SELECT total_changes() AS total_changes')
      .get()!;
    if (changes === checkpointed && !isFull) return;
    const giveBack = isFull || sizeOfWal(store) >= LARGE_WAL_BYTES;
    if (parts.isBusy() && !giveBack) return;
    // Else the file keeps its size: to write over it costs a flush less than to let it grow.
    if (!checkpointWal(store, giveBack ? 'TRUNCATE' : 'RESTART')) return;
    checkpointed = changes;
    isFull = false;
  }

  return {
    start(): void {
      stopped = false;
      timers = [
        setInterval(inBackground, SWEEP_EVERY_MS),
        setInterval(checkpoint, parts.checkpointEveryMs ?? CHECKPOINT_EVERY_MS),
      ];
      for (const timer of timers) timer.unref();
      inBackground();
    },
    /** The clock was moved on by so many milliseconds: everything that exists by now is that much older. */
    async age(exactly: number): Promise<void> {
      // The schedule's clock knows parts of a millisecond; the wall times that are kept are whole.
      const ms = Math.round(exactly);
      if (ms <= 0) return;
      await store.group.submit(() => {
        writeAdvances(store, [...readAdvances(store), { at: wallNow(), ms }]);
        ageUploads(store, ms);
      });
      // One that runs has the old cutoff.
      await sweeping?.catch(() => {});
    },
    /** Deletes what is expired, in small transactions. @returns how many records of the log. */
    sweep,
    /** There was no room: folds the WAL in as soon as that can be done, which gives back what it takes up. */
    relieve(): void {
      if (stopped || store.db.inTransaction || monotonicNow() - relievedAt < RELIEVE_EVERY_MS) return;
      relievedAt = monotonicNow();
      isFull = true;
      checkpoint();
    },
    stop(): void {
      stopped = true;
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/**
 * The wall time before which everything is older than `keepMs`, when each advance made all that existed
 * then older.
 *
 * @param advances in order of time.
 */
export function retentionCutoff(
  now: number,
  advances: readonly Advance[],
  keepMs: number = LOG_RETENTION_MS,
): number {
  let moved = 0;
  for (let index = advances.length - 1; index >= 0; index--) {
    const { at, ms } = advances[index]!;
    // What came after this advance is younger by all of the advances up to it.
    const cutoff = now + moved - keepMs;
    if (cutoff > at) return cutoff;
    moved += ms;
    if (now + moved - keepMs > at) return at;
  }
  return now + moved - keepMs;
}

/**
 * Folds the WAL into the database, so that it is written anew from its beginning; gives up at once when a reader
 * is in the way.
 *
 * @param mode `TRUNCATE` empties its file too.
 * @returns whether it did.
 */
export function checkpointWal(store: Store, mode: 'RESTART' | 'TRUNCATE'): boolean {
  store.db.pragma('busy_timeout = 0');
  try {
    return store.db.pragma(`wal_checkpoint(${mode})`, { simple: true }) === 0;
  } catch (error) {
    if (!String((error as { code?: string }).code).startsWith('SQLITE_')) throw error;
    return false;
  } finally {
    store.db.pragma('busy_timeout = 5000');
  }
}

function sizeOfWal(store: Store): number {
  return statSync(`${store.file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

function readAdvances(store: Store): Advance[] {
  return JSON.parse(readMeta(store.sql, ADVANCES_KEY) ?? '[]') as Advance[];
}

/** Those that only concern what is expired anyway are dropped; too many are joined at the earlier time. */
function writeAdvances(store: Store, advances: Advance[]): void {
  const cutoff = retentionCutoff(wallNow(), advances);
  const kept = advances.filter((one) => one.at >= cutoff);
  while (kept.length > MAX_ADVANCES) {
    const [first, second] = kept.splice(0, 2);
    kept.unshift({ at: first!.at, ms: first!.ms + second!.ms });
  }
  writeMeta(store.sql, ADVANCES_KEY, JSON.stringify(kept));
}
