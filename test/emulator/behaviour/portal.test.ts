import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { AuditEntry, RotateResult, TestEventResult } from '../../../src/contract/portal.ts';
import { outgoingSample } from '../../../src/contract/samples.ts';
import {
  candidateCreated,
  postWebhook,
  SECRETS,
  startDelivering,
  startTestEmulator,
  testAts,
  testOptions,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import type { Received } from '../../support/receiver.ts';
import { signLikeTheGuides } from '../../support/sign.ts';

const short = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`;

/** Which of these secrets signed a webhook. */
function signerOf({ headers, body }: Received, secrets: string[]): string | undefined {
  const header = String(headers['x-webhook-signature']);
  expect(header).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
  const t = Number(/t=(\d+)/.exec(header)![1]);
  return secrets.find((secret) => signLikeTheGuides(body, secret, t) === header);
}

async function listCandidates(url: string, key: string): Promise<number> {
  const headers = { 'X-API-Key': key, 'X-ATS-Client-ID': 'acme-corp', 'X-ATS-User-ID': 'admin-user' };
  return (await fetch(`${url}/v1/candidates`, { headers })).status;
}

describe('rotation', () => {
  test('an incoming secret: the old one stops at once, or verifies until the overlap ends', async () => {
    const { emulator, control } = await startTestEmulator();
    const status = async (secret: string) =>
      (await postWebhook(emulator.url, candidateCreated(), { secret })).status;
    const first = RotateResult.parse(await control.rotate('test-ats', { credential: 'incoming-secret' }));
    expect(first).toMatchObject({
      credential: 'incoming-secret',
      old_valid_until: null,
      fingerprint: short(first.value),
    });
    expect(first.value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect([await status(SECRETS.incoming), await status(first.value)]).toEqual([401, 202]);

    const before = Date.now();
    const second = await control.rotate('test-ats', { credential: 'incoming-secret', overlap_ms: 60_000 });
    expect(Date.parse(second.old_valid_until!)).toBeGreaterThanOrEqual(before + 60_000);
    expect([await status(first.value), await status(second.value)]).toEqual([202, 202]);

    const third = await control.rotate('test-ats', { credential: 'incoming-secret', overlap_ms: 1 });
    await expect.poll(() => status(second.value)).toBe(401);
    // The first one's overlap is its own, and still runs.
    expect([await status(first.value), await status(third.value)]).toEqual([202, 202]);

    const fourth = await control.rotate('test-ats', { credential: 'incoming-secret' });
    const all = [first, second, third, fourth];
    expect(await Promise.all(all.map(({ value }) => status(value)))).toEqual([401, 401, 401, 202]);
  });

  test('an outgoing secret signs the next attempt, with one v1, overlap or not', async () => {
    const { receiver, emulator, control, postAndWait } = await startDelivering({
      respond: (_one, index) => (index === 0 ? 500 : 200),
    });
    await postAndWait('first-attempt');
    const { value } = await control.rotate('test-ats', { credential: 'outgoing-secret', overlap_ms: 60_000 });
    expect(emulator.outgoingSecrets()).toEqual([value, SECRETS.outgoing]);
    await control.clockMove('next');
    const secrets = [SECRETS.outgoing, value];
    expect(receiver.received.map((one) => signerOf(one, secrets))).toEqual(secrets);
    await control.rotate('test-ats', { credential: 'outgoing-secret' });
    expect(emulator.outgoingSecrets()).toHaveLength(1);
    // Incoming ones are apart.
    expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
  });

  test('an API key: the old one stops at once, and only the hash is stored', async () => {
    const database = `${tempFolder()}/carvos.db`;
    const { emulator, control } = await startTestEmulator({ database });
    expect(await listCandidates(emulator.url, 'key-of-test-ats')).toBe(200);
    const { value, fingerprint } = await control.rotate('test-ats', { credential: 'api-key' });
    expect(await listCandidates(emulator.url, 'key-of-test-ats')).toBe(401);
    expect(await listCandidates(emulator.url, value)).toBe(200);
    expect((await control.status()).ats[0]!.api_key_fingerprint).toBe(fingerprint);
    await expect(
      control.rotate('test-ats', { credential: 'api-key', overlap_ms: 1000 }),
    ).rejects.toMatchObject({
      status: 422,
      detail: expect.stringContaining('stops at once'),
    });
    await emulator.close();
    const db = new Database(database, { readonly: true });
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as {
      name: string;
    }[];
    const dump = JSON.stringify(tables.map(({ name }) => db.prepare(`SELECT * FROM "${name}"`).all()));
    db.close();
    expect(dump).toContain(createHash('sha256').update(value).digest('hex'));
    expect(dump).not.toContain(value);
    expect(dump).not.toContain('key-of-test-ats');
  });

  test('survives a restart while the file is unchanged; a changed file wins', async () => {
    const database = `${tempFolder()}/carvos.db`;
    // Beside another, of which the file says something else.
    const other = testAts('another-ats', null, { incoming: 'in-of-another', outgoing: 'out-of-another' });
    const configured = { database, ats: [other, testAts('test-ats', null)] };
    const { emulator: before, control } = await startTestEmulator(configured);
    const incoming = (await control.rotate('test-ats', { credential: 'incoming-secret' })).value;
    const key = (await control.rotate('test-ats', { credential: 'api-key' })).value;
    await before.close();

    const after = await startTestEmulator(configured);
    const status = async (secret: string) =>
      (await postWebhook(after.emulator.url, candidateCreated(), { secret })).status;
    expect([await status(SECRETS.incoming), await status(incoming)]).toEqual([401, 202]);
    expect(await listCandidates(after.emulator.url, key)).toBe(200);

    const ats = testAts('test-ats', null);
    // The file catches up with what was rotated: no change. Then it says something else.
    expect(
      after.emulator.reload(testOptions({ ats: [other, { ...ats, incomingSecret: incoming, apiKey: key }] })),
    ).toEqual([]);
    expect(await status(incoming)).toBe(202);
    const changes = after.emulator.reload(
      testOptions({ ats: [other, { ...ats, incomingSecret: 'other', apiKey: key }] }),
    );
    expect(changes).toEqual(['test-ats: incoming secret changed']);
    expect([await status(incoming), await status('other')]).toEqual([401, 202]);
  });

  test('what makes no sense is refused and changes nothing', async () => {
    const { control } = await startTestEmulator();
    const status = (call: Promise<unknown>) =>
      call.then(
        () => 200,
        (error: { status: number }) => error.status,
      );
    expect(await status(control.rotate('nobody', { credential: 'api-key' }))).toBe(404);
    expect(await status(control.rotate('test-ats', { credential: 'password' as never }))).toBe(422);
    expect(await status(control.rotate('test-ats', { credential: 'incoming-secret', overlap_ms: -1 }))).toBe(
      422,
    );
    expect(
      await status(control.rotate('test-ats', { credential: 'incoming-secret', overlap_ms: 1e12 })),
    ).toBe(422);
    expect((await control.audit()).items.filter(({ action }) => action === 'credential.rotated')).toEqual([]);
  });
});

test('the audit says who changed what, and never a secret', async () => {
  const { emulator, control, postAndWait } = await startDelivering();
  await control.changeAts('test-ats', {
    name: 'New name',
    webhook_url: 'http://user:pw-1@localhost:1/h?token=pw-2',
  });
  await control.changeAts('test-ats', { name: 'New name' });
  const { value } = await control.rotate('test-ats', { credential: 'outgoing-secret', overlap_ms: 5000 });
  await control.addWorkspace({
    client_id: 'two',
    name: 'Two',
    admin_name: 'A',
    admin_email: 'a@two.example',
  });
  await control.addMember('two', { user_id: 'u-2', name: 'U', email: 'u@two.example' });
  await postAndWait('first-attempt', {
    ...{ event: 'workspace.created', event_id: 'e', client_id: 'three', user_id: 'u' },
    ...{ name: 'Three', admin_name: 'B', admin_email: 'b@three.example' },
  });
  emulator.reload(testOptions({ ats: [{ ...testAts('test-ats', null), incomingSecret: 'pw-3' }] }));

  const { items } = await control.audit();
  for (const item of items) AuditEntry.parse(item);
  expect(
    [...items]
      .reverse()
      .map(({ actor, action, details }) => [
        actor,
        action,
        details.field ?? details.credential ?? details.client_id,
      ]),
  ).toEqual([
    ['config', 'ats.added', undefined],
    ['config', 'workspace.added', 'acme-corp'],
    ['config', 'member.added', 'acme-corp'],
    ['control', 'ats.updated', 'name'],
    ['control', 'ats.updated', 'webhook_url'],
    ['control', 'credential.rotated', 'outgoing-secret'],
    ['control', 'workspace.added', 'two'],
    ['control', 'member.added', 'two'],
    ['ats', 'workspace.provisioned', 'three'],
    ['config', 'ats.updated', 'webhook_url'],
    ['config', 'credential.rotated', 'incoming-secret'],
  ]);
  expect(items.find(({ details }) => details.credential === 'outgoing-secret')!.details).toMatchObject({
    before_fingerprint: short(SECRETS.outgoing),
    after_fingerprint: short(value),
  });
  const text = JSON.stringify(items);
  for (const secret of [value, SECRETS.incoming, SECRETS.outgoing, 'key-of-test-ats', 'pw-1', 'pw-2', 'pw-3'])
    expect(text).not.toContain(secret);

  const page = await control.audit({ limit: 4 });
  expect(page.items).toEqual(items.slice(0, 4));
  const rest = await control.audit({ cursor: Number(page.next_cursor), ats_id: 'test-ats' });
  expect([rest.items, rest.next_cursor]).toEqual([items.slice(4), null]);
  expect((await control.audit({ ats_id: 'other' })).items).toEqual([]);
});

describe('a test event', () => {
  const sample = () => Buffer.from(JSON.stringify(outgoingSample('candidate.created'), null, 1));

  test('is sent once with exactly its bytes, marked, signed, and is in the log as a test', async () => {
    const { receiver, control } = await startDelivering({ respond: () => 500 });
    const { delivery, attempt } = TestEventResult.parse(await control.sendTestEvent('test-ats', sample()));
    expect(attempt).toMatchObject({
      outcome: 'failure',
      response_status: 500,
      test: true,
      step: null,
      next_attempt: null,
    });
    expect(attempt!.response!.body.text).toBe('answer 500');
    const [one] = receiver.received;
    expect(one!.body.equals(sample())).toBe(true);
    expect(signerOf(one!, [SECRETS.outgoing])).toBe(SECRETS.outgoing);
    expect(one!.headers).toMatchObject({
      'x-carvos-test': 'true',
      'x-carv-event': 'candidate.created',
      'x-carv-causation-id': outgoingSample('candidate.created').reference_id,
    });
    // One attempt, whatever time passes.
    await control.clockMove('drain');
    expect(receiver.received).toHaveLength(1);
    expect(await control.delivery(delivery.id)).toMatchObject({
      test: true,
      state: 'exhausted',
      attempt_count: 1,
    });
    expect((await control.log()).items).toMatchObject([{ test: true, delivery_id: delivery.id }]);
  });

  test('is refused without a receiver, and when it is no event', async () => {
    const { control } = await startTestEmulator();
    const refused = (body: Uint8Array) =>
      control.sendTestEvent('test-ats', body).then(
        () => null,
        (error: unknown) => error,
      );
    expect(await refused(sample())).toMatchObject({ status: 409 });
    await control.changeAts('test-ats', { webhook_url: 'http://127.0.0.1:9/' });
    for (const text of [
      '{',
      '[]',
      'null',
      '{}',
      JSON.stringify({ ...outgoingSample('candidate.created'), event: 'a\nb' }),
    ]) {
      expect(await refused(Buffer.from(text))).toMatchObject({ status: 422 });
    }
    expect((await control.log()).items).toEqual([]);
  });
});

test('provisioning takes as long as was configured, also after a reload, and is of one ATS alone', async () => {
  const ats = ['test-ats', 'other-ats'].map((id) => testAts(id, null));
  const { emulator, control } = await startTestEmulator({ ats, provisioningLatencyMs: 3_600_000 });
  const create = (client_id: string, ats = 'test-ats') => {
    const event = {
      ...{ event: 'workspace.created', event_id: `e-${client_id}`, client_id, user_id: 'u' },
      ...{ name: 'W', admin_name: 'A', admin_email: 'a@w.example' },
    };
    return postWebhook(emulator.url, event, { ats });
  };
  expect((await create('slow')).status).toBe(202);
  expect((await create('quick', 'other-ats')).status).toBe(202);
  const changed = emulator.reload(testOptions({ ats, provisioningLatencyMs: 0 }));
  expect(changed).toEqual(['provisioning now takes 0 ms']);
  const { json } = await create('quick');
  await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
  const { items } = await control.workspaces();
  const made = items.filter(({ client_id }) => client_id !== 'acme-corp');
  expect(made.map(({ ats_id, client_id, status }) => `${ats_id} ${client_id} ${status}`).sort()).toEqual([
    'other-ats quick provisioning',
    'test-ats quick provisioned',
    'test-ats slow provisioning',
  ]);
  expect((await postWebhook(emulator.url, candidateCreated({ client_id: 'slow' }))).status).toBe(409);
});
