import Database from 'better-sqlite3';

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
 */
export function acquireLock(path: string): Lock | null {
  const db = new Database(path, { timeout: 0 });
  try {
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
  return { release: () => db.close() };
}
