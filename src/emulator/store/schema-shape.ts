import Database from 'better-sqlite3';
import { MIGRATIONS } from './migrations.ts';

/** Tables that were there from the first version on: by them a database is known as ours. */
const FIRST_TABLES = ['meta', 'event', 'delivery', 'log'];

export function isOurs(db: Database.Database): boolean {
  const names = listTables(db);
  return FIRST_TABLES.every((name) => names.includes(name));
}

/**
 * What a database holds besides what our own steps make, in words; `null` where it is exactly that. A view, trigger,
 * generated column, CHECK or index over an expression would run inside of our own statements.
 */
export function findForeignSchema(db: Database.Database, version: number): string | null {
  const found = new Map(listSchema(db).map((row) => [`${row.type} ${row.name}`, row]));
  for (const ours of schemaOf(version)) {
    const key = `${ours.type} ${ours.name}`;
    const row = found.get(key);
    if (row === undefined) return `the ${key} is missing`;
    if (row.sql !== ours.sql || row.tbl_name !== ours.tbl_name) return `the ${key} is not as carvos makes it`;
    found.delete(key);
  }
  const [foreign] = found.keys();
  return foreign === undefined ? null : `there is a ${foreign}, which carvos did not make`;
}

interface SchemaRow {
  type: string;
  name: string;
  tbl_name: string;
  sql: string | null;
}

const schemas = new Map<number, SchemaRow[]>();

function schemaOf(version: number): SchemaRow[] {
  const known = schemas.get(version);
  if (known) return known;
  const db = new Database(':memory:');
  for (const step of MIGRATIONS.slice(0, version)) db.exec(step);
  const rows = listSchema(db);
  db.close();
  schemas.set(version, rows);
  return rows;
}

function listSchema(db: Database.Database): SchemaRow[] {
  return db.prepare<[], SchemaRow>('SELECT type, name, tbl_name, sql FROM main.sqlite_schema').all();
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

/** Names of a table's columns, in order. */
export function listColumns(db: Database.Database, table: string): string[] {
  return (db.pragma(`main.table_info(${table})`) as { name: string }[]).map((column) => column.name);
}
