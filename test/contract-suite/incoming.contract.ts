import { expect } from 'vitest';
import {
  applicationOf,
  BAD_SIGNATURE,
  candidate,
  createTarget,
  credentials,
  fresh,
  incoming,
  prove,
  sign,
  vacancy,
} from './target.ts';

const target = createTarget();
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const created = () => incoming('candidate.created', candidate());

prove('incoming-signed', async () => {
  expect((await target.webhook(created(), { signature: '' })).status).toBe(BAD_SIGNATURE);
  expect((await target.webhook(created())).status).toBe(202);
});

prove('signature-over-raw-bytes', async () => {
  // Whitespace and escapes are bytes like any others.
  const text = JSON.stringify(created(), null, 2).replace('Doe', 'D\\u00f6');
  expect((await target.webhook(text)).status).toBe(202);
  const other = JSON.stringify(created(), null, 2);
  const overCompact = sign(JSON.stringify(JSON.parse(other)), credentials.incomingSecret);
  expect((await target.webhook(other, { signature: overCompact })).status).toBe(BAD_SIGNATURE);
  const now = Math.floor(Date.now() / 1000);
  const inMilliseconds = sign(other, credentials.incomingSecret, now * 1000);
  expect((await target.webhook(other, { signature: inMilliseconds })).status).toBe(BAD_SIGNATURE);
  expect(
    (await target.webhook(other, { signature: sign(other, credentials.incomingSecret, now) })).status,
  ).toBe(202);
});

prove('webhook-202', async () => {
  const { status, json } = await target.webhook(created());
  expect(status).toBe(202);
  expect(Object.keys(json)).toEqual(['reference_id']);
  expect(json.reference_id).toMatch(UUID_V7);
});

prove('webhook-events', async () => {
  const john = candidate();
  const picker = vacancy();
  const application = applicationOf(john, picker);
  const events = [
    incoming('candidate.created', john),
    incoming('vacancy.created', picker),
    incoming('application.created', application),
    incoming('candidate.updated', { candidate_id: john.candidate_id, last_name: 'Smith' }),
    incoming('vacancy.updated', { vacancy_id: picker.vacancy_id, title: 'Packer' }),
    incoming('application.updated', { application_id: application.application_id, stage: 'interview' }),
    incoming('application.deleted', { application_id: application.application_id }),
    incoming('vacancy.deleted', { vacancy_id: picker.vacancy_id }),
    incoming('candidate.deleted', { candidate_id: john.candidate_id }),
  ];
  for (const event of events) {
    const { status } = await target.webhook(event);
    expect([event.event, status]).toEqual([event.event, 202]);
  }
});

prove('webhook-workspace-created', async () => {
  const workspace = { name: 'Acme Corp', admin_name: 'Admin User', admin_email: 'admin@acme.com' };
  const event = incoming('workspace.created', { client_id: fresh('client'), ...workspace });
  expect((await target.webhook(event)).status).toBe(202);
});

prove('webhook-invalid-signature', async () => {
  const body = JSON.stringify(created());
  const signature = sign(body, credentials.incomingSecret);
  const tampered = await target.webhook(body.replace('John', 'Joan'), { signature });
  expect(tampered.status).toBe(BAD_SIGNATURE);
  expect((await target.webhook(body, { secret: 'not-the-secret' })).status).toBe(BAD_SIGNATURE);
});

prove('unprovisioned-fails', async () => {
  const answer = await target.webhook({ ...created(), client_id: fresh('nobody') });
  // How it fails is not documented: refused, or accepted and reported as failed.
  if (answer.status === 202) expect((await target.outcome(answer)).event.status).toBe('failed');
  else expect(answer.status).toBeGreaterThanOrEqual(400);
});

prove('two-secrets', async () => {
  const wrongWay = await target.webhook(created(), { secret: credentials.outgoingSecret });
  expect(wrongWay.status).toBe(BAD_SIGNATURE);
  const { headers, body } = await target.outcome(await target.webhook(created()));
  const t = Number(/^t=(\d+)/.exec(String(headers['x-webhook-signature']))![1]);
  expect(headers['x-webhook-signature']).toBe(sign(body, credentials.outgoingSecret, t));
  expect(headers['x-webhook-signature']).not.toBe(sign(body, credentials.incomingSecret, t));
});

prove('tenant-names', async () => {
  const john = candidate();
  await target.webhook(incoming('candidate.created', john));
  const { json } = await target.read(`/v1/candidates/${john.candidate_id}`);
  expect(json).toMatchObject(john);
});
