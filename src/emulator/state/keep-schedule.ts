import { clearInterval, setInterval } from 'node:timers';
import { writeMeta } from '../store/open-store.ts';
import { CLOCK_KEY, readSchedule } from '../store/schedule.ts';
import type { Store } from '../store/store.ts';
import type { ScheduleClock } from '../time/schedule-clock.ts';

const SAVE_EVERY_MS = 1000;

/**
 * Writes down where it stands with every group of work, so that what is stored as due by then is due after a
 * start too; once a second while that matters; and with every jump. A crash repeats at most a second of it.
 *
 * @param isPending whether something waits for a time to come, or is in flight.
 * @returns the function that ends the seconds and jumps.
 */
export function keepSchedule(
  store: Store,
  clock: ScheduleClock,
  isPending: () => boolean,
  onError: (error: unknown) => void,
): () => void {
  let saving = false;
  let ended = false;
  store.group.accompany(() => {
    const position = clock.now();
    if (position !== readSchedule(store)) writeMeta(store.sql, CLOCK_KEY, String(position));
  });
  const save = () => {
    if (saving || ended) return;
    saving = true;
    store.group
      .submit(() => {})
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
