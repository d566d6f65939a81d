import { execFileSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { candidateCreated, postWebhook, startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { startTestReceiver } from '../../support/receiver.ts';

/** A small disk; where this user may not mount one, the test is left out, and says so. */
function mountSmallDisk(context: TestContext, what: string, size: string): string {
  const folder = tempFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    console.warn(`NOT TESTED: ${what}; mounting a tmpfs needs root`);
    context.skip();
  }
  // Registered after the folder's own removal, so it runs before it.
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

test('a full disk is answered 503 with nothing accepted, and it goes on when there is room', async (context) => {
  const folder = mountSmallDisk(context, 'a full disk', '48m');
  const receiver = await startTestReceiver();
  const database = `${folder}/carvos.db`;
  const { emulator, control, postAndWait } = await startTestEmulator({ database }, receiver.url);
  const notices: string[] = [];
  emulator.subscribe((entry) => entry.type === 'notice' && notices.push(entry.text));
  const { reference_id } = await postAndWait('settled');

  const filler = `${folder}/filler`;
  expect(() => writeFileSync(filler, Buffer.alloc(64 * 1024 * 1024))).toThrow(/ENOSPC/);
  const accepted = [reference_id];
  const refused: Record<string, unknown>[] = [];
  // The WAL may still have some room of its own; then it is over.
  for (let i = 0; i < 200 && refused.length < 20; i++) {
    const event = candidateCreated({ headline: 'x'.repeat(20_000) });
    const answer = await postWebhook(emulator.url, event);
    if (answer.status === 202) {
      accepted.push(answer.json.reference_id);
      continue;
    }
    expect(answer).toMatchObject({ status: 503, json: { detail: 'Storage is full; nothing was accepted' } });
    refused.push(event);
  }
  expect(refused.length).toBe(20);
  expect(notices.join()).toMatch(/full/);
  const readyz = async () => {
    const answer = await fetch(`${emulator.url}/readyz`);
    return [answer.status, await answer.json()];
  };
  expect(await readyz()).toEqual([503, { status: 'full' }]);
  expect((await fetch(`${emulator.url}/healthz`)).status).toBe(200);

  rmSync(filler);
  // Also while nothing comes.
  await expect.poll(readyz).toEqual([200, { status: 'ready' }]);
  expect(notices.join()).toMatch(/there is room for .*carvos\.db again: going on/);
  for (const event of refused) {
    const answer = await postWebhook(emulator.url, event);
    expect(answer.status).toBe(202);
    accepted.push(answer.json.reference_id);
  }
  for (const reference of accepted) {
    const { trace } = await control.wait(reference, { until: 'settled', timeoutMs: 60_000 });
    expect(trace.deliveries.map((one) => one.state)).toEqual(['delivered']);
  }
  // A refused request left no trace: not its event, not half of it.
  expect((await control.status()).events).toBe(accepted.length);
  await emulator.close();
  const db = new Database(database, { readonly: true });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
});

test('a WAL on a disk that was full is folded in once there is room, also while an attempt is in flight', async (context) => {
  const folder = mountSmallDisk(context, 'a WAL on a full disk', '16m');
  const receiver = await startTestReceiver(() => new Promise<number>(() => {}));
  const { emulator } = await startTestEmulator(
    { database: `${folder}/carvos.db`, receiverTimeoutMs: null, inFlight: { perReceiver: 1, overall: 1 } },
    receiver.url,
  );
  const filler = `${folder}/filler`;
  writeFileSync(filler, Buffer.alloc(6 * 1024 * 1024));
  const send = async () => (await postWebhook(emulator.url, candidateCreated())).status;
  const statuses: number[] = [];
  for (let i = 0; i < 3000 && statuses.at(-1) !== 503; i++) statuses.push(await send());
  expect(statuses.at(-1)).toBe(503);
  const wal = () => statSync(`${folder}/carvos.db-wal`).size;
  expect(wal()).toBeGreaterThan(6 * 1024 * 1024);
  rmSync(filler);
  // The attempt that hangs keeps it busy; what is stored is a fraction of what the WAL takes up. It only gets shorter
  // by being folded in, and what had waited for room is in it right after that.
  await expect.poll(wal).toBeLessThan(1024 * 1024);
  expect(await send()).toBe(202);
});

test('a reset on a full disk is refused where an attempt in flight cannot be recorded, and loses nothing', async (context) => {
  const folder = mountSmallDisk(context, 'a reset on a full disk', '16m');
  const { promise: held, resolve: answer } = withResolvers<number>();
  const receiver = await startTestReceiver((_one, index) => (index === 0 ? held : 200));
  const database = `${folder}/carvos.db`;
  const { emulator, control } = await startTestEmulator({ database }, receiver.url);
  const reference = (await postWebhook(emulator.url, candidateCreated())).json.reference_id;
  await receiver.waitFor(1);
  const filler = `${folder}/filler`;
  expect(() => writeFileSync(filler, Buffer.alloc(64 * 1024 * 1024))).toThrow(/ENOSPC/);
  const send = async () =>
    (await postWebhook(emulator.url, candidateCreated({ headline: 'x'.repeat(20_000) }))).status;
  await expect.poll(send, { interval: 1 }).toBe(503);
  const { events } = await control.status();
  answer(500);
  await expect(control.reset()).rejects.toMatchObject({
    status: 503,
    detail: expect.stringContaining('nothing was replaced'),
  });
  expect((await control.status()).events).toBe(events);

  rmSync(filler);
  // What was made is recorded then, once, and its retry comes when it is due.
  await expect.poll(async () => (await control.trace(reference)).deliveries[0]?.attempts.length).toBe(1);
  await control.clockMove('drain');
  const [delivery] = (await control.trace(reference)).deliveries;
  expect(delivery).toMatchObject({ state: 'delivered', attempt_count: 2 });
  expect((await control.reset()).events).toBe(0);
});

test('a transaction that finds no room fails as a whole, and the next one works', async () => {
  const store = openStore(`${tempFolder()}/carvos.db`);
  onTestFinished(() => store.close());
  const put = (key: string, bytes: number) =>
    store.group.submit(() => store.sql('INSERT INTO meta VALUES (?, ?)').run(key, 'x'.repeat(bytes)));
  const pages = store.db.pragma('page_count', { simple: true }) as number;
  store.db.pragma(`max_page_count = ${pages + 4}`);
  const results = await Promise.allSettled([put('small', 10), put('large', 1_000_000)]);
  // `large` may undo itself alone, or take its neighbour with it; it never half exists.
  expect(results[1]).toMatchObject({ status: 'rejected', reason: { code: 'SQLITE_FULL' } });
  const keys = () => store.sql("SELECT key FROM meta WHERE key IN ('small', 'large')").pluck().all();
  expect(keys()).toEqual(results[0].status === 'fulfilled' ? ['small'] : []);
  store.db.pragma('max_page_count = 100000');
  await put('large', 1_000_000);
  expect(keys()).toContain('large');
});
