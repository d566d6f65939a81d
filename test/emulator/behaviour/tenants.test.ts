import { describe, expect, test } from 'vitest';
import {
  candidateCreated,
  postWebhook,
  SECRETS,
  startDelivering,
  startTestEmulator,
  testAts,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { signLikeTheGuides } from '../../support/sign.ts';

describe('a repeated event_id', () => {
  test('with the same bytes gets the first reference and is not processed again', async () => {
    const { receiver, emulator, control, postAndWait } = await startDelivering();
    const event = candidateCreated();
    const first = await postWebhook(emulator.url, event);
    await receiver.waitFor(1);
    const again = await postWebhook(emulator.url, event);
    expect(again).toEqual(first);
    await postAndWait('success');
    expect(receiver.received).toHaveLength(2);
    expect((await control.status()).events).toBe(2);
    // Each request has a record of its own in the log.
    const { items } = await control.log({ direction: 'incoming' });
    expect(items).toHaveLength(3);
    expect(items.filter((one) => one.reference_id === first.json.reference_id)).toHaveLength(2);
  });

  test('with the same bytes fifty times at once is accepted once', async () => {
    const { receiver, emulator, control } = await startDelivering();
    const event = candidateCreated();
    const answers = await Promise.all(Array.from({ length: 50 }, () => postWebhook(emulator.url, event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ json }) => json.reference_id)).size).toBe(1);
    const { trace } = await control.wait(answers[0]!.json.reference_id, {
      until: 'success',
      timeoutMs: 60_000,
    });
    expect(trace.deliveries).toHaveLength(1);
    expect(receiver.received).toHaveLength(1);
    expect((await control.status()).events).toBe(1);
  });

  test('with other bytes gets 409, also when only whitespace differs, and changes nothing', async () => {
    const { emulator, control } = await startTestEmulator();
    const event = candidateCreated();
    const first = await postWebhook(emulator.url, event);
    const spaced = Buffer.from(JSON.stringify(event, null, 1));
    for (const body of [spaced, { ...event, first_name: 'Janet' }]) {
      const answer = await postWebhook(emulator.url, body);
      expect(answer).toEqual({
        status: 409,
        json: { detail: 'event_id was already used with a different body' },
      });
    }
    expect((await postWebhook(emulator.url, event)).json).toEqual(first.json);
    expect((await control.status()).events).toBe(1);
    const { items } = await control.log({ direction: 'incoming', outcome: 'failure' });
    expect(items.map((one) => one.error!.code)).toEqual(['event_id_conflict', 'event_id_conflict']);
  });

  test('of a refused request is free', async () => {
    const { emulator } = await startTestEmulator();
    const event = candidateCreated();
    expect((await postWebhook(emulator.url, { ...event, client_id: 'nobody' })).status).toBe(404);
    expect((await postWebhook(emulator.url, { ...event, email: 'nowhere' })).status).toBe(422);
    expect((await postWebhook(emulator.url, event)).status).toBe(202);
  });
});

describe('tenants', () => {
  const WORKSPACES = ['acme-corp', 'other-corp'].map((clientId) => ({
    clientId,
    name: clientId,
    members: [],
  }));

  test('the same event_id and candidate under another client is another event and another candidate', async () => {
    const receiver = await startTestReceiver();
    const ats = { ...testAts('test-ats', receiver.url), workspaces: WORKSPACES };
    const { emulator, postAndWait } = await startTestEmulator({ ats: [ats] });
    const event = candidateCreated();
    const one = await postWebhook(emulator.url, event);
    const two = await postWebhook(emulator.url, { ...event, client_id: 'other-corp', first_name: 'Olga' });
    expect([one.status, two.status]).toEqual([202, 202]);
    expect(one.json.reference_id).not.toBe(two.json.reference_id);
    await postAndWait('success', {
      ...event,
      event: 'candidate.deleted',
      event_id: 'evt-deleted',
    });
    const { trace } = await postAndWait('success', {
      event: 'candidate.updated',
      event_id: 'evt-updated',
      client_id: 'other-corp',
      user_id: 'u',
      candidate_id: event.candidate_id,
      last_name: 'Jansen',
    });
    const body = JSON.parse(trace.deliveries[0]!.body.text);
    expect(body).toMatchObject({ client_id: 'other-corp', status: 'success' });
    expect(body.data).toMatchObject({ first_name: 'Olga', last_name: 'Jansen' });
  });

  test('a workspace of one ATS is none of another that uses the same client_id', async () => {
    const { emulator } = await startTestEmulator({
      ats: [testAts('ats-a', null), { ...testAts('ats-b', null), workspaces: [] }],
    });
    const event = candidateCreated();
    expect((await postWebhook(emulator.url, event, { ats: 'ats-a' })).status).toBe(202);
    expect((await postWebhook(emulator.url, event, { ats: 'ats-b' })).status).toBe(404);
    const workspace = {
      event: 'workspace.created',
      event_id: 'evt-workspace',
      client_id: 'acme-corp',
      user_id: 'u',
      name: 'Acme at B',
      admin_name: 'Admin',
      admin_email: 'admin@acme.example',
    };
    expect((await postWebhook(emulator.url, workspace, { ats: 'ats-a' })).status).toBe(409);
    expect((await postWebhook(emulator.url, workspace, { ats: 'ats-b' })).status).toBe(202);
  });

  test('two ATSs: secrets, URLs, events and candidates apart', async () => {
    const [a, b] = [await startTestReceiver(), await startTestReceiver()];
    const secretsOfB = { incoming: 'b-incoming-secret', outgoing: 'b-outgoing-secret' };
    const { emulator, control } = await startTestEmulator({
      ats: [testAts('ats-a', a.url), testAts('ats-b', b.url, secretsOfB)],
    });
    const event = candidateCreated();
    const toA = await postWebhook(emulator.url, event, { ats: 'ats-a' });
    expect(toA.status).toBe(202);
    expect((await postWebhook(emulator.url, event, { ats: 'ats-b' })).status).toBe(401);
    const ofB = { ats: 'ats-a', secret: secretsOfB.incoming };
    expect((await postWebhook(emulator.url, event, ofB)).status).toBe(401);
    // An application at B cannot refer to a candidate of A.
    const application = {
      event: 'application.created',
      event_id: event.event_id,
      client_id: 'acme-corp',
      user_id: 'u',
      application_id: 'app-1',
      candidate_id: event.candidate_id,
      vacancy_id: 'v-1',
    };
    const toB = await postWebhook(emulator.url, application, { ats: 'ats-b', secret: secretsOfB.incoming });
    expect(toB.status).toBe(202);
    await control.wait(toA.json.reference_id, { until: 'success', timeoutMs: 60_000 });
    await control.wait(toB.json.reference_id, { until: 'success', timeoutMs: 60_000 });
    expect([a.received.length, b.received.length]).toEqual([1, 1]);
    for (const [receiver, secret] of [
      [a, SECRETS.outgoing],
      [b, secretsOfB.outgoing],
    ] as const) {
      const { body, headers } = receiver.received[0]!;
      const t = Number(/^t=(\d+)/.exec(String(headers['x-webhook-signature']))![1]);
      expect(headers['x-webhook-signature']).toBe(signLikeTheGuides(body, secret, t));
    }
    expect(JSON.parse(b.received[0]!.body.toString())).toMatchObject({
      status: 'failed',
      error: { code: 'candidate_not_found' },
      data: { application_id: 'app-1' },
    });
  });
});

describe('workspaces', () => {
  const created = (clientId: string, fields: object = {}) => ({
    event: 'workspace.created',
    event_id: `evt-${clientId}`,
    client_id: clientId,
    user_id: 'boss',
    name: 'New Corp',
    admin_name: 'Boss',
    admin_email: 'boss@new.example',
    ...fields,
  });

  test('one that is created is provisioned, then usable; created twice is 409', async () => {
    const { emulator, control } = await startDelivering();
    const made = await postWebhook(emulator.url, created('new-corp'));
    expect(made.status).toBe(202);
    const { met, trace } = await control.wait(made.json.reference_id, {
      until: 'success',
      timeoutMs: 60_000,
    });
    expect(met).toBe(true);
    expect(JSON.parse(trace.deliveries[0]!.body.text)).toMatchObject({
      event: 'workspace.provisioned',
      data: { client_id: 'new-corp', status: 'provisioned', admin: { user_id: 'boss' } },
    });
    expect((await postWebhook(emulator.url, candidateCreated({ client_id: 'new-corp' }))).status).toBe(202);
    expect(await postWebhook(emulator.url, created('new-corp', { event_id: 'evt-2' }))).toEqual({
      status: 409,
      json: { detail: 'Workspace already exists' },
    });
    expect((await postWebhook(emulator.url, created('new-corp'))).json).toEqual(made.json);
  });

  test('one that is still provisioning is refused with 409, and usable afterwards', async () => {
    const database = `${tempFolder()}/carvos.db`;
    const slow = await startTestEmulator({ database, provisioningLatencyMs: 3_600_000 });
    const made = await postWebhook(slow.emulator.url, created('new-corp'));
    const early = candidateCreated({ client_id: 'new-corp' });
    expect(await postWebhook(slow.emulator.url, early)).toEqual({
      status: 409,
      json: { detail: 'Workspace is provisioning' },
    });
    await slow.emulator.close();
    const { emulator, control } = await startTestEmulator({ database, provisioningLatencyMs: 0 });
    await control.wait(made.json.reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
    expect((await postWebhook(emulator.url, early)).status).toBe(202);
  });

  test('fail-later: 202, and then an event that says what was wrong', async () => {
    const { emulator, control } = await startDelivering({ unprovisioned: 'fail-later' });
    const event = candidateCreated({ client_id: 'nobody' });
    const answer = await postWebhook(emulator.url, event);
    expect(answer.status).toBe(202);
    const { trace } = await control.wait(answer.json.reference_id, { until: 'success', timeoutMs: 60_000 });
    expect(trace.job!.state).toBe('failed');
    expect(JSON.parse(trace.deliveries[0]!.body.text)).toMatchObject({
      event: 'candidate.created',
      status: 'failed',
      error: { code: 'workspace_not_found', message: 'refused: workspace not found' },
      data: { candidate_id: event.candidate_id },
    });
    // No run could end otherwise.
    await expect(control.rerunJob(answer.json.reference_id)).rejects.toMatchObject({
      detail: expect.stringContaining('send it again'),
    });
    // Of a file it says nothing, which the workspace that is missing cannot have.
    const withFile = candidateCreated({ client_id: 'nobody', cv: { carv_file_id: 'no-such-file' } });
    expect((await postWebhook(emulator.url, withFile)).status).toBe(202);
  });
});

test('two ATSs with a client, members and a candidate of the same name: each has its own', async () => {
  const { url } = await startTestReceiver();
  const ats = ['one', 'two'].map((id) => testAts(id, url));
  const { emulator, control, postAndWait } = await startTestEmulator({ ats });
  await control.addWorkspace({ ats_id: 'one', client_id: 'extra', admin_email: 'x@e.example' });
  await control.addMember('acme-corp', { ats_id: 'two', user_id: 'u-2', name: 'U', email: 'u@two.example' });
  const members = (await control.workspaces()).items.map(
    (one) => `${one.ats_id} ${one.client_id}: ${one.members.map(({ user_id }) => user_id)}`,
  );
  expect(members.sort()).toEqual([
    'one acme-corp: admin-user',
    'one extra: x@e.example',
    'two acme-corp: admin-user,u-2',
  ]);

  const send = async (at: string, fields: Record<string, unknown> = {}) => {
    await postAndWait('settled', candidateCreated({ candidate_id: 'same', ...fields }), {
      ats: at,
    });
  };
  for (const at of ['one', 'two']) await send(at);
  await send('one', { client_id: 'extra', user_id: 'x@e.example' });
  const listed = async (query: Parameters<typeof control.log>[0]) =>
    (await control.log(query)).items.map(({ ats_id, client_id }) => `${ats_id} ${client_id}`);
  expect(await listed({ ats_id: 'two' })).toEqual(Array(2).fill('two acme-corp'));
  expect(await listed({ client_id: 'extra' })).toEqual(Array(2).fill('one extra'));
  expect((await control.replayMany({ client_id: 'extra', dry_run: true })).count).toBe(1);

  await send('one', { event: 'candidate.deleted' });
  const read = async (at: string) => {
    const headers = {
      'X-API-Key': `key-of-${at}`,
      'X-ATS-Client-ID': 'acme-corp',
      'X-ATS-User-ID': 'admin-user',
    };
    return (await fetch(`${emulator.url}/v1/candidates/same`, { headers })).status;
  };
  expect([await read('one'), await read('two')]).toEqual([404, 200]);

  await control.rotate('one', { credential: 'incoming-secret', overlap_ms: 3_600_000 });
  await control.rotate('two', { credential: 'incoming-secret' });
  const withOld = async (at: string) =>
    (await postWebhook(emulator.url, candidateCreated(), { ats: at })).status;
  expect([await withOld('one'), await withOld('two')]).toEqual([202, 401]);
});
