import { clearInterval, setInterval } from 'node:timers';
import type { Store } from '../store/store.ts';
import { ageUploads, deleteUnfinishedUploads, sweepExpiredUploads } from '../store/uploads.ts';
import { wallNow } from '../time/wall.ts';

const SWEEP_EVERY_MS = 10 * 60_000;

/**
 * Deletes files that nothing uses: those that expired, by the wall clock plus what `clock advance` moved
 * (architecture, "Time"), and those whose upload was cut short by the end of a process.
 */
export interface UploadSweep {
  /** Deletes what a dead process left half done. Before the first request comes in. */
  clean(): void;
  start(): void;
  /** The clock was moved on by `ms`: every unused file is that much older. */
  age(ms: number): Promise<void>;
  /** Deletes what has expired. */
  sweep(): Promise<void>;
  stop(): void;
}

export function createUploadSweep(store: Store, onError: (error: unknown) => void): UploadSweep {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  /** In small transactions, each in a turn of its own, so that requests get in between. */
  async function sweep(): Promise<void> {
    while (!stopped && (await store.group.submit(() => sweepExpiredUploads(store, wallNow()))));
  }
  const inBackground = () => void sweep().catch((error) => !stopped && onError(error));

  return {
    clean: () => store.db.transaction(() => deleteUnfinishedUploads(store))(),
    start() {
      timer = setInterval(inBackground, SWEEP_EVERY_MS);
      timer.unref();
      inBackground();
    },
    async age(ms) {
      if (ms <= 0) return;
      await store.group.submit(() => ageUploads(store, ms));
    },
    sweep,
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
