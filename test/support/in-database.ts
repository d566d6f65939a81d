import Database from 'better-sqlite3';

/** Looks into, or changes, the database of a gateway that does not run. */
export function inDatabase<T>(file: string, work: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}
