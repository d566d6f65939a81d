import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { describePlanted } from '../../files/folders-upward.ts';
import { isAlive } from '../../files/is-alive.ts';
import { DatabaseError } from './database-error.ts';
import { MIGRATIONS } from './migrations.ts';
import { findForeignSchema, isOurs, listTables } from './schema-shape.ts';

/** What is looked at before a database is used, and refused. */

/** Longest file that is checked at the start; each mebibyte takes about a millisecond. */
const MAX_CHECKED_BYTES = 32 * 1024 * 1024;

/** @throws DatabaseError for one that another user may have left there, or that stands in such a folder. */
export function refusePlanted(path: string): void {
  const planted = describePlanted(dirname(path)) ?? describePlanted(path);
  if (planted === null) return;
  throw new DatabaseError('database_unusable', `${planted}: work elsewhere, or give another file with --db`);
}

/** @throws DatabaseError for what is no file, or a link to none. */
export function realPath(path: string): string {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return path;
  if (!existsSync(path)) {
    throw new DatabaseError('database_unusable', `${path} is a link to a file that is not there`);
  }
  const real = realpathSync(path);
  const found = statSync(real);
  if (!found.isFile()) {
    throw new DatabaseError('database_unusable', `${path} is not a file: give another one with --db`);
  }
  if (found.nlink === 1) return real;
  // A hard link looks like a file of its own: two gateways would write into it, each with its own lock and log.
  throw new DatabaseError(
    'database_unusable',
    `${path} has ${found.nlink} names (hard links), and its lock and log stand beside only one of them: remove the other names, or use a copy`,
  );
}

/**
 * SQLite blames the database for what stands beside it, and waits for a pipe there for ever.
 *
 * @throws DatabaseError that names what is no file.
 */
export function refuseBeside(path: string): void {
  for (const name of ['-lock', '-journal', '-wal', '-shm'].map((side) => `${path}${side}`)) {
    const found = existsSync(name) ? statSync(name) : lstatSync(name, { throwIfNoEntry: false });
    if (found === undefined || found.isFile()) continue;
    const mend = 'take it away, or give another database with --db';
    throw new DatabaseError('database_unusable', `${name} is not a file: ${mend}`);
  }
}

/** @throws DatabaseError for one that is damaged, where looking costs little. */
export function checkWhereCheap(db: Database.Database, path: string): void {
  const bytes = statSync(path).size;
  if (bytes > MAX_CHECKED_BYTES) return;
  const found = db.pragma('quick_check(1)', { simple: true });
  if (found === 'ok') return;
  throw new DatabaseError(
    'database_corrupt',
    `${path} is damaged (${String(found).replaceAll(/\s+/g, ' ')}): move it away and start again, restore a snapshot, or give another file with --db`,
  );
}

/** Opens it for reading only, so that what is refused is not touched. @throws DatabaseError as `refuseForeign`. */
export function lookFirst(path: string): void {
  const db = new Database(path, { readonly: true });
  db.pragma('trusted_schema = OFF');
  try {
    refuseForeign(db, path);
  } catch (error) {
    // One that a kill left in the middle of a transaction can be read only after it was rolled back.
    if (!/^SQLITE_(READONLY|CANTOPEN)/.test(String((error as { code?: string }).code))) throw error;
  } finally {
    db.close();
  }
}

/** @throws DatabaseError for a database that a newer carvos or another program wrote, or one changed by hand. */
export function refuseForeign(db: Database.Database, path: string): void {
  refuseNewer(db, path, MIGRATIONS.length);
  if (listTables(db).length === 0) return;
  if (!isOurs(db)) {
    throw new DatabaseError(
      'database_unusable',
      `${path} is the database of another program: give another file with --db`,
    );
  }
  const foreign = findForeignSchema(db, db.pragma('user_version', { simple: true }) as number);
  if (foreign === null) return;
  throw new DatabaseError(
    'database_unusable',
    `${path} is not as carvos made it: ${foreign}. Give another file with --db`,
  );
}

/** @throws DatabaseError for one that took more steps than are known. */
export function refuseNewer(db: Database.Database, path: string, known: number): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version <= known) return;
  throw new DatabaseError(
    'database_newer',
    `${path} was written by a newer carvos (schema ${version}, this one knows ${known}): update carvos, or give another file with --db`,
  );
}

/** The process that has the database, as it wrote itself down there; one that is gone had it before that did. */
export function readHolder(path: string): string | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    const pid = db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'pid'").get()?.value;
    return isAlive(Number(pid)) ? pid : undefined;
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}
