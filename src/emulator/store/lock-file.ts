import { closeSync, openSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Keeps other processes out until released, or until this process is gone, however it ends. */
export interface Lock {
  /** Whether its file was not there before. */
  readonly isNew: boolean;
  release(): void;
}

/**
 * Takes the lock beside a database. The lock is an exclusive SQLite transaction on a file of its own:
 * the kernel drops it when the process dies, so there is nothing stale to recognize and no race in
 * taking over, while readers may still look into the database itself.
 *
 * @returns the lock, or `null` when another process (or another emulator in this one) holds it.
 */
export function acquireLock(path: string): Lock | null {
  // A start that fails takes the file away again that it made: who had opened it would lock what nobody else sees.
  for (;;) {
    const isNew = makeFile(path);
    const before = numberOf(path);
    const db = new Database(path, { timeout: 0 });
    try {
      db.pragma('journal_mode = MEMORY');
      db.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      db.close();
      if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return null;
      throw error;
    }
    if (before !== undefined && numberOf(path) === before) return { isNew, release: () => db.close() };
    db.close();
  }
}

/** @returns whether it was not there. One that is there is not opened: closing it would give up a lock of this process. */
function makeFile(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false;
    throw error;
  }
}

function numberOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
