import { readMeta } from './open-store.ts';
import type { Store } from './store.ts';
import { StoredDataError } from './stored-json.ts';

export const CLOCK_KEY = 'schedule_ms';

/** Where the schedule clock stood when it was last written down. @throws StoredDataError */
export function readSchedule(store: Store): number {
  const position = Number(readMeta(store.sql, CLOCK_KEY) ?? 0);
  if (!Number.isFinite(position)) throw new StoredDataError(`meta ${CLOCK_KEY}`, 'it is no number');
  return position;
}
