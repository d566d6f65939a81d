import { expect } from 'vitest';
import {
  applicationOf,
  BAD_SIGNATURE,
  candidate,
  createTarget,
  credentials,
  incoming,
  prove,
  sign,
  vacancy,
} from './target.ts';

const target = createTarget();
const send = (secret?: string) => target.webhook(incoming('candidate.created', candidate()), { secret });
const rotate = async (credential: string) =>
  (await target.control('POST', `/ats/${credentials.atsId}/rotate`, { credential })).json.value as string;

prove('meeting-events', async () => {
  const john = candidate();
  const picker = vacancy();
  const application = applicationOf(john, picker);
  await target.outcome(await target.rest('POST', '/v1/candidates', john));
  await target.outcome(await target.rest('POST', '/v1/vacancies', picker));
  await target.outcome(await target.rest('POST', '/v1/applications', application));
  const made = await target.control('POST', '/meetings', {
    client_id: credentials.clientId,
    application_id: application.application_id,
  });
  const references: string[] = made.json.events.map((one: { reference_id: string }) => one.reference_id);
  const received = [];
  for (const reference_id of references)
    received.push(await target.outcome({ status: 202, json: { reference_id } }));
  const [transcript, summary, notes] = received.map((one) => one.event);
  expect(received.map((one) => one.event.event)).toEqual([
    'meeting.transcript_ready',
    'meeting.summary_ready',
    'meeting.notes_ready',
  ]);
  for (const event of [transcript!, summary!, notes!]) {
    expect(event.data).toMatchObject({ meeting_id: made.json.meeting_id, ...application });
  }
  expect(Object.values(transcript!.data).join(' ')).toMatch(/<\w+[^>]*>/);
  expect(String(summary!.data.summary)).not.toMatch(/<\w+>|^#/m);
  expect(String(summary!.data.summary).match(/[.!?](?=\s|$)/g)).toHaveLength(5);
  expect(String(notes!.data.notes)).toMatch(/^#+ /m);
});

prove('rotated-independently', async () => {
  const outgoing = await rotate('outgoing-secret');
  // The incoming one still works, and what comes out has the new signature.
  const { headers, body } = await target.outcome(await send());
  const t = Number(/^t=(\d+)/.exec(String(headers['x-webhook-signature']))![1]);
  expect(headers['x-webhook-signature']).toBe(sign(body, outgoing, t));
  const next = await rotate('incoming-secret');
  expect((await send()).status).toBe(BAD_SIGNATURE);
  expect((await send(next)).status).toBe(202);
});

prove('audit', async () => {
  await target.control('PATCH', `/ats/${credentials.atsId}`, { name: 'Audited' });
  const { items } = (await target.control('GET', '/audit')).json;
  expect(items[0]).toMatchObject({ ats_id: credentials.atsId, action: 'ats.updated' });
});

prove('api-key-rotation', async () => {
  const key = await rotate('api-key');
  const status = JSON.stringify((await target.control('GET', '/status')).json);
  expect(status).not.toContain(key);
  expect((await target.rest('GET', '/v1/candidates')).status).toBe(401);
  expect((await target.rest('GET', '/v1/candidates', undefined, { 'X-API-Key': key })).status).toBe(200);
});
