import { clearInterval, setInterval } from 'node:timers';
import { LOG_RETENTION_MS } from '../contract/limits.ts';
import { wallNow } from './clock.ts';
import { readMeta, writeMeta } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import { sweepBatch } from './store/sweep.ts';

const SWEEP_EVERY_MS = 10 * 60_000;
const CHECKPOINT_EVERY_MS = 5_000;
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
  /** Of the timers, wall milliseconds; given by tests. */
  sweepEveryMs?: number;
  checkpointEveryMs?: number;
}

/**
 * Keeps the database small: deletes what is older than the log's seven days, and folds the WAL into the
 * database while nothing is under way. Ages follow the wall clock plus what `clock advance` moved since,
 * never the jumps of `--speed max` (architecture, "Time").
 */
export interface Retention {
  start(): void;
  /** The clock was told to move on by `ms`: everything that exists by now is that much older. */
  age(ms: number): Promise<void>;
  /** Deletes what is expired, in small transactions. */
  sweep(): Promise<number>;
  stop(): void;
}

export function createRetention(parts: RetentionParts): Retention {
  const { store } = parts;
  let timers: NodeJS.Timeout[] = [];
  let sweeping: Promise<number> | null = null;
  let stopped = false;
  let checkpointed = -1;

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
    if (changes === checkpointed || parts.isBusy()) return;
    checkpointed = changes;
    checkpointWal(store);
  }

  return {
    start() {
      stopped = false;
      timers = [
        setInterval(inBackground, parts.sweepEveryMs ?? SWEEP_EVERY_MS),
        setInterval(checkpoint, parts.checkpointEveryMs ?? CHECKPOINT_EVERY_MS),
      ];
      for (const timer of timers) timer.unref();
      inBackground();
    },
    async age(ms) {
      if (ms <= 0) return;
      await store.group.submit(() => writeAdvances(store, [...readAdvances(store), { at: wallNow(), ms }]));
      // One that runs has the old cutoff.
      await sweeping?.catch(() => {});
    },
    sweep,
    stop() {
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

/** Folds the WAL into the database and empties it; gives up at once when a reader is in the way. */
export function checkpointWal(store: Store): void {
  store.db.pragma('busy_timeout = 0');
  try {
    store.db.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (!String((error as { code?: string }).code).startsWith('SQLITE_')) throw error;
  } finally {
    store.db.pragma('busy_timeout = 5000');
  }
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
