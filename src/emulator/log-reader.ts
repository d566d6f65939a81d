import {
  type DeliveryDetail,
  type LogPage,
  LogQuery,
  type LogRecordDetail,
  type Trace,
} from '../contract/control.ts';
import { readTrace } from './control/trace.ts';
import { viewDeliveryDetail } from './control/views.ts';
import { readLogPage } from './log-page.ts';
import { type ViewClock, viewLogRowDetail } from './log-view.ts';
import { readSchedule } from './schedule-position.ts';
import { getLog } from './store/log.ts';
import { openStoreReadOnly } from './store/open-store.ts';
import type { Store } from './store/store.ts';

/** The log of a database that no gateway runs on: the same shapes as the control API gives. */
export interface LogReader {
  readonly file: string;
  log(query: Partial<LogQuery>, signal?: AbortSignal): Promise<LogPage>;
  /** `null` when there is none of that id. */
  logRecord(id: string): LogRecordDetail | null;
  delivery(id: string, options?: { whole?: boolean }): DeliveryDetail | null;
  trace(referenceId: string): Trace | null;
  close(): void;
}

/** A log that is only looked at is shown whatever else the file holds. */
function readPosition(store: Store): number {
  try {
    return readSchedule(store);
  } catch {
    return 0;
  }
}

/**
 * Opens the log for reading; nothing is written, and the schedule stands where it stood.
 *
 * @throws DatabaseError when the database cannot be read.
 */
export function openLogReader(file: string): LogReader {
  const store = openStoreReadOnly(file);
  const position = readPosition(store);
  const clock: ViewClock = { now: () => position, realUntil: () => null };
  return {
    file: store.file,
    async log(query, signal) {
      const page = await readLogPage(store, clock, LogQuery.parse(query), signal);
      if (!page) throw new TypeError('cursor is not one of ours');
      return page;
    },
    logRecord(id) {
      const slash = id.lastIndexOf('/');
      const row = getLog(store, id.slice(0, slash), Number(id.slice(slash + 1)));
      return row ? viewLogRowDetail(store, clock, row) : null;
    },
    delivery: (id, options) =>
      viewDeliveryDetail(store, clock, id, options?.whole ? Number.POSITIVE_INFINITY : undefined),
    trace: (referenceId) => readTrace(store, clock, referenceId),
    close: () => store.close(),
  };
}
