import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../src/contract/facts/facts.ts';
import { startEmulator } from '../../../src/emulator/index.ts';
import { candidateCreated, SECRETS, startDelivering } from '../../support/emulator.ts';
import { FACTS as SEEN } from '../../support/fictional-gateway.ts';
import { signLikeTheGuides } from '../../support/sign.ts';

const FACTS: Facts = { ...SEEN, fields: { ...SEEN.fields, envelope: { region: 'text' } } };

async function start(facts?: Facts) {
  const { receiver, emulator, control } = await startDelivering({ facts });
  const post = async (event: Record<string, unknown>, signature?: string) => {
    const body = Buffer.from(JSON.stringify(event));
    const response = await fetch(`${emulator.url}/v1/webhooks/test-ats`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Webhook-Signature': signature ?? signLikeTheGuides(body, SECRETS.incoming),
      },
      body,
    });
    return { status: response.status, json: JSON.parse(await response.text()) };
  };
  const get = async (path: string) => {
    const headers = {
      'X-API-Key': 'key-of-test-ats',
      'X-ATS-Client-ID': 'acme-corp',
      'X-ATS-User-ID': 'admin-user',
    };
    const response = await fetch(`${emulator.url}${path}`, { headers });
    return { status: response.status, json: JSON.parse(await response.text()) };
  };
  const delivered = async (count: number) => {
    await receiver.waitFor(count);
    const { headers, body } = receiver.received[count - 1]!;
    return { headers, event: JSON.parse(body.toString()) };
  };
  return { emulator, control, post, get, delivered };
}

describe('with facts the gateway does as the real one was seen to do', () => {
  test('refusals: status and body, on the wire and in the log', async () => {
    const { post, get, control } = await start(FACTS);
    const event = candidateCreated();
    expect(await post(event, 't=1,v1=00')).toEqual({ status: 403, json: { detail: 'Invalid signature' } });
    expect((await post(event)).status).toBe(202);
    expect((await post({ ...event, last_name: 'Other' })).status).toBe(412);
    expect((await post(candidateCreated({ client_id: 'nobody' }))).status).toBe(403);

    const { email: _, ...without } = candidateCreated({ resume: { carv_file_id: 7 } });
    const refused = await post(without);
    expect(refused.status).toBe(422);
    expect(refused.json).toEqual({
      error: {
        code: 'validation',
        message: 'Request is not valid',
        problems: [
          { field: 'email', message: 'Field required' },
          { field: 'resume.carv_file_id', message: expect.stringContaining('valid string') },
        ],
      },
    });
    const { items } = await control.log({ direction: 'inbound' });
    expect(items.map(({ response_status }) => response_status)).toEqual([422, 403, 412, 202, 403]);
    const logged = await control.logRecord(items[0]!.id);
    expect(JSON.parse(logged.response!.body!.text)).toEqual(refused.json);

    // CarvOS documents this one, so no fact changes it.
    expect(await fetch(`${(await control.status()).url}/v1/candidates`).then((one) => one.json())).toEqual({
      detail: 'Invalid or missing API key',
    });
    expect((await get('/v1/candidates/nobody')).status).toBe(404);
  });

  test('outgoing events: header, CV, score, further fields; retries are the same', async () => {
    const { post, get, delivered, control } = await start(FACTS);
    const john = candidateCreated({
      candidate_id: 'c-1',
      cv: 'just a text',
      email: 'j+score-74@example.com',
    });
    expect((await post(john)).status).toBe(202);
    const first = await delivered(1);
    expect(first.headers['x-gateway-event']).toBe('candidate.created');
    expect(first.headers).not.toHaveProperty('x-carv-event');
    expect(first.event).toMatchObject({ region: '', data: { pronouns: '', cv: 'just a text' } });
    // With a field of that name elsewhere `cv` is a field like any other.
    expect((await get('/v1/candidates/c-1')).json).toMatchObject({ cv: 'just a text', pronouns: '' });

    const [record] = (await control.log({ direction: 'outbound' })).items;
    const { request } = await control.logRecord(record!.id);
    expect(request.headers).toMatchObject({ 'X-Gateway-Event': 'candidate.created' });
    expect(request.headers).not.toHaveProperty('X-Carv-Event');

    const rest = { client_id: 'acme-corp', user_id: 'admin-user' };
    await post({ event: 'vacancy.created', event_id: 'v', vacancy_id: 'v-1', title: 'Baker', ...rest });
    await delivered(2);
    await post({
      event: 'application.created',
      event_id: 'a',
      application_id: 'a-1',
      candidate_id: 'c-1',
      vacancy_id: 'v-1',
      ...rest,
    });
    expect((await delivered(3)).event.data.score).toBe(7.4);
    // A field that was sent wins over the example.
    await post(candidateCreated({ candidate_id: 'c-2', pronouns: 'she/her' }));
    expect((await delivered(4)).event.data.pronouns).toBe('she/her');
  });

  test('they are listed in the status and beside the assumptions they replace', async () => {
    const { control } = await start(FACTS);
    const { facts } = await control.status();
    expect(facts.map(({ assumption }) => assumption)).toEqual([
      'event-type-header',
      'answer-401-signature',
      'unprovisioned-workspace',
      'answer-409',
      'answer-422-form',
      'cv-field',
      'application-score-fields',
      'entity-fields',
      'entity-fields',
    ]);
    const { items } = await control.assumptions();
    expect(items.find(({ id }) => id === 'cv-field')).toMatchObject({
      count: 0,
      fact: 'a file is referenced as resume',
    });
  });
});

test('without facts nothing is different, and what are none is refused', async () => {
  const { post, delivered, control } = await start();
  expect(await post(candidateCreated(), 't=1,v1=00')).toEqual({
    status: 401,
    json: { detail: 'Invalid signature' },
  });
  await post(candidateCreated({ resume: 'x' }));
  const { headers, event } = await delivered(1);
  expect(headers['x-carv-event']).toBe('candidate.created');
  expect(event.data).toMatchObject({ resume: 'x' });
  expect(event.data).not.toHaveProperty('pronouns');
  expect((await control.status()).facts).toEqual([]);
  const foreign = { version: 1, cvField: 'not a name!' } as Facts;
  await expect(startEmulator({ facts: foreign })).rejects.toThrow(
    'facts: cvField: is not the name of a field',
  );
});
