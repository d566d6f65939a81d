import Database from 'better-sqlite3';

/** Looks into a database, or changes it. */
export function inDatabase<T>(file: string, work: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}
