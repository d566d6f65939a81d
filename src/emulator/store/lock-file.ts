import Database from 'better-sqlite3';
import { asDatabaseError } from './database-error.ts';

/** Keeps other processes out until released, or until this process is gone, however it ends. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock beside a database. The lock is an exclusive SQLite transaction on a file of its own:
 * the kernel drops it when the process dies, so there is nothing stale to recognize and no race in
 * taking over, while readers may still look into the database itself.
 *
 * @returns the lock, or `null` when another process (or another emulator in this one) holds it.
 * @throws DatabaseError where something else stands in its place.
 */
export function acquireLock(path: string): Lock | null {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { timeout: 0 });
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return null;
    throw asDatabaseError(error, path);
  }
  const held = db;
  return { release: () => held.close() };
}
