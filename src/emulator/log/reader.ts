import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type DeliveryDetail,
  type LogPage,
  LogQuery,
  type LogRecordDetail,
  type Trace,
} from '../../contract/control.ts';
import { createSnapshotReader } from '../snapshot/reader.ts';
import { refuseBeside } from '../store/check-database.ts';
import { DatabaseError } from '../store/database-error.ts';
import { getLog } from '../store/log.ts';
import { openStoreReadOnly } from '../store/open-store.ts';
import { readSchedule } from '../store/schedule.ts';
import { SnapshotError } from '../store/snapshot.ts';
import type { Store } from '../store/store.ts';
import { readLogPage } from './page.ts';
import { readTrace } from './trace.ts';
import { viewDeliveryDetail } from './view-delivery.ts';
import { type ViewClock, viewLogRowDetail } from './view-record.ts';

/** A log that is only looked at is shown whatever else the file holds. */
function readPosition(store: Store): number {
  try {
    return readSchedule(store);
  } catch {
    return 0;
  }
}

/**
 * Opens the log of a database that no gateway runs on, in the same shapes as the control API gives; nothing is written, and the schedule stands where it stood. The file may come from
 * anybody: it is looked through first, as a snapshot is.
 *
 * @throws DatabaseError when the database cannot be read, or holds what no carvos writes.
 */
export async function openLogReader(file: string) {
  if (existsSync(file)) {
    refuseBeside(file);
    await lookThrough(file);
  }
  const store = openStoreReadOnly(file);
  const position = readPosition(store);
  const clock: ViewClock = { now: () => position, realUntil: () => null };
  return {
    file: store.file,
    async log(query: Partial<LogQuery>, signal?: AbortSignal): Promise<LogPage> {
      const page = await readLogPage(store, clock, LogQuery.parse(query), signal);
      if (!page) throw new TypeError('cursor is not one of ours');
      return page;
    },
    /** `null` when there is none of that id. */
    logRecord(id: string): LogRecordDetail | null {
      const slash = id.lastIndexOf('/');
      const row = getLog(store, id.slice(0, slash), Number(id.slice(slash + 1)));
      return row ? viewLogRowDetail(store, clock, row) : null;
    },
    delivery: (id: string, options?: { whole?: boolean }): DeliveryDetail | null =>
      viewDeliveryDetail(store, clock, id, options?.whole ? Number.POSITIVE_INFINITY : undefined),
    trace: (referenceId: string): Trace | null => readTrace(store, clock, referenceId),
    close: () => store.close(),
  };
}

async function lookThrough(file: string): Promise<void> {
  const reader = createSnapshotReader();
  try {
    await reader.check(resolve(file));
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    // Who wrote it is reported where it is opened.
    if (error.code === 'snapshot_newer') return;
    throw new DatabaseError(
      'database_unusable',
      `${file} is not a database of carvos${error.detail === null ? '' : `: ${error.detail}`}`,
      { cause: error },
    );
  } finally {
    reader.close();
  }
}
