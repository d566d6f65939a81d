import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { createControlClient } from '../../src/client/control-client.ts';
import type { LogRecord } from '../../src/contract/control.ts';
import { OUTPUTS } from '../../src/contract/output/catalogue.ts';
import { openLogReader } from '../../src/emulator/log/reader.ts';
import { MIGRATIONS } from '../../src/emulator/store/migrations.ts';
import { migrate } from '../../src/emulator/store/open-store.ts';
import { isSigned } from '../support/demo-gateway.ts';
import { startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { runCli } from '../support/program.ts';
import { startTestReceiver } from '../support/receiver.ts';
import { signLikeTheGuides } from '../support/sign.ts';
import {
  atTimeOf,
  copyOf,
  type Expected,
  listVersions,
  readExpected,
  readOldConfig,
  readOldSchemas,
} from '../support/version-fixtures.ts';

const MONTH_MS = 30 * 86_400_000;
const KEYS = { 'X-API-Key': 'demo-api-key', 'X-ATS-Client-ID': 'acme-corp', 'X-ATS-User-ID': 'admin-user' };

/** The present program with what an earlier one left behind. */
async function open(version: string, from: 'database' | 'snapshot', laterMs = 0) {
  const expected = readExpected(version);
  const env = atTimeOf(expected, laterMs);
  const receiver = await startTestReceiver();
  const cwd = tempFolder();
  const flags = ['--speed', 'manual', '--webhook-url', receiver.url];
  const db = from === 'database' ? copyOf(version, 'carvos.db') : 'empty.db';
  const dev = await startDev(cwd, ['--db', db, ...flags], env);
  if (from === 'snapshot') {
    const file = copyOf(version, 'snapshot.db');
    const { code, stderr } = await runCli(['snapshot', 'restore', file, '--yes'], { cwd, env });
    expect(code, stderr).toBe(0);
  }
  const control = createControlClient(dev);
  // A snapshot brings the URL of its own time.
  await control.changeAts('demo-ats', { webhook_url: receiver.url });
  const log = async (): Promise<LogRecord[]> => (await control.log({ limit: 1000 })).items;
  const post = async (body: string) => {
    const t = Math.floor((Date.now() + Number(env.SHIFT_DATE_MS)) / 1000);
    const signature = signLikeTheGuides(Buffer.from(body), 'demo-incoming-secret', t);
    const headers = { 'X-Webhook-Signature': signature };
    const response = await fetch(`${dev.url}/v1/webhooks/demo-ats`, { method: 'POST', body, headers });
    return { status: response.status, json: (await response.json()) as { reference_id: string } };
  };
  return { expected, receiver, url: dev.url, control, log, post };
}

/** The numbers of each delivery's attempts, which begin with 1 and leave none out. */
function holesIn(records: readonly Pick<LogRecord, 'id' | 'number'>[]): string[] {
  const numbers = new Map<string, number[]>();
  for (const { id, number } of records) {
    const delivery = id.split('/')[0]!;
    numbers.set(delivery, [...(numbers.get(delivery) ?? []), number]);
  }
  return [...numbers].flatMap(([id, found]) =>
    found.sort((a, b) => a - b).every((number, index) => number === index + 1) ? [] : [`${id}: ${found}`],
  );
}

function deliveryOf(records: readonly LogRecord[], id: string): LogRecord[] {
  return records.filter((record) => record.id.startsWith(`${id}/`)).sort((a, b) => a.number - b.number);
}

const LEFT_BEHIND = listVersions().flatMap((version) => [
  [version, 'database'] as const,
  [version, 'snapshot'] as const,
]);

test('there is something of an earlier version, with variety', () => {
  expect(listVersions()).toContain('0.1.0');
  for (const version of listVersions()) {
    const { log } = readExpected(version);
    expect(new Set(log.map(({ outcome }) => outcome))).toEqual(new Set(['success', 'failure']));
    expect(log.length).toBeGreaterThan(25);
  }
});

test.each(LEFT_BEHIND)('what carvos %s left as a %s is all there, and goes on', async (version, from) => {
  const opened = await open(version, from);
  await expectAllThere(opened, from);
  await expectGoesOn(opened);
  await expectTakesMore(opened);
});

type Opened = Awaited<ReturnType<typeof open>>;

/** Every record of the log, entities, workspaces, faults, counts. */
async function expectAllThere({ expected, url, control, log }: Opened, from: 'database' | 'snapshot') {
  const records = await log();
  const known = new Map(records.map((record) => [record.id, record]));
  expect(expected.log.map(({ id }) => known.get(id))).toMatchObject(expected.log);
  expect(holesIn(records)).toEqual([]);
  const others = records.filter(({ id }) => !expected.log.some((one) => one.id === id));
  expect(others.filter(({ id }) => !id.startsWith(`${expected.interrupted}/`))).toEqual([]);
  expect(await control.status()).toMatchObject({
    events: expected.events,
    jobs: { ...expected.jobs, queued: 0 },
    assumptions: { relied_on: expect.toSatisfy((count) => count >= expected.relied_on) },
    ...(from === 'database' ? { gateway_id: expected.gateway_id } : {}),
    ats: [{ id: 'demo-ats', name: expected.ats_name }],
  });
  expect((await control.faults()).items).toMatchObject(expected.faults);
  expect((await control.workspaces()).items).toMatchObject(
    expected.workspaces.map(({ client_id, members }) => ({
      client_id,
      members: members.map((user_id) => ({ user_id })),
    })),
  );
  expect((await control.audit()).items).toContainEqual(
    expect.objectContaining({
      action: 'ats.updated',
      details: expect.objectContaining({ after: expected.ats_name }),
    }),
  );
  const read = await fetch(`${url}/v1/applications/app-1`, { headers: KEYS });
  expect(await read.json()).toEqual(expected.application);
}

/** A pending delivery, one that was cut off, a replay. */
async function expectGoesOn({ expected, receiver, control, log }: Opened) {
  await control.clockMove('drain');
  const records = await log();
  expect(holesIn(records)).toEqual([]);
  const pending = deliveryOf(records, expected.pending);
  expect(pending.map(({ outcome }) => outcome)).toEqual(['failure', 'failure', 'success']);
  expect(pending.at(-1)).toMatchObject({ step: 3, delivery_state: 'delivered' });
  const cut = deliveryOf(records, expected.interrupted);
  expect(cut[0]).toMatchObject({ outcome: 'interrupted', step: 1 });
  expect(cut.at(-1)).toMatchObject({ outcome: 'success', delivery_state: 'delivered' });
  const { id } = await control.replay(expected.exhausted);
  await expect
    .poll(() => control.delivery(id))
    .toMatchObject({ state: 'delivered', replay_of: expected.exhausted });
  // The receiver got them: rightly signed, with the event_id of before.
  const events = expected.log.filter(({ id }) =>
    [expected.pending, expected.exhausted].includes(id.split('/')[0]!),
  );
  const got = receiver.received.map(({ body }) => JSON.parse(body.toString('utf8')).event_id);
  expect(got).toEqual(expect.arrayContaining(events.map(({ event_id }) => event_id)));
  expect(receiver.received.every((one) => isSigned(one))).toBe(true);
}

/** New events: a repeated one is known, a file from then can be used, once. */
async function expectTakesMore({ expected, post, control }: Opened) {
  const { body, reference_id } = expected.repeated;
  expect(await post(body)).toMatchObject({ status: 202, json: { reference_id } });
  expect((await post(`${body} `)).status).toBe(409);
  const first = await post(withFile(expected, 'evt-with-file'));
  expect(first.status).toBe(202);
  expect((await post(withFile(expected, 'evt-with-file-again'))).status).toBe(422);
  await expect
    .poll(() => control.trace(first.json.reference_id))
    .toMatchObject({ settled: true, deliveries: [{ state: 'delivered' }] });
}

test.each(listVersions())(
  'a month later, of %s only what is pending is left, with its whole log',
  async (version) => {
    const { expected, control, log } = await open(version, 'database', MONTH_MS);
    await expect.poll(async () => (await log()).map(({ id }) => id)).not.toContain(expected.log.at(-1)!.id);
    await control.clockMove('drain');
    const records = await log();
    expect(deliveryOf(records, expected.pending).map(({ outcome }) => outcome)).toEqual([
      'failure',
      'failure',
      'success',
    ]);
    expect(holesIn(records)).toEqual([]);
  },
);

describe.each(listVersions())('the files of %s', (version) => {
  test('have a schema for each output that there still is, and a config that is still right', async () => {
    const names = Object.keys(readOldSchemas(version));
    expect(OUTPUTS.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    const cwd = tempFolder({ 'carvos.config.json': readOldConfig(version) });
    const { code, stderr } = await runCli(['config', 'show'], { cwd });
    expect(code, stderr).toBe(0);
  });

  test('can be looked at without changing them, or say that dev has to bring them up to date', async () => {
    const expected = readExpected(version);
    for (const name of ['carvos.db', 'snapshot.db'] as const) {
      const file = copyOf(version, name);
      const before = hashOf(file);
      if (schemaOf(file) === MIGRATIONS.length) {
        const reader = await openLogReader(file);
        const { items } = await reader.log({ limit: 1000 });
        expect(items).toMatchObject(expected.log);
        expect(reader.delivery(expected.pending)).toMatchObject({ state: 'pending', attempt_count: 2 });
        reader.close();
      } else {
        await expect(openLogReader(file)).rejects.toThrow(/an older carvos .*start carvos dev on it once/);
      }
      expect(hashOf(file)).toBe(before);
    }
  });

  test('get the tables, columns and indexes that a new database has', () => {
    const fresh = new Database(':memory:');
    migrate(fresh, ':memory:');
    for (const name of ['carvos.db', 'snapshot.db'] as const) {
      const file = copyOf(version, name);
      const old = new Database(file);
      migrate(old, file);
      // Steps of the past are never edited: a database that took them as they were must not differ.
      expect(shapeOf(old), 'a migration was changed: see scripts/make-version-fixture.mjs').toEqual(
        shapeOf(fresh),
      );
      old.close();
    }
    fresh.close();
  });
});

test('a database and a snapshot of a newer version are refused in words, and stay as they are', async () => {
  const version = listVersions().at(-1)!;
  const cwd = tempFolder();
  const [database, snapshot] = (['carvos.db', 'snapshot.db'] as const).map((name) => {
    const file = copyOf(version, name);
    const db = new Database(file);
    db.pragma('user_version = 999');
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    return file;
  }) as [string, string];
  const hashes = [hashOf(database), hashOf(snapshot)];

  const dev = await runCli(['dev', '--port', '0', '--db', database], { cwd });
  expect(dev.code).toBe(2);
  expect(dev.stderr).toMatch(/written by a newer carvos \(schema 999, this one knows \d+\): update carvos/);
  await expect(openLogReader(database)).rejects.toThrow(/a newer carvos \(schema 999/);

  await startDev(cwd, ['--db', ':memory:']);
  const restored = await runCli(['snapshot', 'restore', snapshot, '--yes'], { cwd });
  expect(restored.code).toBe(2);
  expect(restored.stderr).toMatch(/newer/);
  expect([hashOf(database), hashOf(snapshot)]).toEqual(hashes);
});

/** A write that uses the file that was uploaded, and not used, then. */
function withFile({ unused_file }: Expected, eventId: string): string {
  return JSON.stringify({
    event: 'candidate.updated',
    event_id: eventId,
    client_id: 'acme-corp',
    user_id: 'admin-user',
    candidate_id: 'cand-1',
    cv: { carv_file_id: unused_file },
  });
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function schemaOf(file: string): number {
  const db = new Database(file, { readonly: true });
  try {
    return db.pragma('user_version', { simple: true }) as number;
  } finally {
    db.close();
  }
}

function shapeOf(db: Database.Database): Record<string, unknown> {
  const names = db
    .prepare("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
    .all() as { type: string; name: string }[];
  return Object.fromEntries(
    names.map(({ type, name }) => {
      const columns = db.pragma(type === 'table' ? `table_info(${name})` : `index_info(${name})`) as {
        name: string;
        type?: string;
        notnull?: number;
        dflt_value?: unknown;
        pk?: number;
      }[];
      // The order of columns depends on when they were added.
      return [
        name,
        columns.map(({ name, type, notnull, dflt_value, pk }) => ({ name, type, notnull, dflt_value, pk })),
      ];
    }),
  );
}
