import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { AtsAdded } from '../../../src/contract/control/ats.ts';
import type { DeliveryWaitResult } from '../../../src/contract/delivery-wait.ts';
import { candidateCreated, postWebhook, startTestEmulator } from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { judgeSignature } from '../../support/sign.ts';

const curl = promisify(execFile);

async function start(webhookUrl: string | null = null, speed: 'max' | 'manual' = 'max') {
  const { emulator } = await startTestEmulator({ speed }, webhookUrl);
  const base = `${emulator.url}/_carvos/v1`;
  const headers = { Authorization: `Bearer ${emulator.controlToken}`, 'Content-Type': 'application/json' };
  const wait = async (query: string) => {
    const response = await fetch(`${base}/deliveries/wait?${query}`, { headers });
    return { status: response.status, json: (await response.json()) as DeliveryWaitResult };
  };
  const addAts = async (body?: unknown) => {
    const response = await fetch(`${base}/ats`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, response, json: (await response.json()) as AtsAdded };
  };
  return { emulator, base, headers, wait, addAts };
}

describe('GET /deliveries/wait', () => {
  test('answers as soon as there is such a delivery, with its data, to curl', async () => {
    const receiver = await startTestReceiver();
    const { emulator, base } = await start(receiver.url);
    const asked = curl('curl', [
      '-s',
      '-G',
      `${base}/deliveries/wait`,
      '-H',
      `Authorization: Bearer ${emulator.controlToken}`,
      '-d',
      'event=candidate.created',
      '--data-urlencode',
      'expect=data.last_name=de Wit',
      '--data-urlencode',
      'expect=data.candidate_id=c-2',
    ]);
    await postWebhook(emulator.url, candidateCreated({ candidate_id: 'c-1', last_name: 'de Wit' }));
    const { json } = await postWebhook(
      emulator.url,
      candidateCreated({ candidate_id: 'c-2', last_name: 'de Wit' }),
    );
    const found = JSON.parse((await asked).stdout);
    expect(found).toMatchObject({
      version: 2,
      met: true,
      closest: null,
      delivery: {
        reference_id: json.reference_id,
        state: 'delivered',
        status: 'success',
        data: { candidate_id: 'c-2' },
      },
    });
    const arrived = receiver.received.map(({ body }) => body.toString());
    const second = arrived.find((text) => JSON.parse(text).data.candidate_id === 'c-2');
    expect(found.delivery.body.text).toBe(second);
  });

  test('what came before counts too, and numbers stay exact', async () => {
    const receiver = await startTestReceiver();
    const { emulator, base, headers, wait } = await start(receiver.url);
    const body = Buffer.from(
      JSON.stringify(candidateCreated()).replace(/}$/, ',"own_number":12345678901234567890}'),
    );
    const { json } = await postWebhook(emulator.url, body);
    expect((await wait(`reference_id=${json.reference_id}`)).json.met).toBe(true);
    const text = await (await fetch(`${base}/deliveries/wait?event=candidate.created`, { headers })).text();
    expect(text).toContain('"own_number":12345678901234567890');
  });

  test('when the time is up it says which is closest, and what differs', async () => {
    const receiver = await startTestReceiver(() => 500);
    const { emulator, wait } = await start(receiver.url, 'manual');
    await postWebhook(emulator.url, candidateCreated({ first_name: 'Noor' }));
    await wait('attempts=1');
    const { status, json } = await wait('event=candidate.created&expect=data.first_name=Sanne&timeout_ms=40');
    expect(status).toBe(200);
    expect(json).toMatchObject({ met: false, delivery: null });
    expect(json.closest!.delivery).toMatchObject({
      event: 'candidate.created',
      state: 'pending',
      attempt_count: 1,
    });
    expect(json.closest!.checks).toEqual([
      { text: 'event=candidate.created', holds: true, actual: 'candidate.created' },
      { text: 'data.first_name=Sanne', holds: false, actual: 'Noor' },
      { text: 'outcome=delivered or exhausted', holds: false, actual: 'pending, failure' },
    ]);
  });

  test('a query that makes no sense is refused', async () => {
    const { wait, base } = await start();
    expect((await wait('event=candidate.hired')).status).toBe(422);
    expect((await wait('outcome=nearly')).status).toBe(422);
    const refused = await wait('expect=score%3D5');
    expect([refused.status, refused.json]).toEqual([
      400,
      { detail: 'expect=score=5: write data.path=value, as in data.score=87' },
    ]);
    for (const where of ['{"score":5}', '[]', '{'.repeat(2000)]) {
      const { status, json } = await wait(`where=${encodeURIComponent(where)}`);
      expect([status, json]).toEqual([
        400,
        { detail: expect.stringMatching(/^where=.{2,81}: write a JSON object of event, /) },
      ]);
    }
    expect((await fetch(`${base}/deliveries/wait`)).status).toBe(401);
  });

  test('the gateway closes while somebody waits', async () => {
    const { emulator, wait } = await start();
    const waiting = wait('event=candidate.created').catch(() => 'cut off');
    await expect.poll(() => fetch(`${emulator.url}/healthz`).then(({ status }) => status)).toBe(200);
    await emulator.close();
    expect(await waiting).toBe('cut off');
  });
});

describe('POST /ats', () => {
  test('gives all that a worker needs, and nothing of it reaches another', async () => {
    const receivers = [await startTestReceiver(), await startTestReceiver()];
    const { emulator, addAts, wait, base, headers } = await start();
    const workers = [];
    for (const { url } of receivers) {
      const { status, response, json } = await addAts({ webhook_url: url });
      expect(status).toBe(201);
      expect(response.headers.get('cache-control')).toBe('no-store');
      workers.push(json);
    }
    const [one, other] = workers as [AtsAdded, AtsAdded];
    expect(one.incoming_url).toBe(`${emulator.url}/v1/webhooks/${one.id}`);
    for (const name of ['id', 'api_key', 'incoming_secret', 'outgoing_secret'] as const)
      expect(one[name]).not.toBe(other[name]);

    // The same event_id and entity at both: each has its own.
    const event = candidateCreated({
      event_id: 'evt-same',
      candidate_id: 'c-same',
      client_id: one.client_id,
      user_id: one.user_id,
    });
    for (const { id, incoming_secret: secret } of workers) {
      expect((await postWebhook(emulator.url, event, { ats: id, secret })).status).toBe(202);
    }
    for (const [index, { id, outgoing_secret }] of workers.entries()) {
      expect((await wait(`ats_id=${id}&event=candidate.created`)).json.delivery!.ats_id).toBe(id);
      const { received } = receivers[index]!;
      expect(received).toHaveLength(1);
      expect(judgeSignature(received[0]!, outgoing_secret).signed).toBe(true);
    }
    expect(
      (await postWebhook(emulator.url, event, { ats: one.id, secret: other.incoming_secret })).status,
    ).toBe(401);
    const rest = (key: string) =>
      fetch(`${emulator.url}/v1/candidates/c-same`, {
        headers: { 'X-API-Key': key, 'X-ATS-Client-ID': one.client_id, 'X-ATS-User-ID': one.user_id },
      }).then(({ status }) => status);
    expect(await rest(one.api_key)).toBe(200);

    const audit = await (await fetch(`${base}/audit?ats_id=${one.id}`, { headers })).text();
    expect(JSON.parse(audit).items.at(-1)).toMatchObject({ actor: 'control', action: 'ats.added' });
    for (const secret of [one.api_key, one.incoming_secret, one.outgoing_secret])
      expect(audit).not.toContain(secret);

    // A reset is back to the start: added ones are gone.
    await fetch(`${base}/reset`, { method: 'POST', headers });
    expect(emulator.listAts().map(({ id }) => id)).toEqual(['test-ats']);
    expect(await rest(one.api_key)).toBe(401);
  });

  test('id, name and workspace can be chosen; an id that is taken is refused', async () => {
    const { addAts, base, headers } = await start();
    const wanted = { id: 'worker 3', name: 'Worker', client_id: 'c-3', user_id: 'u-3' };
    const { json } = await addAts(wanted);
    expect(json).toMatchObject({ ...wanted, webhook_url: null });
    expect(json.incoming_url).toMatch(/\/v1\/webhooks\/worker%203$/);
    expect(await addAts(wanted)).toMatchObject({ status: 409, json: { detail: 'An ATS of this id exists' } });
    expect((await addAts({ secret: 'mine' })).status).toBe(422);
    expect((await addAts({ webhook_url: 'ftp://x' })).status).toBe(422);
    // The contract's rule for identifiers holds for the name too, here and where it is changed.
    expect((await addAts({ name: 'é'.repeat(255) })).status).toBe(201);
    for (const name of ['', 'n'.repeat(256), 'a\u0000b', 'a\r\nb']) {
      expect((await addAts({ name })).status).toBe(422);
      const change = { method: 'PATCH', headers, body: JSON.stringify({ name }) };
      expect((await fetch(`${base}/ats/test-ats`, change)).status).toBe(422);
    }
    const { items } = (await (await fetch(`${base}/workspaces`, { headers })).json()) as {
      items: { ats_id: string }[];
    };
    expect(items.find(({ ats_id }) => ats_id === 'worker 3')).toMatchObject({
      client_id: 'c-3',
      status: 'provisioned',
      members: [{ user_id: 'u-3' }],
    });
  });

  test('without a body it makes one with defaults, and is not meant where none is named', async () => {
    const { addAts, base, headers } = await start();
    expect((await addAts()).json).toMatchObject({
      client_id: 'acme-corp',
      user_id: 'admin-user',
      webhook_url: null,
    });
    const body = JSON.stringify({
      client_id: 'jansen',
    });
    const made = await fetch(`${base}/workspaces`, { method: 'POST', headers, body });
    expect(await made.json()).toMatchObject({ ats_id: 'test-ats', client_id: 'jansen' });
  });
});
