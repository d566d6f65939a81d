import { clearInterval, setInterval } from 'node:timers';
import type { ScheduleClock } from './clock.ts';
import { readMeta, writeMeta } from './store/open-store.ts';
import type { Store } from './store/store.ts';

const CLOCK_KEY = 'schedule_ms';
const SAVE_EVERY_MS = 1000;

/** Where the schedule clock stood when it was last written down. */
export function readSchedule(store: Store): number {
  return Number(readMeta(store.sql, CLOCK_KEY) ?? 0);
}

/** Writes down where it stands, inside the caller's transaction. */
export function writeSchedule(store: Store, clock: ScheduleClock): void {
  writeMeta(store.sql, CLOCK_KEY, String(clock.now()));
}

/**
 * Writes down where it stands once a second while that matters, and with every jump: a crash repeats at
 * most a second of it.
 *
 * @param isPending whether something waits for a time to come.
 * @returns the function that ends it.
 */
export function keepSchedule(
  store: Store,
  clock: ScheduleClock,
  isPending: () => boolean,
  onError: (error: unknown) => void,
): () => void {
  let saving = false;
  let ended = false;
  const save = () => {
    if (saving || ended) return;
    saving = true;
    store.group
      .submit(() => writeSchedule(store, clock))
      .catch(onError)
      .finally(() => {
        saving = false;
      });
  };
  clock.onChange(save);
  const timer = setInterval(() => {
    if (clock.mode === 'running' && isPending()) save();
  }, SAVE_EVERY_MS);
  timer.unref();
  return () => {
    ended = true;
    clearInterval(timer);
  };
}
