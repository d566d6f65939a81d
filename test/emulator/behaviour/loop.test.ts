import { expect, test } from 'vitest';
import { candidateCreated, postWebhook, SECRETS, startDelivering } from '../../support/emulator.ts';
import { signLikeTheGuides } from '../../support/sign.ts';

test('a signed event is answered 202 and leads to one signed webhook with the same reference', async () => {
  const { receiver, emulator } = await startDelivering();
  const answer = await postWebhook(emulator.url, candidateCreated({ email: ' Jane@Example.com '.trim() }));
  expect(answer.status).toBe(202);
  expect(answer.json.reference_id).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );

  await receiver.waitFor(1);
  const { headers, body } = receiver.received[0]!;
  const event = JSON.parse(body.toString());
  expect(Object.keys(event)).toEqual([
    'event',
    'event_id',
    'reference_id',
    'client_id',
    'timestamp',
    'status',
    'error',
    'data',
  ]);
  expect(event).toMatchObject({
    event: 'candidate.created',
    reference_id: answer.json.reference_id,
    client_id: 'acme-corp',
    status: 'success',
    error: null,
    data: { email: 'jane@example.com' },
  });
  expect(headers['x-carv-causation-id']).toBe(answer.json.reference_id);
  expect(headers['x-carv-event']).toBe('candidate.created');
  expect(headers['content-type']).toBe('application/json');
  expect(headers['x-carvos-test']).toBeUndefined();
  const signature = String(headers['x-webhook-signature']);
  const t = Number(/^t=(\d+),v1=[0-9a-f]{64}$/.exec(signature)![1]);
  expect(signature).toBe(signLikeTheGuides(body, SECRETS.outgoing, t));
  expect(receiver.received).toHaveLength(1);
});

test('the trace names what was accepted, the job, and each delivery with its attempts', async () => {
  const { postAndWait } = await startDelivering();
  const { met, trace } = await postAndWait('success');
  expect(met).toBe(true);
  expect(trace.job?.state).toBe('done');
  expect(trace.deliveries).toHaveLength(1);
  expect(trace.deliveries[0]!.attempts).toMatchObject([
    { number: 1, step: 1, outcome: 'success', response_status: 200 },
  ]);
});
