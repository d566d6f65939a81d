import type { ScheduleClock } from './clock.ts';
import { readMeta, writeMeta } from './store/open-store.ts';
import type { Store } from './store/store.ts';

const CLOCK_KEY = 'schedule_ms';

/** Where the schedule clock stood when it was last written down. */
export function readSchedule(store: Store): number {
  return Number(readMeta(store.sql, CLOCK_KEY) ?? 0);
}

/** Writes down where it stands, inside the caller's transaction. */
export function writeSchedule(store: Store, clock: ScheduleClock): void {
  writeMeta(store.sql, CLOCK_KEY, String(clock.now()));
}
