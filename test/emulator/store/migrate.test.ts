import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { DatabaseError } from '../../../src/emulator/store/database-error.ts';
import { MIGRATIONS } from '../../../src/emulator/store/migrations.ts';
import { migrate } from '../../../src/emulator/store/open-store.ts';

const SECOND = 'ALTER TABLE meta ADD COLUMN note TEXT; UPDATE meta SET note = upper(value);';

function database() {
  const db = new Database(':memory:');
  const version = () => db.pragma('user_version', { simple: true });
  return { db, version };
}

test('a database of an older schema takes the steps it lacks, once, and keeps what it holds', () => {
  const { db, version } = database();
  migrate(db, 'x');
  db.exec("INSERT INTO meta VALUES ('colour', 'green')");
  const steps = [...MIGRATIONS, SECOND];
  migrate(db, 'x', steps);
  migrate(db, 'x', steps);
  expect(version()).toBe(steps.length);
  expect(db.prepare("SELECT * FROM meta WHERE key = 'colour'").get()).toEqual({
    key: 'colour',
    value: 'green',
    note: 'GREEN',
  });
});

test('a step that fails halfway leaves everything before it', () => {
  const { db, version } = database();
  migrate(db, 'x');
  const broken = 'ALTER TABLE meta ADD COLUMN note TEXT; INSERT INTO nowhere VALUES (1);';
  expect(() => migrate(db, 'x', [...MIGRATIONS, broken])).toThrow(/nowhere/);
  expect(version()).toBe(MIGRATIONS.length);
  migrate(db, 'x', [...MIGRATIONS, SECOND]);
  expect(version()).toBe(MIGRATIONS.length + 1);
});

test('of several steps of which one fails none is taken', () => {
  const { db, version } = database();
  const broken = 'INSERT INTO nowhere VALUES (1);';
  expect(() => migrate(db, 'x', [...MIGRATIONS, broken])).toThrow(/nowhere/);
  expect(version()).toBe(0);
  expect(db.prepare('SELECT * FROM sqlite_master').all()).toEqual([]);
});

test('a newer database is refused', () => {
  const { db } = database();
  migrate(db, 'x', [...MIGRATIONS, SECOND]);
  expect(() => migrate(db, '/tmp/some.db')).toThrow(DatabaseError);
  expect(() => migrate(db, '/tmp/some.db')).toThrow(/\/tmp\/some\.db was written by a newer carvos/);
});
