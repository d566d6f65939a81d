import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ControlClient } from '../../../src/client/control-client.ts';
import { type Emulator, startEmulator } from '../../../src/emulator/index.ts';
import { openLogReader } from '../../../src/emulator/log/reader.ts';
import { createSnapshotReader } from '../../../src/emulator/snapshot/reader.ts';
import { insertDelivery } from '../../../src/emulator/store/deliveries.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { ROW_SCHEMAS } from '../../../src/emulator/store/row-schemas.ts';
import { ourShape } from '../../../src/emulator/store/schema-shape.ts';
import { replaceContent } from '../../../src/emulator/store/snapshot.ts';
import { candidateCreated, postWebhook, startTestEmulator, testOptions } from '../../support/emulator.ts';
import { sharedFolder, tempFolder } from '../../support/folder.ts';
import {
  changeSnapshot,
  endlessSchema,
  HOSTILE_ROWS,
  HOSTILE_SCHEMAS,
} from '../../support/hostile-snapshots.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';
import { sampleDelivery } from '../../support/sample-delivery.ts';

async function download(control: ControlClient): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await control.snapshot({ secrets: true })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A gateway with one event that was delivered, an attempt in flight, and a rule of a fault. */
async function startFilled() {
  const receiver = await startTestReceiver((_one, index) =>
    index === 1 ? new Promise<number>(() => {}) : 200,
  );
  const { emulator, control, postAndWait } = await startTestEmulator(
    { receiverTimeoutMs: null },
    receiver.url,
  );
  await control.addFault({ id: 'kept', kind: 'status-500', event: 'vacancy.deleted' });
  await postAndWait('settled');
  await postWebhook(emulator.url, candidateCreated());
  await receiver.waitFor(2);
  return { emulator, control };
}

/** What must not have changed. */
async function contentOf(control: ControlClient) {
  const { events, gateway_id, ats } = await control.status();
  const log = (await control.log({ limit: 100 })).items.map((one) => [one.id, one.outcome]);
  return { events, gateway_id, ats, log, faults: (await control.faults()).items };
}

async function expectAnswering(emulator: Emulator) {
  expect((await fetch(`${emulator.url}/readyz`)).status).toBe(200);
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
}

test('what is refused is refused with table and row, and the gateway goes on with what it had', async () => {
  const { emulator, control } = await startFilled();
  const snapshot = await download(control);
  const folder = tempFolder();
  let before = await contentOf(control);
  for (const hostile of [...HOSTILE_SCHEMAS, ...HOSTILE_ROWS]) {
    const file = join(folder, 'hostile.db');
    writeFileSync(file, snapshot);
    changeSnapshot(file, hostile);
    const refused = await control
      .restore(Readable.from([readFileSync(file)]))
      .catch((error: unknown) => error);
    expect({ name: hostile.name, refused }).toMatchObject({
      refused: { status: 422, detail: expect.stringMatching(hostile.says) },
    });
    expect(await contentOf(control)).toEqual(before);
  }
  await expectAnswering(emulator);
  before = await contentOf(control);
  // The same one unchanged is taken, and also with an attempt that was claimed twice.
  expect((await control.restore(Readable.from([snapshot]))).events).toBe(2);
  const twice = join(folder, 'twice.db');
  writeFileSync(twice, snapshot);
  changeSnapshot(twice, {
    change: 'INSERT INTO claim (boot, at, attempts) SELECT boot, at, attempts FROM claim',
  });
  expect((await control.restore(Readable.from([readFileSync(twice)]))).events).toBe(2);
  await expectAnswering(emulator);
});

test('a file without end is given up, and the next one is read', async () => {
  const folder = tempFolder();
  const [endless, right] = [join(folder, 'endless.db'), join(folder, 'right.db')];
  writeFileSync(endless, endlessSchema());
  openStore(right).close();
  // A busy machine takes its time to start the process that reads.
  const reader = createSnapshotReader(6000);
  try {
    await expect(reader.check(endless)).rejects.toMatchObject({
      code: 'bad_snapshot',
      detail: expect.stringContaining('takes too long'),
    });
    await reader.check(right);
  } finally {
    reader.close();
  }
});

test.skipIf(!havePrograms('a reader that dies while it has nothing to do', 'pgrep'))(
  'the death of a reader without work is no fault of the next file',
  async () => {
    const right = join(tempFolder(), 'right.db');
    openStore(right).close();
    const others = readers();
    const reader = createSnapshotReader();
    onTestFinished(() => reader.close());
    await reader.check(right);
    const [own] = readers().filter((pid) => !others.includes(pid));
    process.kill(Number(own), 'SIGKILL');
    await expect.poll(readers).not.toContain(own);
    await reader.check(right);
  },
);

/** Process ids of this process's readers. */
function readers(): string[] {
  return spawnSync('pgrep', ['-P', String(process.pid), '-f', 'snapshot-reader'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line !== '');
}

test('where what follows the replacing fails, the old content stands', async () => {
  const folder = tempFolder();
  const [file, other] = [join(folder, 'carvos.db'), join(folder, 'other.db')];
  openStore(other).close();
  const store = openStore(file);
  insertDelivery(store, sampleDelivery());
  const { gatewayId } = store;
  const fail = () => {
    throw new Error('no');
  };
  expect(() => replaceContent(store, other, fail)).toThrow('no');
  expect(store.sql('SELECT count(*) AS n FROM delivery').get()).toEqual({ n: 1 });
  expect(store.gatewayId).toBe(gatewayId);
  replaceContent(store, other, () => {});
  expect(store.sql('SELECT count(*) AS n FROM delivery').get()).toEqual({ n: 0 });
  expect(store.gatewayId).not.toBe(gatewayId);
  store.close();
});

test('every column of every table has a schema', () => {
  const columns = Object.entries(ROW_SCHEMAS).map(([table, schema]) => [
    table,
    Object.keys((schema as unknown as { shape: object }).shape),
  ]);
  expect(Object.fromEntries(columns)).toEqual(Object.fromEntries(ourShape()));
});

describe('a database that somebody made', () => {
  const folder = sharedFolder();
  let real: Buffer;
  beforeAll(async () => {
    const emulator = await startEmulator(testOptions({ database: join(folder, 'carvos.db') }));
    await postWebhook(emulator.url, candidateCreated());
    await emulator.close();
    real = readFileSync(join(folder, 'carvos.db'));
  });

  test.each(HOSTILE_SCHEMAS.filter(({ name }) => !/written over|same pages/.test(name)))(
    'is not opened with $name, and left as it is',
    (hostile) => {
      const file = join(tempFolder(), 'carvos.db');
      writeFileSync(file, real);
      changeSnapshot(file, hostile);
      const before = readFileSync(file);
      expect(() => openStore(file)).toThrow(expect.objectContaining({ code: 'database_unusable' }));
      expect(readFileSync(file).equals(before)).toBe(true);
    },
  );

  test.each(HOSTILE_SCHEMAS)('is not looked at with $name', async (hostile) => {
    const file = join(tempFolder(), 'carvos.db');
    writeFileSync(file, real);
    changeSnapshot(file, hostile);
    await expect(openLogReader(file)).rejects.toMatchObject({ code: 'database_unusable' });
  });

  test('is looked at where the body of an event was spoilt, and not where a record was', async () => {
    const file = join(tempFolder(), 'carvos.db');
    writeFileSync(file, real);
    changeSnapshot(file, { change: "UPDATE event SET body = x'78'" });
    const reader = await openLogReader(file);
    const { items } = await reader.log({});
    expect(reader.logRecord(items.at(-1)!.id)?.request.body.text).toBe('x');
    reader.close();
    changeSnapshot(file, { change: "UPDATE log SET request_headers = 'x'" });
    await expect(openLogReader(file)).rejects.toThrow(/table log, row 1: request_headers must be JSON/);
  });
});
