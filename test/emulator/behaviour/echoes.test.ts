import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FeedEntry, Trace } from '../../../src/contract/control.ts';
import { candidateCreated, postWebhook, startTestEmulator, testAts } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { startTestReceiver } from '../../support/receiver.ts';

type Finished = Extract<FeedEntry, { type: 'job.finished' }>;

/** An update of the candidate, as its ATS would send it. */
const updated = (fields: Record<string, unknown> = {}) =>
  candidateCreated({ event: 'candidate.updated', candidate_id: 'c', ...fields });
const created = () => candidateCreated({ candidate_id: 'c' });

async function startGateway(database = ':memory:', url?: string) {
  const receiver = url === undefined ? await startTestReceiver() : null;
  const { emulator, control } = await startTestEmulator({ database, speed: 'max' }, url ?? receiver!.url);
  const finished: Finished[] = [];
  emulator.subscribe((entry) => entry.type === 'job.finished' && finished.push(entry));
  /** Sends, and waits until what follows is delivered. */
  const send = async (body: object, headers?: Record<string, string>) => {
    const answer = await postWebhook(emulator.url, body, { headers });
    const reference = String(answer.json.reference_id);
    await expect.poll(async () => (await control.trace(reference)).settled).toBe(true);
    return control.trace(reference);
  };
  return { emulator, control, finished, send, receiver };
}

const depths = (trace: Trace) => trace.echoes?.map(({ depth }) => depth);

test('what comes back as it was delivered is linked: in the feed, the log, and each trace of the chain', async () => {
  const { control, finished, send } = await startGateway();
  const first = await send(created());
  const chain = [first, await send(updated()), await send(updated()), await send(updated())];
  const references = chain.map((trace) => trace.reference_id);
  expect(finished.map(({ echo }) => echo?.depth)).toEqual([undefined, 1, 2, 3]);
  expect(finished.map(({ echo }) => echo?.of)).toEqual([undefined, ...references.slice(0, 3)]);
  expect(finished[1]?.echo).toMatchObject({ ats_id: 'test-ats', kind: 'candidate', id: 'c' });
  const { items } = await control.log({ direction: 'incoming', limit: 10 });
  expect(items.map((record) => record.echo_depth)).toEqual([3, 2, 1, undefined]);
  for (const reference of references) {
    const trace = await control.trace(reference);
    expect(depths(trace)).toEqual([0, 1, 2, 3]);
    expect(trace.echoes?.map((echo) => echo.reference_id)).toEqual(references);
  }
});

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['another value', {}, { first_name: 'Janet' }],
  ['a field that was not delivered', {}, { headline: 'Engineer' }],
  ['no field at all', {}, { first_name: undefined, last_name: undefined, email: undefined }],
  [
    'a time of saving alone',
    {},
    { first_name: undefined, last_name: undefined, email: undefined, updated_at: '1' },
  ],
  ['a field that is taken away', { phone: '+14155550100' }, { phone: null }],
])('an update with %s is no echo', async (_what, before, fields) => {
  const { send } = await startGateway();
  await send({ ...created(), ...before });
  expect(depths(await send(updated(fields)))).toBeUndefined();
});

test('a time of saving and the order of fields do not hide an echo; a value taken away that was not there is none', async () => {
  const { send } = await startGateway();
  await send(created());
  const fields = { email: 'jane@example.com', updated_at: '2026-01-01T00:00:00Z', version: 7, phone: null };
  expect(depths(await send(updated(fields)))).toEqual([0, 1]);
});

test('what carvos itself sends is on purpose, and so is what comes before the delivery', async () => {
  const { emulator, control, send } = await startGateway();
  await send(created());
  expect(depths(await send(updated(), { 'User-Agent': 'carvos/1.0.0' }))).toBeUndefined();
  const release = emulator.holdDeliveries();
  await postWebhook(emulator.url, updated({ first_name: 'Jo' }));
  const early = await postWebhook(emulator.url, updated({ first_name: 'Jo' }));
  await expect.poll(() => emulator.status().jobs.done).toBe(4);
  release();
  expect(depths(await control.trace(early.json.reference_id))).toBeUndefined();
});

test('taking over what CarvOS suggests, one field after the other, is no chain', async () => {
  const { send } = await startGateway();
  await send({ ...created(), first_name: ' Jane  Ann ', last_name: ' Smith ' });
  const name = { first_name: 'Jane Ann', last_name: undefined, email: undefined };
  expect(depths(await send(updated(name)))).toEqual([0, 1]);
  expect(depths(await send(updated({ ...name, first_name: undefined, last_name: 'Smith' })))).toEqual([0, 1]);
});

test('a hook that fires before the delivery is answered is linked too', async () => {
  let gateway = '';
  let left = 3;
  const receiver = await startTestReceiver(async () => {
    if (left-- > 0) await postWebhook(gateway, updated());
    return 200;
  });
  const { emulator, control, finished } = await startGateway(':memory:', receiver.url);
  gateway = emulator.url;
  const answer = await postWebhook(gateway, created());
  await expect.poll(() => finished.length).toBe(4);
  expect(depths(await control.trace(answer.json.reference_id))).toEqual([0, 1, 2, 3]);
});

test('a chain goes on after a restart', async () => {
  const database = join(tempFolder(), 'carvos.db');
  const before = await startGateway(database);
  await before.send(created());
  await before.send(updated());
  await before.emulator.close();
  const { finished, send } = await startGateway(database, before.receiver!.url);
  expect(depths(await send(updated()))).toEqual([0, 1, 2]);
  expect(finished[0]?.echo?.depth).toBe(2);
});

test.each<[string, { ats?: string }, Record<string, unknown>]>([
  ['ATS', { ats: 'z-ats' }, {}],
  ['client', {}, { client_id: 'z-corp', user_id: 'a@z.example' }],
])('what was delivered to another %s does not come back', async (_whose, to, who) => {
  const { url } = await startTestReceiver();
  const ats = ['test-ats', 'z-ats'].map((id) => testAts(id, url));
  const { emulator, control } = await startTestEmulator({ ats, speed: 'max' });
  await control.addWorkspace({ ats_id: 'test-ats', client_id: 'z-corp', admin_email: 'a@z.example' });
  const send = async (body: object, options = {}) => {
    const { json } = await postWebhook(emulator.url, body, options);
    return (await control.wait(json.reference_id, { until: 'settled', timeoutMs: 60_000 })).trace;
  };
  await send(created());
  await send({ ...created(), ...who, first_name: 'Olga' }, to);
  // From now on this one is called Jane, too.
  expect(depths(await send(updated(who), to))).toBeUndefined();
});
