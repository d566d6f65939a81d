import { expect, test } from 'vitest';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { candidateCreated, postWebhook, startDelivering } from '../../support/emulator.ts';
import { json, serve } from '../../support/receiver.ts';

const base = { client_id: 'acme-corp', user_id: 'admin-user' };
let counter = 0;
const event = (name: string, fields: object) => ({
  event: name,
  event_id: `evt-order-${++counter}`,
  ...base,
  ...fields,
});
const SLOW = 'jane+slow-2s@example.com';

async function start(overrides: Parameters<typeof startDelivering>[0] = {}) {
  const { receiver, emulator, control } = await startDelivering(overrides);
  const post = async (body: object): Promise<string> => {
    const { status, json } = await postWebhook(emulator.url, body);
    expect(status).toBe(202);
    return json.reference_id;
  };
  const arrived = () => receiver.received.map(({ body }) => JSON.parse(body.toString()));
  return { receiver, control, post, arrived };
}

/** The same with an AI that takes its time for one candidate, until the test lets it go on. */
async function startHolding(candidate: string) {
  const { promise: held, resolve: release } = withResolvers();
  const service = await serve(async ({ body }, response) => {
    const { event, entity } = JSON.parse(body.toString());
    if (event === 'candidate.created' && entity.id === candidate) await held;
    json(response, 200, { default: true });
  });
  const ai = { url: service.url, secret: 'ai-secret', timeoutMs: 120_000 };
  return { ...(await start({ ai })), release };
}

test('jobs of one candidate run in order although the first is slow', async () => {
  const { receiver, post, arrived, release } = await startHolding('c1');
  await post(candidateCreated({ candidate_id: 'c1' }));
  await post(
    event('candidate.updated', { candidate_id: 'c1', email: 'jane@example.com', headline: 'Nurse' }),
  );
  await post(event('candidate.deleted', { candidate_id: 'c1' }));
  await post(candidateCreated({ candidate_id: 'c2' }));
  await receiver.waitFor(1);
  release();
  await receiver.waitFor(4);
  const events = arrived();
  expect(events[0].data.candidate_id).toBe('c2');
  expect(events.slice(1).map((one) => [one.event, one.status])).toEqual([
    ['candidate.created', 'success'],
    ['candidate.updated', 'success'],
    ['candidate.deleted', 'success'],
  ]);
  expect(events[2].data).toMatchObject({ first_name: 'Jane', headline: 'Nurse', email: 'jane@example.com' });
});

test('an application waits for its candidate; another one of the same vacancy does not wait for it', async () => {
  const { receiver, post, arrived, release } = await startHolding('slow');
  await post(event('vacancy.created', { vacancy_id: 'v1', title: 'Nurse' }));
  await post(candidateCreated({ candidate_id: 'slow', headline: 'Nurse' }));
  await post(candidateCreated({ candidate_id: 'quick', headline: 'Nurse' }));
  const link = (application_id: string, candidate_id: string) =>
    post(event('application.created', { application_id, candidate_id, vacancy_id: 'v1' }));
  await link('a-slow', 'slow');
  await link('a-quick', 'quick');
  await receiver.waitFor(3);
  release();
  await receiver.waitFor(5);
  const order = arrived().map(
    (one) => one.data.application_id ?? one.data.candidate_id ?? one.data.vacancy_id,
  );
  expect(order.indexOf('a-quick')).toBeLessThan(order.indexOf('slow'));
  expect(order.indexOf('a-slow')).toBe(4);
  expect(arrived().map((one) => one.status)).toEqual(Array(5).fill('success'));
  expect(arrived().find((one) => one.data.application_id === 'a-quick').data.score).toBeGreaterThan(0);
});

test('an update of an application waits for its candidate, although it does not name it', async () => {
  const { control, post, receiver, arrived } = await start();
  await post(event('vacancy.created', { vacancy_id: 'v1', title: 'Nurse' }));
  await post(candidateCreated({ candidate_id: 'c1' }));
  const created = await post(
    event('application.created', { application_id: 'a1', candidate_id: 'c1', vacancy_id: 'v1' }),
  );
  await control.wait(created, { until: 'success', timeoutMs: 60_000 });
  await post(event('candidate.updated', { candidate_id: 'c1', email: SLOW }));
  await post(event('candidate.deleted', { candidate_id: 'c1' }));
  await post(event('application.updated', { application_id: 'a1', stage: 'hired' }));
  await receiver.waitFor(6);
  expect(arrived()[5]).toMatchObject({
    event: 'application.updated',
    status: 'failed',
    error: { code: 'candidate_not_found' },
  });
});

test('it waits so also where the application itself is still being made', async () => {
  const { post, receiver, arrived } = await start();
  await post(event('vacancy.created', { vacancy_id: 'v1', title: 'Nurse' }));
  await post(candidateCreated({ candidate_id: 'c1', email: 'jane+slow-200ms@example.com' }));
  await post(event('application.created', { application_id: 'a1', candidate_id: 'c1', vacancy_id: 'v1' }));
  await post(event('candidate.updated', { candidate_id: 'c1', email: SLOW }));
  await post(event('candidate.deleted', { candidate_id: 'c1' }));
  await post(event('application.updated', { application_id: 'a1', stage: 'invited' }));
  await post(event('application.updated', { application_id: 'a1', stage: 'hired' }));
  await receiver.waitFor(7);
  const refused = { event: 'application.updated', status: 'failed', error: { code: 'candidate_not_found' } };
  expect(arrived().slice(5)).toMatchObject([refused, refused]);
});

test.each([
  ['candidate.updated', { candidate_id: 'nobody', headline: 'x' }, 'candidate_not_found'],
  ['vacancy.deleted', { vacancy_id: 'nobody' }, 'vacancy_not_found'],
  [
    'application.created',
    { application_id: 'a', candidate_id: 'nobody', vacancy_id: 'v' },
    'candidate_not_found',
  ],
])('%s of what does not exist: status failed', async (name, fields, code) => {
  const { receiver, post, arrived } = await start();
  const reference = await post(event(name, fields));
  await receiver.waitFor(1);
  expect(arrived()[0]).toMatchObject({
    event: name,
    reference_id: reference,
    status: 'failed',
    error: { code, message: expect.stringContaining('nobody') },
  });
});

test('the AI fails, or gives nothing: an event that says so, or none', async () => {
  const { control, post, arrived } = await start();
  const failed = await post(candidateCreated({ email: 'jane+ai-fail@example.com' }));
  const nothing = await post(candidateCreated({ email: 'jane+no-result@example.com' }));
  await control.wait(failed, { until: 'success', timeoutMs: 60_000 });
  const { met, trace } = await control.wait(nothing, { until: 'settled', timeoutMs: 60_000 });
  expect(met).toBe(true);
  expect(trace.deliveries).toEqual([]);
  expect(arrived()).toMatchObject([{ status: 'failed', error: { code: 'ai_failed' } }]);
});
