import Database from 'better-sqlite3';
import { MIGRATIONS } from './migrations.ts';

/** Tables that were there from the first version on: by them a database is known as ours. */
const FIRST_TABLES = ['meta', 'event', 'delivery', 'log'];

export function isOurs(db: Database.Database): boolean {
  const names = listTables(db);
  return FIRST_TABLES.every((name) => names.includes(name));
}

/** Whether a database that is up to date has every table and column that the code relies on. */
export function hasOurShape(db: Database.Database): boolean {
  for (const [table, columns] of ourShape()) {
    const found = listColumns(db, table);
    if (!columns.every((column) => found.includes(column))) return false;
  }
  return true;
}

let shape: Map<string, string[]> | undefined;

/** Each table of the schema with its columns. */
export function ourShape(): ReadonlyMap<string, readonly string[]> {
  if (shape) return shape;
  const db = new Database(':memory:');
  for (const step of MIGRATIONS) db.exec(step);
  shape = new Map(listTables(db).map((table) => [table, listColumns(db, table)]));
  db.close();
  return shape;
}

export function listTables(db: Database.Database): string[] {
  return db
    .prepare<[], string>(
      `SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
    )
    .pluck()
    .all();
}

function listColumns(db: Database.Database, table: string): string[] {
  return (db.pragma(`main.table_info(${table})`) as { name: string }[]).map((column) => column.name);
}
