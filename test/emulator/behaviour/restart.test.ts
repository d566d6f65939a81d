import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DatabaseError, type EmulatorOptions, startEmulator } from '../../../src/emulator/index.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import {
  candidateCreated,
  postWebhook,
  startTestEmulator,
  testAts,
  testOptions,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { inDatabase } from '../../support/in-database.ts';
import { freePort, startTestReceiver } from '../../support/receiver.ts';

function tempDatabase(): string {
  return join(tempFolder(), 'data', 'carvos.db');
}

function start(database: string, url: string | null, overrides: Partial<EmulatorOptions> = {}) {
  return startTestEmulator({ database, ...overrides }, url);
}

async function refusal(options: EmulatorOptions): Promise<DatabaseError> {
  const error = await startEmulator(options).then(
    (emulator) => emulator.close().then(() => null),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DatabaseError);
  return error as DatabaseError;
}

test('what was accepted and not processed is processed after the next start', async () => {
  const database = tempDatabase();
  const receiver = await startTestReceiver();
  const before = await start(database, receiver.url);
  const { json } = await postWebhook(
    before.emulator.url,
    candidateCreated({ email: 'j+slow-9m@example.com' }),
  );
  await before.postAndWait('success');
  // The slow one is in flight: closing gives it up.
  await before.emulator.close();
  expect(receiver.received).toHaveLength(1);

  // As if the AI had become quick: only the tag stands between the job and its end.
  inDatabase(database, (db) =>
    db
      .prepare('UPDATE event SET body = ? WHERE reference_id = ?')
      .run(Buffer.from(JSON.stringify(candidateCreated({ candidate_id: 'c-late' }))), json.reference_id),
  );
  const after = await start(database, receiver.url);
  const { met, trace } = await after.control.wait(json.reference_id, { until: 'success', timeoutMs: 60_000 });
  expect(met).toBe(true);
  expect(JSON.parse(trace.deliveries[0]!.body.text).data.candidate_id).toBe('c-late');
});

test('what was due before a kill is due after it', async () => {
  const database = tempDatabase();
  const { promise: held, resolve: release } = withResolvers<number>();
  const receiver = await startTestReceiver(() => held);
  const { emulator } = await start(database, receiver.url, { speed: 100_000 });
  await postWebhook(emulator.url, candidateCreated());
  await receiver.waitFor(1);
  // As a kill would leave it: nobody was told to stop.
  const read = (sql: string) => inDatabase(database, (db) => db.prepare(sql).pluck().get());
  const due = Number(read('SELECT due FROM delivery'));
  expect(due).toBeGreaterThan(0);
  expect(Number(read("SELECT value FROM meta WHERE key = 'schedule_ms'"))).toBeGreaterThanOrEqual(due);
  release(200);
});

test('a pending delivery keeps its place in the schedule, and time stands still meanwhile', async () => {
  const database = tempDatabase();
  const receiver = await startTestReceiver((_one, index) => (index === 0 ? 500 : 200));
  const before = await start(database, receiver.url);
  await before.postAndWait('first-attempt');
  await before.control.clockMove({ advance: 40_000 });
  await before.emulator.close();

  const after = await start(database, receiver.url);
  const { schedule_ms, next } = await after.control.clock();
  expect(schedule_ms).toBe(40_000);
  expect(next).toMatchObject({ attempt_count: 1, next_attempt: { step: 2, in_schedule_ms: 20_000 } });
  expect((await after.control.clockMove({ advance: 19_999 })).fired).toEqual([]);
  const { fired } = await after.control.clockMove({ advance: 1 });
  expect(fired).toMatchObject([{ number: 2, step: 2, outcome: 'success' }]);
  expect(receiver.received[1]!.body.equals(receiver.received[0]!.body)).toBe(true);
});

test('an attempt that was in flight is logged as interrupted and made again at the same step', async () => {
  const database = tempDatabase();
  const receiver = await startTestReceiver((_one, index) => (index === 0 ? 500 : 200));
  const before = await start(database, receiver.url);
  const { reference_id } = await before.postAndWait('first-attempt');
  await before.control.clockMove({ advance: 59_999 });
  await before.emulator.close();
  // What a SIGKILL during attempt 2 leaves behind: a claim, due, of a start before the next one.
  inDatabase(database, (db) =>
    db.exec(`
      UPDATE delivery SET due = 59999;
      INSERT INTO claim (boot, at, attempts)
        SELECT (SELECT value FROM meta WHERE key = 'boot'), 1767225600000, json_array(json_array(seq, attempt_count)) FROM delivery`),
  );

  const after = await start(database, receiver.url);
  const { met, trace } = await after.control.wait(reference_id, { until: 'success', timeoutMs: 60_000 });
  expect(met).toBe(true);
  const { attempts, attempt_count, state } = trace.deliveries[0]!;
  expect({ attempt_count, state }).toEqual({ attempt_count: 3, state: 'delivered' });
  expect(attempts.map(({ number, step, outcome }) => [number, step, outcome])).toEqual([
    [1, 1, 'failure'],
    [2, 2, 'interrupted'],
    [3, 2, 'success'],
  ]);
  expect(attempts[1]!.occurred_at).toBe('2026-01-01T00:00:00.000Z');
  expect(receiver.received).toHaveLength(2);
  expect(receiver.received[1]!.body.equals(receiver.received[0]!.body)).toBe(true);
});

test('an attempt that close could not wait for is interrupted, not lost', async () => {
  const database = tempDatabase();
  let hang = true;
  const receiver = await startTestReceiver(() => (hang ? new Promise<number>(() => {}) : 200));
  const before = await start(database, receiver.url, { receiverTimeoutMs: null });
  const { json } = await postWebhook(before.emulator.url, candidateCreated());
  await receiver.waitFor(1);
  await before.emulator.close();
  hang = false;
  const after = await start(database, receiver.url);
  const { trace } = await after.control.wait(json.reference_id, { until: 'success', timeoutMs: 60_000 });
  expect(trace.deliveries[0]!.attempts.map(({ number, step, outcome }) => [number, step, outcome])).toEqual([
    [1, 1, 'interrupted'],
    [2, 1, 'success'],
  ]);
});

test('a repeated event_id is known after a restart', async () => {
  const database = tempDatabase();
  const event = candidateCreated();
  const before = await start(database, null);
  const first = await postWebhook(before.emulator.url, event);
  await before.emulator.close();
  const after = await start(database, null);
  expect(await postWebhook(after.emulator.url, event)).toEqual(first);
  expect((await postWebhook(after.emulator.url, { ...event, first_name: 'X' })).status).toBe(409);
});

test('a second gateway on the same database is refused and told who has it', async () => {
  const database = tempDatabase();
  const first = await start(database, null);
  const error = await refusal(testOptions({ database }));
  expect(error.code).toBe('database_locked');
  expect(error.message).toContain(`process ${process.pid}`);
  expect(error.message).toContain('--db');
  expect((await postWebhook(first.emulator.url, candidateCreated())).status).toBe(202);
  await first.emulator.close();
  await start(database, null);
});

test('a start that fails gives the database back', async () => {
  const database = tempDatabase();
  const twice = { ...testAts('other', null), apiKey: 'key-of-test-ats' };
  await expect(
    startEmulator(testOptions({ database, ats: [testAts('test-ats', null), twice] })),
  ).rejects.toThrow();
  const { emulator } = await start(database, null);
  await expect(startEmulator(testOptions({ port: emulator.port }))).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('a start that does not get its port makes nothing', async () => {
  const folder = tempFolder();
  const { emulator } = await start(tempDatabase(), null);
  const options = testOptions({ port: emulator.port, database: join(folder, 'new/carvos.db') });
  await expect(startEmulator(options)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(readdirSync(folder)).toEqual([]);
  const other = await startEmulator({ ...options, port: await freePort() });
  await other.close();
});

test('close while somebody waits and follows ends both', async () => {
  const { emulator, control } = await start(tempDatabase(), null);
  const { json } = await postWebhook(emulator.url, candidateCreated({ email: 'j+slow-9m@example.com' }));
  const waiting = control
    .wait(json.reference_id, { until: 'success', timeoutMs: 60_000 })
    .then(() => 'answered')
    .catch(() => 'cut off');
  const opened = await fetch(`${emulator.url}/_carvos/v1/feed`, {
    headers: { Authorization: `Bearer ${emulator.controlToken}` },
  });
  const feed = opened
    .text()
    .then(() => 'ended')
    .catch(() => 'cut off');
  await emulator.close();
  expect(await waiting).toBe('cut off');
  expect(['ended', 'cut off']).toContain(await feed);
  await emulator.close();
});

test('a start that fails at its certificate holds no port', async () => {
  const port = await freePort();
  await expect(startEmulator({ port, tls: { cert: '', key: '' } })).rejects.toThrow();
  const { emulator } = await startTestEmulator({ port });
  expect(emulator.port).toBe(port);
});
