import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { ZodType } from 'zod';
import type { EventRow } from '../store/events.ts';
import { MIGRATIONS } from '../store/migrations.ts';
import { migrate } from '../store/open-store.ts';
import { ROW_SCHEMAS } from '../store/row-schemas.ts';
import { findForeignSchema, isOurs, listColumns, listTables, ourShape } from '../store/schema-shape.ts';
import { SnapshotError } from '../store/snapshot.ts';
import { eventProblem } from './event-problem.ts';

/**
 * Reads a database that anybody may have made and writes what it holds into a new one: our tables, made by our own
 * steps, row by row through their schemas. An older version's is brought up to date there.
 *
 * @param target an empty file.
 * @throws SnapshotError; SqliteError where `target` cannot be written.
 */
export function copySnapshot(source: string, target: string): void {
  reading(source, (from, version) => {
    // SQLite takes what is missing of the last page for zeros.
    const [pages, size] = ['page_count', 'page_size'].map(
      (name) => from.pragma(name, { simple: true }) as number,
    );
    if (statSync(source).size < pages! * size!) throw bad('the file is cut off');
    // One that was given up while this process had not begun is not made again.
    const to = new Database(target, { fileMustExist: true });
    try {
      // The file is thrown away when anything fails.
      to.pragma('journal_mode = OFF');
      to.pragma('synchronous = OFF');
      to.exec('BEGIN');
      for (const step of MIGRATIONS.slice(0, version)) to.exec(step);
      to.pragma(`user_version = ${version}`);
      for (const table of listTables(to)) copyTable(from, to, table);
      copySequences(from, to);
      to.exec('COMMIT');
      migrate(to, target);
      checkRows(to);
      checkReferences(to);
    } finally {
      to.close();
    }
  });
}

/**
 * Whether a database is safe to look at: structure, schema and each row. Bodies of events are not judged, so that
 * one that was spoilt can be looked at.
 *
 * @throws SnapshotError
 */
export function checkSnapshot(source: string): void {
  reading(source, (from, version) => {
    if (version === MIGRATIONS.length) checkRows(from, { events: false });
  });
}

function reading(source: string, work: (db: Database.Database, version: number) => void): void {
  let db: Database.Database | undefined;
  try {
    db = new Database(source, { readonly: true, fileMustExist: true });
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    db.pragma('mmap_size = 0');
    const version = db.pragma('user_version', { simple: true }) as number;
    if (!isOurs(db)) throw new SnapshotError('not_a_snapshot');
    if (version > MIGRATIONS.length) throw new SnapshotError('snapshot_newer');
    if (version < 1) throw bad(`user_version ${version} is no version of carvos`);
    const foreign = findForeignSchema(db, version);
    if (foreign !== null) throw bad(foreign);
    // Also that no page is used twice, without which a few pages make a table without end.
    const damage = db.pragma('quick_check(1)', { simple: true });
    if (damage !== 'ok') throw bad(`the file is damaged: ${damage}`);
    work(db, version);
  } catch (error) {
    const code = String((error as { code?: string }).code);
    // Never of the target: there is nothing in it but ours.
    if (/^SQLITE_(NOTADB|CORRUPT|ERROR|CANTOPEN|SCHEMA|TOOBIG|MISMATCH|RANGE|AUTH|FORMAT)/.test(code)) {
      const known = db !== undefined && !/NOTADB|CANTOPEN/.test(code);
      throw known
        ? bad(`SQLite cannot read it: ${(error as Error).message}`)
        : new SnapshotError('not_a_snapshot');
    }
    throw error;
  } finally {
    db?.close();
  }
}

const bad = (detail: string) => new SnapshotError('bad_snapshot', detail);
const badRow = (table: string, row: number, what: string) => bad(`table ${table}, row ${row}: ${what}`);

function copyTable(from: Database.Database, to: Database.Database, table: string): void {
  const columns = listColumns(to, table);
  const names = columns.map((name) => `"${name}"`).join(', ');
  const insert = to.prepare<unknown[]>(
    `INSERT INTO ${table} (${names}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  let row = 0;
  for (const values of from
    .prepare<[], unknown[]>(`SELECT ${names} FROM ${table} NOT INDEXED`)
    .raw()
    .iterate()) {
    row++;
    try {
      insert.run(...values);
    } catch (error) {
      if (!String((error as { code?: string }).code).startsWith('SQLITE_CONSTRAINT')) throw error;
      throw badRow(table, row, (error as Error).message);
    }
  }
}

/** Numbers that were given out are never given again, not even those whose rows are gone. */
function copySequences(from: Database.Database, to: Database.Database): void {
  const raise = to.prepare('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?');
  const begin = to.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)');
  const tables = new Set(ourShape().keys());
  let row = 0;
  for (const { name, seq } of from
    .prepare<[], { name: unknown; seq: unknown }>('SELECT name, seq FROM sqlite_sequence')
    .iterate()) {
    row++;
    if (typeof name !== 'string' || !tables.has(name)) throw badRow('sqlite_sequence', row, 'names no table');
    if (!Number.isInteger(seq) || (seq as number) < 0 || (seq as number) >= 2 ** 31)
      throw badRow('sqlite_sequence', row, 'seq must be a whole number in its range');
    if (raise.run(seq, name).changes === 0) begin.run(name, seq);
  }
}

/** @param events whether what was accepted is checked too: a log that is only looked at shows a spoilt one. */
function checkRows(db: Database.Database, { events = true } = {}): void {
  const jobState = db.prepare<[number], string>('SELECT state FROM job WHERE event_seq = ?').pluck();
  for (const table of ourShape().keys()) {
    if (table === 'event' && !events) continue;
    const schema: ZodType | undefined = ROW_SCHEMAS[table as keyof typeof ROW_SCHEMAS];
    let row = 0;
    for (const values of db.prepare(`SELECT * FROM ${table} NOT INDEXED`).iterate()) {
      row++;
      const result = schema?.safeParse(values);
      if (result && !result.success) {
        const issue = result.error.issues[0]!;
        throw badRow(table, row, `${issue.path.join('.')} ${issue.message}`);
      }
      if (table !== 'event') continue;
      const event = values as EventRow;
      const problem = eventProblem(event, jobState.get(event.seq) === 'queued');
      if (problem !== null) throw badRow(table, row, `body ${problem}`);
    }
  }
}

/** Rows that the code finds by another row, without asking whether they are there. */
const REFERENCES = [
  ['job', 'event_seq', 'event', 'seq'],
  ['event', 'seq', 'job', 'event_seq'],
  ['delivery', 'seq', 'delivery_body', 'delivery_seq'],
] as const;

/** What rows of two tables say that does not go together. */
const CONTRADICTIONS = [
  // The record of its next attempt could never be written, and neither restore nor reset would come to an end.
  [
    'delivery',
    'the log has more attempts than its attempt_count',
    `SELECT d.seq FROM delivery d JOIN log l ON l.delivery_id = d.id
     WHERE d.state = 'pending' AND l.number > d.attempt_count`,
  ],
  // Whoever fetches it would wait for bytes that never come.
  [
    'upload',
    'its size is not that of its chunks',
    `SELECT u.seq FROM upload u LEFT JOIN upload_chunk c ON c.upload_seq = u.seq WHERE u.state = 'ready'
     GROUP BY u.seq HAVING u.size <> coalesce(sum(length(c.data)), 0) OR count(c.number) <> coalesce(max(c.number) + 1, 0)`,
  ],
] as const;

function checkReferences(db: Database.Database): void {
  for (const [table, column, other, key] of REFERENCES) {
    const lost = db
      .prepare<[], number>(
        `SELECT ${column} FROM ${table} t WHERE NOT EXISTS (SELECT 1 FROM ${other} o WHERE o.${key} = t.${column}) LIMIT 1`,
      )
      .pluck()
      .get();
    if (lost !== undefined)
      throw bad(`table ${table}, ${column} ${lost}: its row in the table ${other} is missing`);
  }
  for (const [table, what, sql] of CONTRADICTIONS) {
    const seq = db.prepare<[], number>(`${sql} LIMIT 1`).pluck().get();
    if (seq !== undefined) throw bad(`table ${table}, seq ${seq}: ${what}`);
  }
}
