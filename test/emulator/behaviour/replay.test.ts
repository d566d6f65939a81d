import { expect, test, vi } from 'vitest';
import type { ControlClient } from '../../../src/client/control-client.ts';
import { DeliveryDetail, ReplayManyResult } from '../../../src/contract/control.ts';
import {
  candidateCreated,
  postWebhook,
  SECRETS,
  startDelivering,
  startTestEmulator,
  testAts,
} from '../../support/emulator.ts';
import { type Received, serveSocket, startTestReceiver } from '../../support/receiver.ts';
import { judgeSignature } from '../../support/sign.ts';

// The emulator captures the wall clock when it is imported: this one, which a test can put forward.
const wall = vi.hoisted(() => {
  const real = Date.now;
  const shifted = { aheadMs: 0 };
  Date.now = () => real() + shifted.aheadMs;
  return shifted;
});

/** Sends one event; returns its delivery after the first attempt. */
async function deliverOne(url: string, control: ControlClient, fields: Record<string, unknown> = {}) {
  const { json } = await postWebhook(url, candidateCreated(fields));
  const { trace } = await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
  return trace.deliveries[0]!;
}

test('a replay sends the same bytes once more, signed anew, and links its first origin', async () => {
  const { receiver, emulator, control } = await startDelivering({
    respond: (_one, index) => (index === 1 ? 500 : 200),
  });
  const origin = await deliverOne(emulator.url, control);
  const replay = DeliveryDetail.parse(await control.replay(origin.id));
  expect(replay).toMatchObject({
    replay_of: origin.id,
    state: 'exhausted',
    attempt_count: 1,
    next_attempt: null,
    event_id: origin.event_id,
    reference_id: origin.reference_id,
    attempts: [{ step: null, number: 1, response_status: 500, next_attempt: null }],
  });
  expect(replay.id).not.toBe(origin.id);
  const [first, second] = receiver.received as [Received, Received];
  expect(second.body.equals(first.body)).toBe(true);
  expect(judgeSignature(second, SECRETS.outgoing).signed).toBe(true);
  expect(second.headers['x-carv-causation-id']).toBe(origin.reference_id);
  expect(second.headers['x-carv-event']).toBe('candidate.created');

  // No second attempt follows, however far the schedule moves.
  expect((await control.clockMove('drain')).fired).toEqual([]);
  const again = await control.replay(replay.id);
  expect(again).toMatchObject({ replay_of: origin.id, state: 'delivered' });
  expect(receiver.received).toHaveLength(3);
  // The origin stays as it was.
  expect(await control.delivery(origin.id)).toMatchObject({ state: 'delivered', attempt_count: 1 });
  const { deliveries } = await control.trace(origin.reference_id!);
  expect(deliveries.map((one) => one.attempts.map((record) => record.step))).toEqual([[1], [null], [null]]);
});

test('the recorded signature can be sent instead', async () => {
  const { receiver, emulator, control } = await startDelivering({ respond: () => 500 });
  const origin = await deliverOne(emulator.url, control);
  wall.aheadMs += 2000; // so that the second attempt has another t
  await control.clockMove('next');
  await control.replay(origin.id, { original: true });
  await control.replay(origin.id, { original: true, attempt: 1 });
  const signatures = receiver.received.map((one) => one.headers['x-webhook-signature']);
  expect(signatures[0]).not.toBe(signatures[1]);
  expect(signatures.slice(2)).toEqual([signatures[1], signatures[0]]);
  await expect(control.replay(origin.id, { original: true, attempt: 9 })).rejects.toMatchObject({
    status: 409,
  });
});

test('to another URL: signed with the same secret, and not held up by the receiver or it by that', async () => {
  const receiver = await startTestReceiver();
  const { emulator, control } = await startTestEmulator({ receiverTimeoutMs: null }, receiver.url);
  const other = await startTestReceiver(() => 204);
  const origin = await deliverOne(emulator.url, control);
  const replay = await control.replay(origin.id, { to: `${other.url}?x=1` });
  expect(replay).toMatchObject({ state: 'delivered', last_status: 204 });
  expect(replay.attempts[0]!.request.url).toBe(`${other.url}?x=hidden`);
  expect(other.received[0]!.url).toBe('/webhooks?x=1');
  expect(judgeSignature(other.received[0]!, SECRETS.outgoing).signed).toBe(true);
  expect(receiver.received).toHaveLength(1);

  // Seventy to a URL that never answers fill that URL's own lane, and the ATS's receiver stays reachable.
  const hanging = await serveSocket(() => {});
  const stuck: string[] = [];
  for (let i = 0; i < 70; i++) {
    const { items } = await control.replayMany({ ids: [origin.id], to: `${hanging.url}/` });
    stuck.push(items[0]!.id!);
  }
  expect((await control.replay(origin.id)).state).toBe('delivered');
  const { items } = await control.lookupDeliveries(stuck.slice(64));
  expect(items.map((one) => one.state)).toEqual(Array(6).fill('pending'));
  await hanging.close();

  for (const to of ['ftp://x/', 'nonsense', 'http://user:pass@127.0.0.1/']) {
    await expect(control.replay(origin.id, { to })).rejects.toMatchObject({ status: 422 });
  }
});

test('edited bytes go out as they are, signed, and name the delivery', async () => {
  const { receiver, emulator, control } = await startDelivering();
  const origin = await deliverOne(emulator.url, control);
  const body = Buffer.from(
    '{ "event":"candidate.updated", "event_id":"evt_edited", "n":12345678901234567890 }\n',
  );
  const replay = await control.replay(origin.id, { body_base64: body.toString('base64') });
  expect(replay).toMatchObject({ event: 'candidate.updated', event_id: 'evt_edited', replay_of: origin.id });
  const got = receiver.received[1]!;
  expect(got.body.equals(body)).toBe(true);
  expect(judgeSignature(got, SECRETS.outgoing).signed).toBe(true);
  expect(got.headers['x-carv-event']).toBe('candidate.updated');
  const edited = (fields: object) =>
    control.replay(origin.id, { body_base64: Buffer.from(JSON.stringify(fields)).toString('base64') });
  // A name that no header can hold, and another's delivery.
  expect(await edited({ event: 'né\n', event_id: '' })).toMatchObject({
    state: 'delivered',
    event: origin.event,
    event_id: origin.event_id,
  });
  await expect(edited({ client_id: 'another' })).rejects.toMatchObject({ status: 422 });
  await expect(edited({ reference_id: 'another' })).rejects.toMatchObject({ status: 422 });
  const large = Buffer.alloc(1024 * 1024 + 1, 'x').toString('base64');
  await expect(control.replay(origin.id, { body_base64: large })).rejects.toMatchObject({ status: 413 });
});

test('bytes beyond the log view are replayed and shown whole', async () => {
  const { receiver, emulator, control } = await startDelivering();
  const origin = await deliverOne(emulator.url, control, { note: 'é'.repeat(100_000) });
  await control.replay(origin.id);
  const [first, second] = receiver.received as [Received, Received];
  expect(first.body.length).toBeGreaterThan(200_000);
  expect(second.body.equals(first.body)).toBe(true);
  expect((await control.delivery(origin.id)).body.truncated).toBe(true);
  const whole = await control.delivery(origin.id, { whole: true });
  expect(Buffer.from(whole.body.text).equals(first.body)).toBe(true);
  const attempt = await control.logRecord(`${origin.id}/1`, { whole: true });
  expect(attempt.request.body).toMatchObject({ truncated: false, bytes: first.body.length });
});

test('what cannot be replayed is refused with a reason', async () => {
  const receiver = await startTestReceiver();
  const { emulator, control } = await startTestEmulator({
    ats: [testAts('test-ats', receiver.url)],
  });
  const origin = await deliverOne(emulator.url, control);
  const incoming = (await control.log({ direction: 'incoming' })).items[0]!.delivery_id;
  await expect(control.replay(incoming)).rejects.toMatchObject({
    status: 409,
    detail: expect.stringContaining('carvos send'),
  });
  await expect(control.replay('dlv_nope')).rejects.toMatchObject({ status: 404 });
  // One that cannot be replayed stops them all.
  await expect(control.replayMany({ ids: [origin.id, 'dlv_nope'] })).rejects.toMatchObject({ status: 404 });
  expect(await control.replayMany({ ids: [origin.id, origin.id], dry_run: true })).toMatchObject({
    count: 1,
  });
  await expect(control.replayMany({})).rejects.toMatchObject({ status: 400 });
  for (let n = 0; n < 200; n++) await emulator.send('candidate.created');
  await receiver.waitFor(201);
  const ids = emulator.deliveries().map(({ id }) => id);
  await expect(control.replayMany({ ids: [...ids, 'dlv_nope'] })).rejects.toMatchObject({ status: 404 });
  expect(emulator.deliveries()).toHaveLength(201);
  await control.changeAts('test-ats', { webhook_url: null });
  await expect(control.replay(origin.id)).rejects.toMatchObject({
    status: 409,
    detail: expect.stringContaining('no webhook URL'),
  });
  expect((await control.replay(origin.id, { to: receiver.url })).state).toBe('delivered');
  expect(receiver.received).toHaveLength(202);
});

test('many: the exhausted ones, once each, without those delivered since', async () => {
  let status = 500;
  const { receiver, emulator, control } = await startDelivering({ respond: () => status });
  const failed = [];
  for (let i = 0; i < 3; i++) failed.push(await deliverOne(emulator.url, control));
  await control.clockMove('drain');
  status = 200;
  const fine = await deliverOne(emulator.url, control);
  const before = receiver.received.length;

  const dry = ReplayManyResult.parse(await control.replayMany({ exhausted: true, dry_run: true }));
  expect(dry.items).toEqual(failed.map(({ id }) => ({ replay_of: id, id: null })));
  expect(await control.replayMany({ exhausted: true, event: 'vacancy.created' })).toMatchObject({ count: 0 });
  expect(await control.replayMany({ exhausted: true, client_id: 'other' })).toMatchObject({ count: 0 });
  const later = new Date(Date.now() + 60_000).toISOString();
  expect(await control.replayMany({ exhausted: true, since: later })).toMatchObject({ count: 0 });
  expect(receiver.received).toHaveLength(before);

  const made = ReplayManyResult.parse(await control.replayMany({ exhausted: true }));
  expect(made.items.map((one) => one.replay_of)).toEqual(failed.map(({ id }) => id));
  await receiver.waitFor(before + 3);
  expect(receiver.received.slice(before).every((one) => judgeSignature(one, SECRETS.outgoing).signed)).toBe(
    true,
  );
  for (const { reference_id } of failed) {
    await control.wait(reference_id!, { until: 'settled', timeoutMs: 60_000 });
  }
  const { items } = await control.lookupDeliveries([...made.items.map((one) => one.id!), 'dlv_nope']);
  expect(items.map((one) => one.state)).toEqual(['delivered', 'delivered', 'delivered']);

  expect(await control.replayMany({ exhausted: true })).toMatchObject({ count: 0 });
  // Another place has not had them yet.
  expect(await control.replayMany({ exhausted: true, to: receiver.url, dry_run: true })).toMatchObject({
    count: 3,
  });
  // Without `exhausted`, every delivery that has ended; replays are not replayed by a filter.
  expect(await control.replayMany({ client_id: 'acme-corp', dry_run: true })).toMatchObject({ count: 4 });
  expect(fine.state).toBe('delivered');
});

test('an id is told what it belongs to', async () => {
  const { emulator, control } = await startDelivering();
  const origin = await deliverOne(emulator.url, control, { event_id: 'evt-mine' });
  const reference_id = origin.reference_id;
  const kinds = async (id: string) => (await control.belongings(id)).items;
  expect(await kinds('evt-mine')).toMatchObject([{ kind: 'incoming event_id', reference_id }]);
  expect(await kinds(origin.event_id!)).toMatchObject([{ kind: 'outgoing event_id', reference_id }]);
  expect(await kinds(origin.id)).toMatchObject([{ kind: 'delivery', reference_id }]);
  expect(await kinds(reference_id!)).toMatchObject([{ kind: 'reference_id' }]);
  expect(await kinds('nothing')).toEqual([]);
});
