import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  applicationOf,
  candidate,
  createTarget,
  credentials,
  facts,
  fresh,
  incoming,
  vacancy,
} from './target.ts';

/** That the gateway does what a facts file says: the real one, or carvos beside that file. */

const target = createTarget();
const cv = () => readFileSync(fileURLToPath(new URL('../../fixtures/files/cv-nl.pdf', import.meta.url)));
/** Left out, and said so, where the facts say nothing of it. */
const fact = (name: string, isThere: boolean, run: () => Promise<void>) =>
  test.skipIf(!isThere)(`fact: ${name}${isThere ? '' : ' (needs --facts with it)'}`, run);
const { statuses = {}, errors = {} } = facts;

fact('the event-type header', facts.eventHeader !== undefined, async () => {
  const { headers, event } = await target.outcome(
    await target.webhook(incoming('candidate.created', candidate())),
  );
  expect(headers[facts.eventHeader!.toLowerCase()]).toBe(event.event);
  expect(headers).not.toHaveProperty('x-carv-event');
});

fact('the status of a wrong signature', statuses.invalid_signature !== undefined, async () => {
  const answer = await target.webhook(incoming('candidate.created', candidate()), { signature: '' });
  expect(answer.status).toBe(statuses.invalid_signature);
});

fact('the status of a conflict', statuses.event_id_conflict !== undefined, async () => {
  const event = incoming('candidate.created', candidate());
  await target.webhook(event);
  expect((await target.webhook({ ...event, last_name: 'Other' })).status).toBe(statuses.event_id_conflict);
});

fact('the status of an unknown workspace', statuses.workspace_not_found !== undefined, async () => {
  const event = { ...incoming('candidate.created', candidate()), client_id: fresh('nobody') };
  expect((await target.webhook(event)).status).toBe(statuses.workspace_not_found);
});

fact('the body of a validation error', errors.validation !== undefined, async () => {
  const { email: _, ...without } = candidate();
  const { json } = await target.webhook(incoming('candidate.created', without));
  expect(namesIn(json)).toEqual(namesIn(errors.validation));
});

fact('the field of the CV', facts.cvField !== undefined, async () => {
  const { json } = await target.upload(cv(), 'resume.pdf', 'application/pdf');
  const reference = { [facts.cvField!]: { carv_file_id: json.carv_file_id } };
  const john = { ...candidate(), ...reference };
  const { event } = await target.outcome(await target.rest('POST', '/v1/candidates', john));
  expect(event.data).toMatchObject(reference);
  expect((await target.read(`/v1/candidates/${john.candidate_id}`)).json).toMatchObject(reference);
  const again = await target.rest('POST', '/v1/candidates', { ...candidate(), ...reference });
  expect(again.status).toBeGreaterThanOrEqual(400);
});

fact('the range of the score', facts.score !== undefined, async () => {
  const john = { ...candidate(), skills: ['reach truck', 'forklift'], headline: 'Order picker' };
  const picker = { ...vacancy(), requirements: ['reach truck', 'forklift', 'welding'] };
  await target.outcome(await target.webhook(incoming('candidate.created', john)));
  await target.outcome(await target.webhook(incoming('vacancy.created', picker)));
  const application = applicationOf(john, picker);
  const { event } = await target.outcome(await target.webhook(incoming('application.created', application)));
  const { score } = event.data as { score: number };
  expect(score).toBeGreaterThan(facts.score!.min);
  expect(score).toBeLessThanOrEqual(facts.score!.max);
});

fact('further fields of a candidate', facts.fields?.candidate !== undefined, async () => {
  const { event } = await target.outcome(await target.webhook(incoming('candidate.created', candidate())));
  for (const name of Object.keys(facts.fields!.candidate!)) expect(event.data).toHaveProperty(name);
  expect(event.client_id).toBe(credentials.clientId);
});

/** Names of a body at every depth, of a list those of its first entry. */
function namesIn(value: unknown): unknown {
  if (Array.isArray(value)) return [namesIn(value[0])];
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, namesIn(one)]));
}
