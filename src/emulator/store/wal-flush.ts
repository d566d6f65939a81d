import { close, fdatasync, openSync } from 'node:fs';
import type Database from 'better-sqlite3';

/**
 * Flushes a database's write-ahead log to disk on a thread of its own, so that the event loop does not stand still
 * meanwhile. It is the same flush that `synchronous=FULL` makes inside COMMIT: everything that was
 * committed before it began is durable when it ends.
 */
export interface WalFlush {
  /** Calls back with `null` once what is committed now is durable, or with the error of the disk. One at a time. */
  flush(done: (error: Error | null) => void): void;
  /** To be called before the database is closed, which flushes by itself. */
  close(): void;
}

/** `null` for a database in memory, which has nothing to flush. */
export function openWalFlush(db: Database.Database): WalFlush | null {
  if (db.memory) return null;
  // SQLite's locks stand on the other files, so closing this one gives up none of them. The file stays the
  // same as long as the database is open: a checkpoint overwrites or shortens it.
  const file = openSync(`${db.name}-wal`, 'r+');
  let inFlight = false;
  let closed = false;
  const closeFile = () => close(file, () => {});
  return {
    flush(done) {
      if (closed) {
        done(null);
        return;
      }
      inFlight = true;
      fdatasync(file, (error) => {
        inFlight = false;
        if (closed) closeFile();
        done(error);
      });
    },
    close() {
      if (closed) return;
      closed = true;
      // The number of a closed file is given to the next one that is opened: it must be closed once, and not early.
      if (!inFlight) closeFile();
    },
  };
}
