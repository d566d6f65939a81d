import { once } from 'node:events';
import fs, { copyFileSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../../src/emulator/index.ts';
import {
  candidateCreated,
  postWebhook,
  startDelivering,
  startTestEmulator,
  testOptions,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';

const UNUSABLE = { status: 503, json: { detail: 'The database cannot be used; nothing was accepted' } };

async function startOnFile() {
  const folder = tempFolder();
  const database = join(folder, 'carvos.db');
  const { emulator, control, postAndWait } = await startDelivering({ database });
  const notices: string[] = [];
  emulator.subscribe((entry) => entry.type === 'notice' && notices.push(entry.text));
  const readyz = async () => {
    const answer = await fetch(`${emulator.url}/readyz`);
    const { status } = (await answer.json()) as { status: string };
    return [answer.status, status];
  };
  return { folder, database, emulator, control, postAndWait, notices, readyz };
}

test.each([
  {
    what: 'the database deleted',
    act: (file: string) => rmSync(file),
    says: /carvos\.db was deleted or moved away/,
  },
  {
    what: 'its log deleted',
    act: (file: string) => rmSync(`${file}-wal`),
    says: /carvos\.db-wal was deleted or moved/,
  },
  {
    what: 'the database replaced',
    act: (file: string) => {
      copyFileSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
    },
    says: /carvos\.db was replaced by another file/,
  },
])('$what while it is used: nothing is accepted, and it is said', async ({ act, says }) => {
  const { database, emulator, control, notices, readyz } = await startOnFile();
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
  act(database);
  // At once, not only when the watch comes round: a 202 would promise what is lost at the end.
  expect(await postWebhook(emulator.url, candidateCreated())).toMatchObject(UNUSABLE);
  expect(notices.join('\n')).toMatch(says);
  await expect.poll(readyz).toEqual([503, 'unusable']);
  await expect(control.clockMove('pause')).rejects.toMatchObject({ status: 503 });
  expect((await control.status()).events).toBe(1);
});

test.each(['/uploads', '/v1/webhooks/test-ats'])(
  'a client that sends 16 MiB to %s before it reads anything learns of it',
  async (path) => {
    const { database, emulator, readyz } = await startOnFile();
    rmSync(database);
    await expect.poll(readyz).toEqual([503, 'unusable']);
    const socket = connect(emulator.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const body = Buffer.alloc(16 * 1024 * 1024);
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
    await new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.write(body, resolve);
    });
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 /);
  },
);

test('a database that is back under its name goes on', async () => {
  const { folder, database, emulator, notices, readyz } = await startOnFile();
  renameSync(database, join(folder, 'elsewhere.db'));
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(503);
  await expect.poll(readyz).toEqual([503, 'unusable']);
  renameSync(join(folder, 'elsewhere.db'), database);
  await expect.poll(readyz).toEqual([200, 'ready']);
  expect(notices.join('\n')).toMatch(/is back/);
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
});

test('a job that ends while the database is away is done when it is back', async () => {
  const { folder, database, emulator, control } = await startOnFile();
  const event = candidateCreated({ email: 'jane+slow-200ms@example.com' });
  const { json } = await postWebhook(emulator.url, event);
  const away = join(folder, 'elsewhere.db');
  renameSync(database, away);
  // Back in the moment in which it is missed.
  const stop = emulator.subscribe((entry) => {
    if (entry.type !== 'notice' || entry.level !== 'error') return;
    stop();
    renameSync(away, database);
  });
  const { trace } = await control.wait(json.reference_id, { until: 'settled', timeoutMs: 60_000 });
  expect(trace.job).toMatchObject({ state: 'done', error: null });
});

test('a disk that refuses a flush: nothing is accepted any more, and it is said', async () => {
  const { emulator, notices, readyz } = await startOnFile();
  const real = fs.fdatasync;
  onTestFinished(() => {
    fs.fdatasync = real;
    syncBuiltinESMExports();
  });
  const refusal = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
  fs.fdatasync = Object.assign((_file: number, done: (error: Error) => void) => done(refusal), real);
  syncBuiltinESMExports();
  // What was being written is not known to be stored; from then on nothing is taken.
  for (let i = 0; i < 2; i++)
    expect(await postWebhook(emulator.url, candidateCreated())).toMatchObject(UNUSABLE);
  expect(notices.join('\n')).toMatch(/disk refused what was written \(EIO.*stop carvos and start it again/);
  await expect.poll(readyz).toEqual([503, 'unusable']);
});

test('a database with a second name is refused, under either', async () => {
  const { folder, database, emulator } = await startOnFile();
  const second = join(folder, 'second.db');
  linkSync(database, second);
  const refusal = { code: 'database_unusable', message: expect.stringContaining('2 names (hard links)') };
  await expect(startEmulator(testOptions({ database: second }))).rejects.toMatchObject(refusal);
  await emulator.close();
  await expect(startEmulator(testOptions({ database }))).rejects.toMatchObject(refusal);
  rmSync(second);
  const again = await startEmulator(testOptions({ database }));
  await again.close();
});

test('a move of the clock ends with the reason when what is due cannot be read', async () => {
  const { database, emulator, postAndWait } = await startOnFile();
  await postAndWait('settled');
  // What a damaged page comes to: the row is there, and what belongs to it is not.
  const db = new Database(database);
  db.prepare("UPDATE delivery SET state = 'pending', due = 1000").run();
  db.prepare('DELETE FROM delivery_body').run();
  db.close();
  await emulator.close();
  const { emulator: again, control: of } = await startTestEmulator({ database, speed: 'manual' }, null);
  await expect(of.clockMove({ advance: 3_600_000 })).rejects.toMatchObject({
    status: 503,
    detail: UNUSABLE.json.detail,
  });
  expect((await fetch(`${again.url}/healthz`)).status).toBe(200);
});

test('a damaged database is refused at the start with what is wrong', async () => {
  const { database, emulator } = await startOnFile();
  for (let i = 0; i < 20; i++) await postWebhook(emulator.url, candidateCreated());
  await emulator.close();
  const db = new Database(database);
  const root = db.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'log'").pluck().get() as number;
  const size = db.pragma('page_size', { simple: true }) as number;
  const bytes = db.serialize();
  db.close();
  bytes.fill(0xff, (root - 1) * size, root * size);
  writeFileSync(database, bytes);
  await expect(startEmulator(testOptions({ database }))).rejects.toMatchObject({
    code: 'database_corrupt',
    message: expect.stringMatching(/is damaged \(.+\): move it away/),
  });
});

test('a place where there can be none is refused in words, with what to give instead', async () => {
  const folder = tempFolder({ file: '' });
  const database = join(folder, 'file', 'carvos.db');
  await expect(startEmulator({ ...testOptions(), database })).rejects.toThrow(
    /carvos\.db cannot be opened: \S+ is no folder\. Give another file with --db, or :memory:$/,
  );
});
