import { randomUUID } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { removeAbandonedDrafts } from '../../files/draft-file.ts';
import {
  checkWhereCheap,
  lookFirst,
  readHolder,
  realPath,
  refuseBeside,
  refuseForeign,
  refuseNewer,
  refusePlanted,
} from './check-database.ts';
import { asDatabaseError, DatabaseError } from './database-error.ts';
import { draftPlace } from './draft-place.ts';
import { createFileCheck } from './file-check.ts';
import { GroupCommit } from './group-commit.ts';
import { acquireLock, type Lock } from './lock-file.ts';
import { MIGRATIONS } from './migrations.ts';
import { OpenClaims } from './open-claims.ts';
import { SCHEMA } from './schema.ts';
import type { SqlValue, Store } from './store.ts';
import { StoredDataError } from './stored-json.ts';
import { tryMigration } from './try-migration.ts';
import { openWalFlush } from './wal-flush.ts';

/**
 * Opens (or makes) the database, admits this process alone, and brings the schema up to date. What it refuses it
 * leaves as it is.
 *
 * @param file a path, or `:memory:`.
 * @throws DatabaseError when another process has it, it is corrupt, a newer carvos, another program or user wrote it.
 */
export function openStore(file: string): Store {
  const inMemory = file === ':memory:';
  let path = inMemory ? file : resolve(file);
  let lock: Lock | null = null;
  let db: Database.Database | undefined;
  try {
    if (!inMemory) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      refusePlanted(path);
      // SQLite does not say that it is the folder, in which lock and log stand.
      accessSync(dirname(path), constants.R_OK | constants.W_OK | constants.X_OK);
      // By its own name: log and lock stand beside the file, not beside a link to it.
      path = realPath(path);
      refuseBeside(path);
      lock = acquireLock(`${path}-lock`);
      if (!lock) {
        const pid = readHolder(path);
        const holder = pid ? `process ${pid}` : 'another process';
        throw new DatabaseError(
          'database_locked',
          `${path} is in use by ${holder}: stop that one, or give this one its own with --db FILE`,
        );
      }
    }
    if (!inMemory && existsSync(path)) lookFirst(path);
    db = new Database(path);
    db.pragma('trusted_schema = OFF');
    refuseForeign(db, path);
    // It holds secrets and candidates' data.
    if (!inMemory) chmodSync(path, 0o600);
    configure(db);
    if (!inMemory) checkWhereCheap(db, path);
    // With the lock, what is there of a database's drafts is a killed process's; `:memory:` has no lock.
    removeAbandonedDrafts(draftPlace(path), inMemory ? 'dead' : 'any');
    if (isOlder(db)) tryFirst(db, path);
    migrate(db, path);
    return createStore(db, path, lock);
  } catch (error) {
    db?.close();
    lock?.release();
    throw asDatabaseError(error, path);
  }
}

/**
 * Opens a database for looking at only: nothing is locked, written or brought up to date.
 *
 * @throws DatabaseError when there is none, it is corrupt, or another version of carvos wrote it.
 */
export function openStoreReadOnly(file: string): Store {
  const path = resolve(file);
  let db: Database.Database | undefined;
  if (!existsSync(path)) throw new DatabaseError('database_unusable', `there is no database ${path}`);
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    db.pragma('trusted_schema = OFF');
    refuseNewer(db, path, MIGRATIONS.length);
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version !== MIGRATIONS.length) {
      throw new DatabaseError(
        'database_unusable',
        `${path} was written by an older carvos (schema ${version}, this one knows ${MIGRATIONS.length}): start carvos dev on it once`,
      );
    }
    return createStore(db, path, null, { readOnly: true });
  } catch (error) {
    db?.close();
    throw asDatabaseError(error, path);
  }
}

function configure(db: Database.Database): void {
  db.pragma('journal_mode = WAL');
  // A 202 promises that the event survives a power cut (architecture, "The life of an event").
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = OFF');
  db.pragma('busy_timeout = 5000');
  // 16 MB, less than what `state/retention.ts` calls large and empties: where the log is written over, its file does
  // not grow, and a flush is quicker.
  db.pragma('wal_autocheckpoint = 4000');
  db.pragma('cache_size = -16000');
}

/**
 * Takes the steps that a database has not seen yet: all of them or none, since each transaction waits for the disk. A
 * new one gets what all steps together make at once, which takes half the time.
 *
 * @throws DatabaseError when a newer carvos took more steps than are known here.
 */
export function migrate(db: Database.Database, path: string, steps: readonly string[] = MIGRATIONS): void {
  refuseNewer(db, path, steps.length);
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version === steps.length) return;
  db.transaction(() => {
    const isNew = version === 0 && steps === MIGRATIONS;
    for (const step of isNew ? [SCHEMA] : steps.slice(version)) db.exec(step);
    db.pragma(`user_version = ${steps.length}`);
  })();
}

function isOlder(db: Database.Database): boolean {
  const version = db.pragma('user_version', { simple: true }) as number;
  return version > 0 && version < MIGRATIONS.length;
}

/** @throws DatabaseError when it cannot be brought up to date; it is as it was then. */
function tryFirst(db: Database.Database, path: string): void {
  try {
    tryMigration(db, path, (copy) => migrate(copy, path));
  } catch (error) {
    throw new DatabaseError(
      'database_unusable',
      `${path} cannot be brought up to date, and was left as it is: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function createStore(
  db: Database.Database,
  file: string,
  lock: Lock | null,
  options: { readOnly?: boolean } = {},
): Store {
  const statements = new Map<string, Database.Statement<SqlValue[], unknown>>();
  const sql = <Row>(text: string) => {
    let statement = statements.get(text);
    if (!statement) {
      statement = db.prepare<SqlValue[], unknown>(text);
      statements.set(text, statement);
    }
    return statement as Database.Statement<SqlValue[], Row>;
  };
  let boot = 0;
  let gatewayId = '';
  const renew = () =>
    db.transaction(() => {
      // Above every number that a claim may carry: that of the content, and ours so far.
      const stored = Number(readMeta(sql, 'boot') ?? 0);
      if (!Number.isSafeInteger(stored)) throw new StoredDataError('meta boot', 'it is no number');
      boot = Math.max(boot, stored) + 1;
      writeMeta(sql, 'boot', String(boot));
      gatewayId = readMeta(sql, 'gateway_id') ?? randomUUID();
      writeMeta(sql, 'gateway_id', gatewayId);
      writeMeta(sql, 'pid', String(process.pid));
    })();
  if (options.readOnly) gatewayId = readMeta(sql, 'gateway_id') ?? '';
  else renew();
  const wal = options.readOnly ? null : openWalFlush(db);
  const group = new GroupCommit(db, wal, options.readOnly || db.memory ? () => null : createFileCheck(file));
  return {
    db,
    file,
    get boot() {
      return boot;
    },
    get gatewayId() {
      return gatewayId;
    },
    group,
    claims: new OpenClaims(),
    sql,
    findProblem: group.findRefusal,
    renew,
    close() {
      wal?.close();
      db.close();
      lock?.release();
    },
  };
}

/** Reads one value of the table of single values. */
export function readMeta(sql: Store['sql'], key: string): string | undefined {
  return sql<{ value: string }>('SELECT value FROM meta WHERE key = ?').get(key)?.value;
}

/** Writes one value of the table of single values. */
export function writeMeta(sql: Store['sql'], key: string, value: string): void {
  sql('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(
    key,
    value,
  );
}
