import { open as openFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { GroupCommit } from '../../../src/emulator/store/group-commit.ts';
import type { WalFlush } from '../../../src/emulator/store/wal-flush.ts';
import { openWalFlush } from '../../../src/emulator/store/wal-flush.ts';
import { tempFolder } from '../../support/folder.ts';

function open(wal: WalFlush | null = null) {
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
  return { db, group: new GroupCommit(db, wal), insert, ids };
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

/** A disk whose flushes end when the test says so. */
function heldDisk() {
  const flushes: ((error: Error | null) => void)[] = [];
  return { flushes, wal: { flush: (done) => void flushes.push(done), close() {} } satisfies WalFlush };
}

test('a promise settles after the flush; what is committed meanwhile shares the next one', async () => {
  const { flushes, wal } = heldDisk();
  const { group, insert, ids } = open(wal);
  const settled: number[] = [];
  const submit = (id: number, until?: 'committed') =>
    group.submit(() => insert(id), until).then(() => void settled.push(id));
  const first = submit(1);
  group.commit();
  const later = [submit(2), submit(3)];
  group.commit();
  const early = submit(4, 'committed');
  group.commit();
  await early;
  expect(ids()).toEqual([1, 2, 3, 4]);
  expect(settled).toEqual([4]);
  expect(flushes).toHaveLength(1);
  flushes[0]!(null);
  await first;
  expect(settled).toEqual([4, 1]);
  expect(flushes).toHaveLength(2);
  flushes[1]!(null);
  await Promise.all(later);
  expect(settled).toEqual([4, 1, 2, 3]);
});

test('after a flush that failed nothing is said to be durable, and nothing is taken any more', async () => {
  const { flushes, wal } = heldDisk();
  const { group, insert, ids } = open(wal);
  const lost = [group.submit(() => insert(1))];
  group.commit();
  lost.push(group.submit(() => insert(2)));
  group.commit();
  const outcome = Promise.allSettled(lost);
  flushes[0]!(new Error('EIO'));
  expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(group.submit(() => insert(3))).rejects.toMatchObject({
    code: 'DATABASE_NOT_FLUSHED',
    message: expect.stringContaining('EIO'),
  });
  expect(ids()).not.toContain(3);
});

test('the flush of a database file ends after it was closed too, and closes its file once', async () => {
  const folder = tempFolder();
  const db = new Database(join(folder, 'a.db'));
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE row (id INTEGER PRIMARY KEY)');
  const wal = openWalFlush(db)!;
  const flush = () => new Promise<Error | null>((done) => wal.flush(done));
  const underWay = flush();
  wal.close();
  expect(await underWay).toBe(null);
  await stat(folder); // after the close, which the same few threads make
  // Takes the number of the file that was closed; a second close would hit this one.
  const other = await openFile(join(folder, 'other'), 'w');
  wal.close();
  expect(await flush()).toBe(null);
  await stat(folder);
  await other.write('still open');
  await other.close();
  db.close();
});
