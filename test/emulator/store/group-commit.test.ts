import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { GroupCommit } from '../../../src/emulator/store/group-commit.ts';

function open() {
  const db = new Database(':memory:');
  onTestFinished(() => void db.close());
  db.pragma('foreign_keys = ON');
  db.exec(`
    CREATE TABLE parent (id INTEGER PRIMARY KEY);
    CREATE TABLE row (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
  `);
  const insert = (id: number, parent: number | null = null) =>
    db.prepare('INSERT INTO row VALUES (?, ?)').run(id, parent).changes;
  const ids = () => db.prepare('SELECT id FROM row ORDER BY id').pluck().all();
  return { db, group: new GroupCommit(db, null), insert, ids };
}

test('one piece of work that throws undoes itself and nothing of its neighbours', async () => {
  const { group, insert, ids } = open();
  const results = await Promise.allSettled([
    group.submit(() => insert(1)),
    group.submit(() => {
      insert(2);
      throw new Error('bad row');
    }),
    group.submit(() => insert(3)),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(ids()).toEqual([1, 3]);
});

test('nobody is told of success when the commit fails, and the next group is none the worse', async () => {
  const { group, insert, ids } = open();
  // The reference to a row that is not there is looked at by COMMIT only.
  const results = await Promise.allSettled([
    group.submit(() => insert(1)),
    group.submit(() => insert(2, 99)),
  ]);
  expect(results).toEqual([
    { status: 'rejected', reason: expect.objectContaining({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' }) },
    { status: 'rejected', reason: expect.anything() },
  ]);
  expect(ids()).toEqual([]);
  expect(await group.submit(() => insert(3))).toBe(1);
  expect(ids()).toEqual([3]);
});

test('what is submitted in one turn shares a transaction; a promise settles after it', async () => {
  const { db, group, insert } = open();
  const inside: boolean[] = [];
  let settledInside = false;
  const all = [1, 2, 3].map((id) =>
    group
      .submit(() => {
        inside.push(db.inTransaction);
        return insert(id);
      })
      .then(() => {
        settledInside ||= db.inTransaction;
      }),
  );
  expect(group.waiting).toBe(3);
  group.commit();
  expect(inside).toEqual([true, true, true]);
  await Promise.all(all);
  expect(settledInside).toBe(false);
});
