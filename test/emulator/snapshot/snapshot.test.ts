import { readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { ControlClient } from '../../../src/client/control-client.ts';
import { startEmulator } from '../../../src/emulator/index.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import {
  candidateCreated,
  postWebhook,
  SECRETS,
  startDelivering,
  startTestEmulator,
  testOptions,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { curlUpload, fixturePath } from '../../support/uploads.ts';

async function download(control: ControlClient, secrets = true): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await control.snapshot({ secrets })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const upload = (control: ControlClient, bytes: Uint8Array) => control.restore(Readable.from([bytes]));

async function settle(control: ControlClient, referenceId: string) {
  return await control.wait(referenceId, { until: 'settled', timeoutMs: 60_000 });
}

test('a snapshot brings back what was there, with the schedule where it stood', async () => {
  let status = 500;
  const { emulator, control, postAndWait } = await startDelivering({ respond: () => status });
  const { reference_id: first } = await postAndWait('first-attempt');
  const before = await control.status();
  const snapshot = await download(control);
  expect(snapshot.subarray(0, 15).toString()).toBe('SQLite format 3');

  status = 200;
  await control.clockMove('drain');
  const second = (await postWebhook(emulator.url, candidateCreated())).json.reference_id;
  await settle(control, second);
  const restored = await upload(control, snapshot);
  expect(restored.events).toBe(1);
  expect(restored.gateway_id).toBe(before.gateway_id);
  expect(restored.deliveries).toEqual({ pending: 1, delivered: 0, exhausted: 0 });
  expect(restored.clock.schedule_ms).toBe(before.clock.schedule_ms);
  await expect(control.trace(second)).rejects.toMatchObject({ status: 404 });

  // It goes on from there: what was pending is delivered, and new events get numbers of their own.
  await control.clockMove('next');
  expect((await control.trace(first)).deliveries[0]).toMatchObject({ state: 'delivered', attempt_count: 2 });
  const third = (await postWebhook(emulator.url, candidateCreated())).json.reference_id;
  expect((await settle(control, third)).trace.deliveries[0]?.state).toBe('delivered');
});

test('an attempt that was in flight when the snapshot was taken is interrupted, and made again', async () => {
  const { promise: held, resolve: answer } = withResolvers<number>();
  const { receiver, emulator, control } = await startDelivering({
    respond: (_one, index) => (index === 0 ? held : 200),
  });
  const reference = (await postWebhook(emulator.url, candidateCreated())).json.reference_id;
  await receiver.waitFor(1);
  const snapshot = await download(control);
  answer(200);
  await settle(control, reference);
  await upload(control, snapshot);
  const { trace } = await settle(control, reference);
  expect(trace.deliveries[0]?.attempts.map((one) => [one.number, one.step, one.outcome])).toEqual([
    [1, 1, 'interrupted'],
    [2, 1, 'success'],
  ]);
});

test('jobs that were open when the snapshot was taken come back, whichever way their events came in', async () => {
  const { emulator, control } = await startDelivering();
  await control.addFault({ kind: 'never', on: 'ai' });
  await postWebhook(emulator.url, candidateCreated());
  const { event, event_id, client_id, user_id, ...candidate } = candidateCreated();
  const one = `/v1/candidates/${candidate.candidate_id}`;
  const headers = {
    'X-API-Key': 'key-of-test-ats',
    'X-ATS-Client-ID': 'acme-corp',
    'X-ATS-User-ID': 'admin-user',
  };
  for (const [method, path, body] of [
    ['POST', '/v1/candidates', JSON.stringify(candidate)],
    ['PATCH', one, '{"first_name":"Janet"}'],
    ['DELETE', one, undefined],
  ] as const) {
    expect((await fetch(emulator.url + path, { method, headers, body })).status).toBe(202);
  }
  const { jobs } = await upload(control, await download(control));
  expect(jobs.queued + jobs.running).toBe(4);
});

test('restore waits for what is in flight, also for a receiver that never answers', async () => {
  const receiver = await startTestReceiver((_one, index) =>
    index === 0 ? new Promise<number>(() => {}) : 200,
  );
  const { emulator, control } = await startTestEmulator({ receiverTimeoutMs: null }, receiver.url);
  const empty = await download(control);
  await postWebhook(emulator.url, candidateCreated());
  await receiver.waitFor(1);
  expect((await upload(control, empty)).events).toBe(0);
  const reference = (await postWebhook(emulator.url, candidateCreated())).json.reference_id;
  expect((await settle(control, reference)).trace.deliveries[0]?.state).toBe('delivered');
  expect((await control.log()).items).toHaveLength(2);
});

test('nor does it wait for the second copy of an event whose first was cut off', async () => {
  const receiver = await startTestReceiver(() => new Promise<number>(() => {}));
  const { emulator, control } = await startTestEmulator({ receiverTimeoutMs: null }, receiver.url);
  await control.addFault({ kind: 'duplicate' });
  await postWebhook(emulator.url, candidateCreated());
  await receiver.waitFor(1);
  await emulator.reset();
  expect((await control.status()).events).toBe(0);
  expect(receiver.received).toHaveLength(1);
});

test('a replay or a test event that went with a reset is answered so', async () => {
  const { promise: held, resolve: answer } = withResolvers<number>();
  const { receiver, emulator, control } = await startDelivering({
    respond: (_one, index) => (index === 0 ? 200 : held),
  });
  const first = (await postWebhook(emulator.url, candidateCreated())).json.reference_id;
  const { trace } = await settle(control, first);
  await postWebhook(emulator.url, candidateCreated());
  await receiver.waitFor(2);
  const reset = emulator.reset();
  const named = { event: 'candidate.created', event_id: 'e', reference_id: 'r', client_id: 'acme-corp' };
  const ended = Promise.allSettled([
    control.replay(trace.deliveries[0]!.id),
    control.sendTestEvent('test-ats', Buffer.from(JSON.stringify(named))),
  ]);
  await expect.poll(async () => (await control.status()).deliveries.pending).toBe(3);
  answer(200);
  await reset;
  const gone = { status: 'rejected', reason: { status: 503 } };
  expect(await ended).toMatchObject([gone, gone]);
});

test('a move of the clock ends with a reset, and so does one that waits for its turn: the new content stands where it begins', async () => {
  const { promise: held, resolve: answer } = withResolvers<number>();
  const receiver = await startTestReceiver((_one, index) => (index === 0 ? 500 : held));
  const { emulator, control, postAndWait } = await startTestEmulator({ speed: 'manual' }, receiver.url);
  await postAndWait('first-attempt');
  const moves = Promise.allSettled([
    control.clockMove({ advance: 4 * 3_600_000 }),
    control.clockMove({ advance: 1000 }),
  ]);
  await receiver.waitFor(2);
  const reset = emulator.reset();
  answer(500);
  await reset;
  const gone = { status: 'rejected', reason: { status: 503, detail: expect.stringContaining('replaced') } };
  expect(await moves).toMatchObject([gone, gone]);
  expect(emulator.clock.view()).toMatchObject({ schedule_ms: 0, mode: 'manual' });
  await control.clockMove({ advance: 1000 });
  expect(emulator.clock.view().schedule_ms).toBe(1000);
});

test('who waits for a delivery that a restore brings back has it at once', async () => {
  const { receiver, emulator, control } = await startDelivering();
  await postWebhook(emulator.url, candidateCreated({ candidate_id: 'kept' }));
  const kept = await emulator.waitFor({ data: { candidate_id: 'kept' } });
  const snapshot = await download(control);
  await emulator.reset();
  const waiting = emulator.waitFor({ data: { candidate_id: 'kept' } }, { timeout: 3_600_000 });
  await upload(control, snapshot);
  expect((await waiting).id).toBe(kept.id);
  expect(receiver.received).toHaveLength(1);
});

test('without secrets the file holds none, and a restore takes those of the configuration', async () => {
  const { emulator, control } = await startDelivering();
  await settle(control, (await postWebhook(emulator.url, candidateCreated())).json.reference_id);
  const bare = await download(control, false);
  const full = await download(control);
  for (const secret of Object.values(SECRETS)) {
    expect(full.includes(secret)).toBe(true);
    expect(bare.includes(secret)).toBe(false);
  }
  await upload(control, bare);
  const again = await postWebhook(emulator.url, candidateCreated());
  expect(again.status).toBe(202);
  expect((await settle(control, again.json.reference_id)).trace.deliveries[0]?.state).toBe('delivered');
});

test('without secrets an ATS that the configuration does not know signs nothing until its own is rotated', async () => {
  const receiver = await startTestReceiver();
  const { emulator, control } = await startTestEmulator();
  const { id } = emulator.addAts({ webhookUrl: receiver.url });
  await upload(control, await download(control, false));
  const meet = async () => (await control.recordMeeting({ ats_id: id })).events[0]!.reference_id;
  const first = await meet();
  const { trace } = await control.wait(first, { until: 'first-attempt', timeoutMs: 60_000 });
  expect(trace.deliveries[0]!.last_error).toMatchObject({ code: 'no_outgoing_secret' });
  await control.rotate(id, { credential: 'outgoing-secret' });
  expect((await settle(control, await meet())).trace.deliveries[0]).toMatchObject({ state: 'delivered' });
});

test('what is not a snapshot, or a newer one, is refused and changes nothing', async () => {
  const { emulator, control } = await startTestEmulator({}, null);
  await postWebhook(emulator.url, candidateCreated());
  await expect(upload(control, Buffer.from('not a database at all'.repeat(100)))).rejects.toMatchObject({
    status: 422,
    detail: 'This is not a snapshot of carvos',
  });
  await expect(upload(control, new Uint8Array())).rejects.toMatchObject({ status: 422 });

  const file = `${tempFolder()}/newer.db`;
  writeFileSync(file, await download(control));
  const db = new Database(file);
  db.pragma('user_version = 999');
  db.close();
  await expect(upload(control, readFileSync(file))).rejects.toMatchObject({
    status: 422,
    detail: 'A newer carvos wrote this snapshot: update carvos',
  });
  expect((await control.status()).events).toBe(1);
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
});

test('a snapshot of what clock advance made older can be restored, be it by parts of a millisecond', async () => {
  const { emulator, control, postAndWait } = await startDelivering({ respond: () => 500, speed: 'manual' });
  expect((await curlUpload(emulator.url, '-F', `file=@${fixturePath('cv-nl.pdf')}`)).status).toBe(200);
  await emulator.clock.advance(0.25);
  await postAndWait('first-attempt');
  await control.clockMove({ advance: 3 * 3_600_000 });
  const { deliveries } = await upload(control, await download(control));
  expect(deliveries).toEqual({ pending: 0, delivered: 0, exhausted: 1 });
});

test('a snapshot opens as the database of another gateway', async () => {
  const { receiver, control, postAndWait } = await startDelivering({ respond: () => 500 });
  const { reference_id: reference } = await postAndWait('first-attempt');
  const database = `${tempFolder()}/copy.db`;
  writeFileSync(database, await download(control));
  const other = await startEmulator(testOptions({ database }, receiver.url));
  await other.close();
  const db = new Database(database, { readonly: true });
  expect(db.prepare('SELECT reference_id FROM event').pluck().all()).toEqual([reference]);
  db.close();
});

test('reset leaves what the configuration says, and nothing else', async () => {
  const receiver = await startTestReceiver();
  const database = `${tempFolder()}/carvos.db`;
  const { emulator, control } = await startTestEmulator({ database }, receiver.url);
  const { gateway_id } = await control.status();
  for (let i = 0; i < 5; i++) {
    const old = candidateCreated({ email: 'gone-for-good@example.com' });
    await settle(control, (await postWebhook(emulator.url, old)).json.reference_id);
  }
  await control.addWorkspace({ client_id: 'extra', name: 'E', admin_name: 'A', admin_email: 'a@e.example' });
  await control.clockMove({ advance: 60_000 });
  const event = candidateCreated();
  await settle(control, (await postWebhook(emulator.url, event)).json.reference_id);

  const status = await control.reset();
  expect(status).toMatchObject({ events: 0, deliveries: { pending: 0, delivered: 0, exhausted: 0 } });
  expect(status.clock.schedule_ms).toBe(0);
  expect(status.gateway_id).not.toBe(gateway_id);
  expect((await control.workspaces()).items.map((one) => one.client_id)).toEqual(['acme-corp']);
  expect((await control.log()).items).toEqual([]);
  // Not even in free pages or the WAL.
  for (const file of [database, `${database}-wal`]) {
    expect(readFileSync(file).includes('gone-for-good')).toBe(false);
  }
  // The same event_id is new again.
  const { trace } = await settle(control, (await postWebhook(emulator.url, event)).json.reference_id);
  expect(trace.deliveries[0]?.state).toBe('delivered');
});

test('rules of faults come back with a snapshot, and go with a reset', async () => {
  const { emulator, control } = await startDelivering();
  await control.addFault({ id: 'gone', kind: 'status-500', on: 'ingress' });
  const kinds = async () => (await control.faults()).items.map((one) => one.kind);
  const snapshot = await download(control);
  await control.reset();
  expect(await kinds()).toEqual([]);
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
  await upload(control, snapshot);
  expect(await kinds()).toEqual(['status-500']);
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(500);
});

test('a snapshot without secrets has none of a webhook URL either', async () => {
  const receiver = await startTestReceiver();
  const url = `${receiver.url.replace('//', '//name-in-url:password-in-url@')}?token=value-in-url`;
  const { emulator, control } = await startTestEmulator({}, url);
  await settle(control, (await postWebhook(emulator.url, candidateCreated())).json.reference_id);
  expect((await download(control)).includes('value-in-url')).toBe(true);
  const handedOn = await download(control, false);
  for (const secret of ['name-in-url', 'password-in-url', 'value-in-url'])
    expect(handedOn.includes(secret)).toBe(false);
  await upload(control, handedOn);
  expect(emulator.listAts()[0]?.webhookUrl).toBe(url); // the config's counts again
});
