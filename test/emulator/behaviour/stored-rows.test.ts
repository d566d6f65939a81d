import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createAcceptor } from '../../../src/emulator/incoming/accept.ts';
import { DatabaseError } from '../../../src/emulator/index.ts';
import { createLiveFeed } from '../../../src/emulator/live-feed.ts';
import { openLogReader } from '../../../src/emulator/log/reader.ts';
import { countJobs, finishJob } from '../../../src/emulator/store/jobs.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { startDev } from '../../support/dev-process.ts';
import { candidateCreated, postWebhook, startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { inDatabase } from '../../support/in-database.ts';
import { runCli } from '../../support/program.ts';
import { freePort, startTestReceiver } from '../../support/receiver.ts';

/**
 * What a database holds that no carvos of today would store: an earlier one did, or somebody's hand. A job that
 * cannot be run fails alone; a start that must fail says which row, and leaves nothing behind.
 */

function start(database: string, url: string | null, port = 0) {
  return startTestEmulator({ database, port }, url);
}

/** A database with three jobs that wait; the one in the middle is the one to spoil. */
async function makeDatabase() {
  const database = join(tempFolder(), 'carvos.db');
  const receiver = await startTestReceiver();
  const { emulator } = await start(database, receiver.url);
  const references: string[] = [];
  for (const id of ['c-1', 'c-2', 'c-3']) {
    const email = 'j+slow-9m@example.com';
    const { json } = await postWebhook(emulator.url, candidateCreated({ candidate_id: id, email }));
    references.push(json.reference_id);
  }
  await emulator.close();
  inDatabase(database, (db) => {
    const change = db.prepare('UPDATE event SET body = ? WHERE reference_id = ?');
    for (const [index, reference] of references.entries()) {
      const body = candidateCreated({ candidate_id: `c-${index + 1}` });
      change.run(Buffer.from(JSON.stringify(body)), reference);
    }
  });
  return { database, receiver, references: references as [string, string, string] };
}

const BODY = (body: string | null) => (db: Database.Database, reference: string) =>
  db.prepare('UPDATE event SET body = ? WHERE reference_id = ?').run(body && Buffer.from(body), reference);

const SPOILED: [string, (db: Database.Database, reference: string) => unknown, RegExp][] = [
  // What `DELETE /v1/candidates/c-2` with a body left behind in an earlier carvos.
  [
    'a DELETE with a body that is not JSON',
    (db, reference) =>
      db
        .prepare(
          `UPDATE event SET body = CAST('x' AS BLOB), via = 'rest', event = 'candidate.deleted', target_id = 'c-2'
           WHERE reference_id = ?`,
        )
        .run(reference),
    /event 2, body/,
  ],
  ['a body that is a list', BODY('[1]'), /event 2, body\): it is not an object/],
  [
    'a body that is no UTF-8',
    (db, reference) => db.prepare(`UPDATE event SET body = x'ff' WHERE reference_id = ?`).run(reference),
    /event 2, body/,
  ],
  [
    'a body that is text',
    (db, reference) => db.prepare(`UPDATE event SET body = '{' WHERE reference_id = ?`).run(reference),
    /event 2, body/,
  ],
  ['a body without its id', BODY('{"event":"candidate.created"}'), /./],
  ['an id that is an object', BODY('{"candidate_id":{}}'), /./],
  [
    'an event that nobody knows',
    (db, reference) => db.prepare(`UPDATE event SET event = 'no.such' WHERE reference_id = ?`).run(reference),
    /./,
  ],
  ['attempts that are no list', (db) => db.exec("UPDATE job SET attempts = '{' WHERE event_seq = 2"), /./],
];

describe.each(SPOILED)('a stored job with %s', (_name, spoil, says) => {
  test('fails alone, with a reason; the others are done, and everything works on', async () => {
    const { database, receiver, references } = await makeDatabase();
    const [first, second, third] = references;
    inDatabase(database, (db) => spoil(db, second));
    const { emulator, control } = await start(database, receiver.url);
    expect((await fetch(`${emulator.url}/readyz`)).status).toBe(200);
    for (const reference of [first, third]) {
      const { met } = await control.wait(reference, { until: 'success', timeoutMs: 60_000 });
      expect(met).toBe(true);
    }
    await expect
      .poll(async () => (await control.status()).jobs)
      .toMatchObject({ queued: 0, running: 0, failed: 1 });
    const { trace } = await control.wait(second, { until: 'settled', timeoutMs: 60_000 });
    expect(trace.job).toMatchObject({ state: 'failed', error: { code: 'job_unreadable' } });
    expect(trace.job!.error!.message).toMatch(says);
    for (const delivery of trace.deliveries)
      expect(JSON.parse(delivery.body.text)).toMatchObject({
        status: 'failed',
        error: { code: 'job_unreadable' },
      });

    // Looked at, saved, run again, emptied.
    await emulator.close();
    const reader = await openLogReader(database);
    const page = await reader.log({});
    expect(page.items.length).toBeGreaterThan(4);
    expect(reader.trace(second)?.job?.state).toBe('failed');
    for (const { delivery_id } of page.items) expect(reader.delivery(delivery_id)).not.toBeNull();
    reader.close();
    const again = await start(database, receiver.url);
    const saved = await fetch(`${again.emulator.url}/_carvos/v1/snapshot`, {
      headers: { Authorization: `Bearer ${again.emulator.controlToken}` },
    });
    expect([saved.status, (await saved.arrayBuffer()).byteLength > 10_000]).toEqual([200, true]);
    expect(await again.control.reset()).toMatchObject({ events: 0, jobs: { queued: 0, failed: 0 } });
    expect(await postWebhook(again.emulator.url, candidateCreated())).toMatchObject({ status: 202 });
  });
});

test('a job without its event fails alone', async () => {
  const { database, receiver, references } = await makeDatabase();
  inDatabase(database, (db) => db.exec('DELETE FROM event WHERE seq = 2'));
  const { control } = await start(database, receiver.url);
  for (const reference of [references[0], references[2]])
    expect(await control.wait(reference, { until: 'success', timeoutMs: 60_000 })).toMatchObject({
      met: true,
    });
  await expect
    .poll(async () => (await control.status()).jobs)
    .toMatchObject({ queued: 0, running: 0, failed: 1 });
});

const UNUSABLE: [string, string, RegExp][] = [
  [
    'a fault that is no rule',
    `INSERT INTO fault (id, rule, applied_count) VALUES ('flt_odd', '{"kind":1}', 0)`,
    /fault flt_odd, rule/,
  ],
  [
    'a fault that is no JSON',
    `INSERT INTO fault (id, rule, applied_count) VALUES ('flt_odd', 'x', 0)`,
    /fault flt_odd, rule/,
  ],
  [
    'a clock that stands nowhere',
    `INSERT OR REPLACE INTO meta VALUES ('schedule_ms', 'noon')`,
    /meta schedule_ms/,
  ],
  ['a boot that is no number', `INSERT OR REPLACE INTO meta VALUES ('boot', 'first')`, /meta boot/],
  // Found only after the port was taken.
  ['no jobs', 'DROP TABLE job', /job/],
];

describe.each(UNUSABLE)('a database with %s', (_name, spoil, says) => {
  test('is refused with table and row; port, lock and process are free at once', async () => {
    const { database, receiver } = await makeDatabase();
    const { emulator } = await start(database, receiver.url);
    await emulator.close();
    inDatabase(database, (db) => db.exec(spoil));
    const port = await freePort();
    const refused = await start(database, receiver.url, port).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DatabaseError);
    expect((refused as Error).message).toMatch(says);
    expect((refused as Error).message).toContain(database);
    // Both are to be had again.
    await expect(fetch(`http://127.0.0.1:${port}/readyz`)).rejects.toThrow();
    await start(join(tempFolder(), 'other.db'), null, port);
    await expect(start(database, null)).rejects.toThrow(says);
  });
});

test('dev on a database that it cannot use ends with 2 and says which row', async () => {
  const folder = tempFolder();
  const dev = await startDev(folder, []);
  await dev.program.end('SIGTERM');
  inDatabase(join(folder, '.carvos/carvos.db'), (db) => db.exec(UNUSABLE[0]![1]));
  const ended = await runCli(['dev', '--port', '0'], { cwd: folder });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/fault flt_odd, rule/);
  expect(ended.stderr).not.toMatch(/bug/);
});

test('what fails after the commit is reported, and the answer stands', async () => {
  const store = openStore(':memory:');
  onTestFinished(store.close);
  const reported: string[] = [];
  const fail = (what: string) => () => {
    throw new Error(what);
  };
  const liveFeed = createLiveFeed();
  const texts: string[] = [];
  liveFeed.subscribe((entry) => texts.push(entry.type === 'notice' ? entry.text : entry.type));
  const acceptor = createAcceptor({
    store,
    // The view of a record asks it: reporting fails too.
    clock: { now: fail('clock'), realUntil: fail('clock') } as never,
    liveFeed,
    note: fail('note'),
    settings: () => ({ unprovisioned: 'fail-later' }),
    onAccepted: fail('worker'),
    diagnose: async () => null,
    onError: (error) => void reported.push((error as Error).message),
  });
  const { event_id, client_id, user_id, ...payload } = candidateCreated();
  const acceptance = await acceptor.accept({
    ats: { id: 'test-ats' } as never,
    via: 'rest',
    event: { event: 'candidate.created', event_id, client_id, user_id, payload } as never,
    request: {
      method: 'POST',
      url: '/v1/candidates',
      headers: {},
      signature: null,
      body: Buffer.from('{}'),
      byHand: false,
      receivedAt: Date.now(),
      startedAt: 0,
    },
  });
  expect(acceptance).toMatchObject({ ok: true, duplicate: false });
  expect(reported).toEqual(['note', 'worker']);
  liveFeed.publish(fail('publish'));
  liveFeed.onAnyTouch(fail('touch'));
  liveFeed.touch('ref');
  expect(texts.slice(-2)).toEqual(['publish', 'touch']);
});

test('a job that has just ended is not taken from those that wait', async () => {
  const database = join(tempFolder(), 'carvos.db');
  const { emulator } = await start(database, null);
  for (let n = 0; n < 3; n++)
    await postWebhook(emulator.url, candidateCreated({ email: 'j+slow-9m@example.com' }));
  await emulator.close();
  const store = openStore(database);
  onTestFinished(store.close);
  expect(countJobs(store, [1, 2])).toEqual({ queued: 1, running: 2, done: 0, failed: 0 });
  const result = { startedAt: 0, finishedAt: 0, error: null, applied: true, attempts: [] };
  // Committed; the worker still has it in hand until it is on disk.
  finishJob(store, 1, { state: 'done', ...result });
  finishJob(store, 2, { state: 'done', ...result });
  finishJob(store, 3, { state: 'done', ...result });
  expect(countJobs(store, [1, 2, 3])).toEqual({ queued: 0, running: 0, done: 3, failed: 0 });
});

test('a body is parsed once: a job that begins at once has the event as it came, not as it was stored', async () => {
  const database = join(tempFolder(), 'carvos.db');
  const receiver = await startTestReceiver();
  const { emulator } = await start(database, receiver.url);
  inDatabase(database, (db) =>
    db.exec(
      "CREATE TRIGGER spoil AFTER INSERT ON event BEGIN UPDATE event SET body = X'7B' WHERE seq = NEW.seq; END",
    ),
  );
  await postWebhook(emulator.url, candidateCreated({ candidate_id: 'c-once' }));
  const { data } = await emulator.waitFor({ event: 'candidate.created' });
  expect(data).toMatchObject({ candidate_id: 'c-once' });
});
