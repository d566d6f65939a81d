import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openLogReader } from '../../../src/emulator/log/reader.ts';
import { copySnapshot } from '../../../src/emulator/snapshot/copy-snapshot.ts';
import { claimDue, nextDueOf } from '../../../src/emulator/store/claims.ts';
import { insertDelivery } from '../../../src/emulator/store/deliveries.ts';
import { insertEvent, type NewEvent } from '../../../src/emulator/store/events.ts';
import { finishJob, getJob } from '../../../src/emulator/store/jobs.ts';
import { acquireLock } from '../../../src/emulator/store/lock-file.ts';
import { insertLog, newLogRow, timeOfLogSeq } from '../../../src/emulator/store/log.ts';
import { openStore, openStoreReadOnly, writeMeta } from '../../../src/emulator/store/open-store.ts';
import { listReplayable } from '../../../src/emulator/store/replays.ts';
import { seqsOf } from '../../../src/emulator/store/seqs.ts';
import { readStoredJson } from '../../../src/emulator/store/stored-json.ts';
import { sweepBatch } from '../../../src/emulator/store/sweep.ts';
import {
  bindUpload,
  findUpload,
  finishUpload,
  getChunk,
  insertChunk,
  insertUpload,
  sweepExpiredUploads,
} from '../../../src/emulator/store/uploads.ts';
import { tempFolder } from '../../support/folder.ts';
import { sampleDelivery } from '../../support/sample-delivery.ts';

function openTestStore(file = join(tempFolder(), 'carvos.db')) {
  const store = openStore(file);
  onTestFinished(() => store.close());
  return store;
}

const DELIVERY = sampleDelivery();

const EVENT: NewEvent = {
  reference_id: 'r',
  ats_id: 'a',
  client_id: 'c',
  user_id: null,
  event: 'candidate.created',
  event_id: 'e',
  via: 'webhook',
  target_id: null,
  body: Buffer.from('{}'),
  body_hash: Buffer.from('x'),
  received_at: 0,
};

test('the longest due are claimed first, whatever the order in which they came', () => {
  const store = openTestStore();
  for (const [id, due] of [
    ['late', 300],
    ['first', 100],
    ['second', 200],
    ['not yet', 1000],
  ] as const) {
    insertDelivery(store, { ...DELIVERY, id, due });
  }
  const claim = claimDue(store, 'a', 500, 2, 0);
  expect(claim.deliveries.map(({ id }) => id)).toEqual(['first', 'second']);
  store.claims.add(claim);
  expect(nextDueOf(store, 'a')).toBe(300);
  expect(claimDue(store, 'a', 500, 9, 0).deliveries.map(({ id }) => id)).toEqual(['late']);
});

test('a delivery without a body is an error, not one that is due again and again', () => {
  const store = openTestStore();
  insertDelivery(store, { ...DELIVERY, id: 'whole' });
  insertDelivery(store, { ...DELIVERY, id: 'bare' });
  store.sql('DELETE FROM delivery_body WHERE delivery_seq = 2').run();
  expect(() => claimDue(store, 'a', 500, 9, 0)).toThrow('no body');
  expect(() => claimDue(store, 'a', 500, 1, 0)).not.toThrow();
});

test('a job ends once: a later answer changes nothing', () => {
  const store = openTestStore();
  const seq = insertEvent(store, EVENT, null);
  const end = (state: 'done' | 'failed', at: number) =>
    finishJob(store, seq, { state, startedAt: at, finishedAt: at, error: null, applied: true, attempts: [] });
  expect([end('done', 1), end('failed', 2)]).toEqual([true, false]);
  expect(getJob(store, seq)).toMatchObject({ state: 'done', finished_at: 1 });
});

test('a file that is used does not expire, one that is not does', () => {
  const store = openTestStore();
  const seqs = ['used', 'unused', 'later'].map((id) => {
    const seq = insertUpload(store, { id, ats_id: 'a', client_id: 'c', file_name: `${id}.pdf` });
    insertChunk(store, seq, 0, Buffer.from('%PDF'));
    const expires_at = id === 'later' ? 2000 : 1000;
    finishUpload(store, seq, { content_type: 'application/pdf', size: 4, uploaded_at: 0, expires_at });
    return seq;
  });
  bindUpload(store, seqs[0]!, 1);
  expect(sweepExpiredUploads(store, 999)).toBe(false);
  expect(getChunk(store, seqs[1]!, 0)).toBeDefined();
  sweepExpiredUploads(store, 1000);
  const left = ['used', 'unused', 'later'].filter((id) => findUpload(store, 'a', 'c', id) !== undefined);
  expect(left).toEqual(['used', 'later']);
  expect(seqs.map((seq) => getChunk(store, seq, 0) !== undefined)).toEqual([true, false, true]);
});

test('where there is no room nothing is claimed or written', () => {
  const store = openTestStore();
  insertDelivery(store, DELIVERY);
  expect(claimDue(store, 'a', 500, 0, 0).deliveries).toEqual([]);
  expect(store.sql('SELECT * FROM claim').all()).toEqual([]);
});

test('a claim is written over one whose attempts are all recorded, and over no other', () => {
  const store = openTestStore();
  for (const id of ['one', 'two', 'three', 'four', 'five']) insertDelivery(store, { ...DELIVERY, id });
  const rows = () =>
    store
      .sql<string>('SELECT attempts FROM claim ORDER BY id')
      .pluck()
      .all()
      .map((attempts) => (JSON.parse(attempts) as [seq: number, count: number][]).map(([seq]) => seq));
  const claim = (limit: number) => {
    const one = claimDue(store, 'a', 0, limit, 0);
    store.claims.add(one);
    return (index: number) => {
      const { seq, lane } = one.deliveries[index]!;
      store.sql("UPDATE delivery SET state = 'delivered' WHERE seq = ?").run(seq);
      store.claims.release({ seq, lane });
    };
  };
  const release = claim(2);
  release(0);
  release(0); // a late second time changes nothing
  claim(1);
  expect(rows()).toEqual([[1, 2], [3]]);
  release(1);
  // Two that share a transaction are known to memory only after it.
  const together = [claimDue(store, 'a', 0, 1, 0), claimDue(store, 'a', 0, 1, 0)];
  expect(together.map(({ id }) => id)).toEqual([1, 3]);
  expect(rows()).toEqual([[4], [3], [4]]);
});

test('a delivery of which one record is not expired stays, with all records', () => {
  const store = openTestStore();
  insertDelivery(store, DELIVERY);
  store.sql("UPDATE delivery SET state = 'exhausted'").run();
  for (const [number, occurred_at] of [
    [1, 10],
    [2, 100],
  ] as const) {
    insertLog(store, newLogRow({ delivery_id: 'dlv_1', number, direction: 'outgoing', occurred_at }));
  }
  expect(sweepBatch(store, 50, 0).deleted).toBe(0);
  expect(store.sql('SELECT id FROM delivery').all()).toEqual([{ id: 'dlv_1' }]);
  expect(sweepBatch(store, 500, 0).deleted).toBe(2);
  expect(store.sql('SELECT id FROM delivery').all()).toEqual([]);
});

test('an empty log has no first, last or next record, and nothing to replay', () => {
  const store = openTestStore();
  expect([seqsOf(store, 'log'), timeOfLogSeq(store, 1)]).toEqual([{ oldest: 0, newest: 0 }, null]);
  expect(listReplayable(store, { exhausted: true }, 0)).toEqual({ ids: [], next: null });
});

test('what can be replayed is looked for in windows', () => {
  const store = openTestStore();
  insertDelivery(store, { ...DELIVERY, id: 'near' });
  insertDelivery(store, { ...DELIVERY, id: 'far' });
  store.sql("UPDATE delivery SET state = 'exhausted', seq = 12000 WHERE id = 'far'").run();
  store.sql("UPDATE delivery SET state = 'exhausted' WHERE id = 'near'").run();
  const ids: string[] = [];
  let windows = 0;
  for (let after: number | null = 0; after !== null; windows++) {
    const found = listReplayable(store, { exhausted: true }, after);
    ids.push(...found.ids);
    after = found.next;
  }
  expect({ ids, windows }).toEqual({ ids: ['near', 'far'], windows: 3 });
});

test('a lock is reported with the process that holds it, and without where that is not known', () => {
  const file = join(tempFolder(), 'carvos.db');
  const lock = acquireLock(`${file}-lock`)!;
  expect(() => openStore(file)).toThrow(/is in use by another process/);
  lock.release();
  const store = openTestStore(file);
  expect(() => openStore(file)).toThrow(`is in use by process ${process.pid}`);
  expect(store.db.open).toBe(true);
});

test('a lock is not said to be that of a process which is gone', () => {
  const file = join(tempFolder(), 'carvos.db');
  const store = openTestStore(file);
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  writeMeta(store.sql, 'pid', String(pid));
  store.close();
  // As somebody who starts and has not got as far as to write itself down.
  const lock = acquireLock(`${file}-lock`)!;
  expect(() => openStore(file)).toThrow(/is in use by another process/);
  lock.release();
});

test('a lock file that is something else is an error, and no lock', () => {
  const file = join(tempFolder(), 'carvos.db');
  writeFileSync(`${file}-lock`, 'no database'.repeat(1000));
  const blamed = (code: string) =>
    expect.objectContaining({ code, message: expect.stringContaining(`${file}-lock `) });
  expect(() => openStore(file)).toThrow(blamed('database_corrupt'));
  rmSync(`${file}-lock`);
  for (const make of ['mkdir', 'mkfifo']) {
    execFileSync(make, [`${file}-lock`]);
    expect(() => openStore(file), make).toThrow(blamed('database_unusable'));
    rmSync(`${file}-lock`, { recursive: true });
  }
  expect(existsSync(file)).toBe(false);
});

test.each(['-journal', '-wal', '-shm'])('what is no file beside a database is named: %s', async (side) => {
  const file = join(tempFolder(), 'carvos.db');
  openStore(file).close();
  const before = readFileSync(file);
  // A pipe as a journal would be waited for for ever, deaf to every limit.
  execFileSync(side === '-journal' ? 'mkdir' : 'mkfifo', [`${file}${side}`]);
  const blamed = expect.objectContaining({
    code: 'database_unusable',
    message: `${file}${side} is not a file: take it away, or give another database with --db`,
  });
  expect(() => openStore(file)).toThrow(blamed);
  await expect(openLogReader(file)).rejects.toThrow(blamed);
  rmSync(`${file}${side}`, { recursive: true });
  symlinkSync('nowhere', `${file}${side}`);
  expect(() => openStore(file)).toThrow(`${file}${side} is not a file`);
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('what cannot be a file is unusable', () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'carvos.db'));
  expect(() => openStore(join(folder, 'carvos.db'))).toThrow(
    expect.objectContaining({ code: 'database_unusable' }),
  );
});

test.each(['carvos.db', 'no-folder/carvos.db'])('what is not there is not looked at: %s', (name) => {
  const folder = tempFolder();
  expect(() => openStoreReadOnly(join(folder, name))).toThrow(
    expect.objectContaining({
      code: 'database_unusable',
      message: `there is no database ${join(folder, name)}`,
    }),
  );
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  [999, 'database_newer', /newer carvos \(schema 999, .*\): update carvos,/],
  [1, 'database_unusable', /start carvos dev/],
])('a database of schema %i is not looked at, and what to do is said', (version, code, words) => {
  const file = join(tempFolder(), 'carvos.db');
  openStore(file).close();
  const db = new Database(file);
  db.pragma(`user_version = ${version}`);
  db.close();
  const refusal = expect.objectContaining({ code, message: expect.stringMatching(words) });
  expect(() => openStoreReadOnly(file)).toThrow(refusal);
  if (code === 'database_newer') expect(() => openStore(file)).toThrow(expect.objectContaining({ code }));
});

test('a snapshot with a damaged page is none', () => {
  const file = join(tempFolder(), 'carvos.db');
  const store = openStore(file);
  for (let n = 0; n < 500; n++) insertDelivery(store, { ...DELIVERY, id: `dlv_${n}` });
  store.close();
  writeFileSync(`${file}-copy`, '');
  copySnapshot(file, `${file}-copy`);
  const db = new Database(file);
  const page = db.pragma('page_size', { simple: true }) as number;
  const { rootpage } = db
    .prepare<[], { rootpage: number }>("SELECT rootpage FROM sqlite_schema WHERE name = 'delivery'")
    .get()!;
  db.close();
  damage(file, (rootpage - 1) * page, page);
  expect(() => copySnapshot(file, `${file}-second`)).toThrow(
    expect.objectContaining({ code: 'bad_snapshot', detail: expect.stringContaining('the file is damaged') }),
  );
});

function damage(file: string, offset: number, length: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(length, 0xa5), 0, length, offset);
  closeSync(handle);
}

test('stored JSON that cannot be read is said to be so, with its place', () => {
  expect(readStoredJson('{"a":1}', 'event 1, body')).toEqual({ a: 1 });
  for (const bad of ['{', '', '[1]', 'null', '"x"', '12345678901234567890'])
    expect(() => readStoredJson(Buffer.from(bad), 'event 7, body')).toThrow(/\(event 7, body\)/);
});

test.each([
  [
    'of another program',
    (db: Database.Database) => db.exec('CREATE TABLE users (a); INSERT INTO users VALUES (1)'),
    /another program/,
  ],
  ['of a newer carvos', (db: Database.Database) => db.pragma('user_version = 99'), /newer carvos/],
])('a database %s is refused and left as it is', (_, make, message) => {
  const file = join(tempFolder(), 'app.db');
  const db = new Database(file);
  make(db);
  db.close();
  chmodSync(file, 0o644);
  const before = readFileSync(file);
  expect(() => openStore(file)).toThrow(message);
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o644);
});

test('a database that a kill left in the middle of a transaction is opened', () => {
  const folder = tempFolder();
  const file = join(folder, 'carvos.db');
  openStore(file).close();
  const db = new Database(file);
  db.pragma('journal_mode = DELETE');
  db.pragma('cache_size = 1');
  db.pragma('cache_spill = 1');
  db.exec('BEGIN; CREATE TABLE filler (x); INSERT INTO filler VALUES (zeroblob(200000));');
  const copy = join(folder, 'killed.db');
  // Both files as a kill would leave them: the journal is hot.
  copyFileSync(file, copy);
  copyFileSync(`${file}-journal`, `${copy}-journal`);
  db.exec('ROLLBACK');
  db.close();
  expect(statSync(`${copy}-journal`).size).toBeGreaterThan(0);
  openTestStore(copy);
  expect(existsSync(`${copy}-journal`)).toBe(false);
});

test('a link is followed: log and lock are those of the file itself', () => {
  const folder = tempFolder();
  const [file, link] = [join(folder, 'real.db'), join(folder, 'link.db')];
  symlinkSync(file, link);
  expect(() => openStore(link)).toThrow(/link to a file that is not there/);
  expect(readdirSync(folder)).toEqual(['link.db']);
  const store = openTestStore(file);
  expect(() => openStore(link)).toThrow(`is in use by process ${process.pid}`);
  store.close();
  openTestStore(link);
  expect(() => openStore(file)).toThrow(/in use/);
});

test('a pipe is no database, nor is a device, and stays as it is', () => {
  const pipe = join(tempFolder(), 'pipe');
  execFileSync('mkfifo', ['-m', '666', pipe]);
  // Beside a device only root may write.
  for (const path of [pipe, ...(process.getuid?.() === 0 ? ['/dev/null'] : [])]) {
    const before = statSync(path).mode;
    expect(() => openStore(path)).toThrow(/not a file/);
    expect(statSync(path).mode).toBe(before);
  }
});

test('where the clock was set back between two attempts, the log of a delivery goes whole or stays whole', () => {
  const store = openTestStore();
  const put = (delivery_id: string, number: number, occurred_at: number) =>
    insertLog(store, newLogRow({ delivery_id, number, occurred_at, direction: 'outgoing', url: '/' }));
  put('kept', 1, 900);
  put('kept', 2, 100);
  put('gone', 1, 300);
  put('gone', 2, 100);
  const left = () => store.sql('SELECT delivery_id, number FROM log ORDER BY seq').raw().all();
  sweepBatch(store, 500, 0);
  expect(left()).toEqual([
    ['kept', 1],
    ['kept', 2],
  ]);
  sweepBatch(store, 1000, 0);
  expect(left()).toEqual([]);
});
