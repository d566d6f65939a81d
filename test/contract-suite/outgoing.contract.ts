import { execFile } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { candidate, createTarget, credentials, incoming, prove, sign, vacancy } from './target.ts';

const target = createTarget();
const CARVOS = fileURLToPath(new URL('../../bin/carvos.cjs', import.meta.url));
const send = () => target.webhook(incoming('candidate.created', candidate()));

prove('writes-complete-by-webhook', async () => {
  const john = candidate();
  const answer = await target.webhook(incoming('candidate.created', john));
  expect(answer.status).toBe(202);
  const { event } = await target.outcome(answer);
  expect(event).toMatchObject({ event: 'candidate.created', data: { candidate_id: john.candidate_id } });
});

prove('outgoing-signed', async () => {
  const { headers, body } = await target.outcome(await send());
  const header = String(headers['x-webhook-signature']);
  const t = Number(/^t=(\d+)/.exec(header)![1]);
  expect(header).toBe(sign(body, credentials.outgoingSecret, t));
});

prove('outgoing-header-form', async () => {
  const { headers, body } = await target.outcome(await send());
  const header = String(headers['x-webhook-signature']);
  expect(header).toMatch(/^t=\d{1,12},v1=[0-9a-f]{64}$/);
  // What both documented receivers do: split on `,`, each part on the first `=`.
  const parts = Object.fromEntries(
    header.split(',').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
  expect(`t=${parts.t},v1=${parts.v1}`).toBe(sign(body, credentials.outgoingSecret, Number(parts.t)));
});

prove('outgoing-fresh', async () => {
  const { headers } = await target.outcome(await send());
  const t = Number(/^t=(\d+)/.exec(String(headers['x-webhook-signature']))![1]);
  expect(Math.abs(Date.now() / 1000 - t)).toBeLessThanOrEqual(300);
});

prove('envelope', async () => {
  const { event } = await target.outcome(await send());
  const keys = ['event', 'event_id', 'reference_id', 'client_id', 'timestamp', 'status', 'error', 'data'];
  expect(Object.keys(event)).toEqual(keys);
  expect(event).toMatchObject({ client_id: credentials.clientId, status: 'success', error: null });
  expect(event.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(Math.abs(Date.now() - Date.parse(event.timestamp))).toBeLessThan(300_000);
});

prove('causation', async () => {
  const answer = await send();
  const { event, headers } = await target.outcome(answer);
  expect(event.reference_id).toBe(answer.json.reference_id);
  expect(headers['x-carv-causation-id']).toBe(answer.json.reference_id);
});

prove('event-id-unique', async () => {
  const outcomes = [await target.outcome(await send()), await target.outcome(await send())];
  expect(new Set(outcomes.map((one) => one.event.event_id)).size).toBe(2);
});

prove('outgoing-headers', async () => {
  const { headers, event } = await target.outcome(await send());
  expect(headers['content-type']).toBe('application/json');
  expect(headers['user-agent']).toEqual(expect.any(String));
  // The name of the event-type header is not documented; its value is.
  expect(Object.values(headers)).toContain(event.event);
});

prove('candidate-data', async () => {
  const john = { ...candidate(), phone: '+31612345678' };
  const made = await target.outcome(await target.webhook(incoming('candidate.created', john)));
  expect(made.event.data).toMatchObject(john);
  const change = { candidate_id: john.candidate_id, last_name: 'Smith' };
  const updated = await target.outcome(await target.webhook(incoming('candidate.updated', change)));
  expect(updated.event).toMatchObject({ event: 'candidate.updated', data: { ...john, last_name: 'Smith' } });
});

prove('vacancy-data', async () => {
  const picker = vacancy();
  const made = await target.outcome(await target.webhook(incoming('vacancy.created', picker)));
  expect(made.event.data).toMatchObject(picker);
  const change = { vacancy_id: picker.vacancy_id, title: 'Packer' };
  const updated = await target.outcome(await target.webhook(incoming('vacancy.updated', change)));
  expect(updated.event).toMatchObject({ event: 'vacancy.updated', data: { ...picker, title: 'Packer' } });
});

prove('deletion-confirmed', async () => {
  const john = candidate();
  await target.outcome(await target.webhook(incoming('candidate.created', john)));
  const gone = incoming('candidate.deleted', { candidate_id: john.candidate_id });
  const { event } = await target.outcome(await target.webhook(gone));
  expect(event).toMatchObject({
    event: 'candidate.deleted',
    status: 'success',
    data: { candidate_id: john.candidate_id },
  });
});

/** Moves the schedule; answers with the attempts that were made. */
const advance = async (seconds: number): Promise<unknown[]> =>
  (await target.control('POST', '/clock/advance', { ms: seconds * 1000 })).json.fired;
const settle = (reference: string, until = 'first-attempt') =>
  target.control('GET', `/references/${reference}/wait?until=${until}&timeout_ms=30000`);
/** Sends an event whose first attempts are answered so. */
const sendTo = async (...answers: (typeof target.answers)[number][]) => {
  target.answers.push(...answers);
  const answer = await send();
  await target.outcome(answer);
  return { answer, trace: (await settle(answer.json.reference_id)).json.trace };
};

prove('event-id-on-retry', async () => {
  const { answer, trace } = await sendTo(500);
  await advance(60);
  const first = await target.outcome(answer, 1);
  const second = await target.outcome(answer, 2);
  expect(second.body.equals(first.body)).toBe(true);
  await settle(answer.json.reference_id, 'settled');
  await target.control('POST', `/deliveries/${trace.deliveries[0].id}/replay`, {});
  const third = await target.outcome(answer, 3);
  expect(third.event.event_id).toBe(first.event.event_id);
});

prove('success-is-2xx', async () => {
  for (const status of [200, 201, 204, 299]) {
    const { trace } = await sendTo(status === 204 ? (response) => response.writeHead(204).end() : status);
    expect([status, trace.deliveries[0].state]).toEqual([status, 'delivered']);
  }
  const failures = [
    301,
    400,
    401,
    404,
    429,
    500,
    503,
    (response: ServerResponse) => response.writeHead(307, { Location: target.receiverUrl() }).end(),
    // Cut before its first byte on a connection that was kept alive, it would be sent again within the attempt.
    (response: ServerResponse) =>
      response.writeHead(200, { 'Content-Length': 100 }).write('half of it', () => response.destroy()),
  ];
  for (const failure of failures) {
    const { trace } = await sendTo(failure);
    expect([String(failure), trace.deliveries[0].state]).toEqual([String(failure), 'pending']);
    expect(trace.deliveries[0].attempt_count).toBe(1);
  }
  await advance(60);
});

prove('five-seconds', async () => {
  // The status comes at once and the body drips: only the whole answer counts.
  const { trace } = await sendTo((response) => {
    response.writeHead(200).write('{');
    const drip = setInterval(() => response.write(' '), 500);
    response.on('close', () => clearInterval(drip));
  });
  expect(trace.deliveries[0]).toMatchObject({ state: 'pending', attempt_count: 1, last_outcome: 'error' });
  expect(trace.deliveries[0].last_error.message).toMatch(/\b5 s\b/);
  await advance(60);
});

prove('retry-schedule', async () => {
  await target.control('POST', '/clock/drain');
  const { answer, trace } = await sendTo(500, 500, 500, 500, 500);
  const id = trace.deliveries[0].id;
  for (const [index, minutes] of [1, 5, 30, 120].entries()) {
    expect(await advance(minutes * 60 - 1)).toEqual([]);
    expect(await advance(1)).toHaveLength(1);
    const { json } = await target.control('GET', `/deliveries/${id}`);
    expect(json).toMatchObject({ attempt_count: index + 2, state: index === 3 ? 'exhausted' : 'pending' });
  }
  expect(await advance(86_400)).toEqual([]);
  expect(target.received.filter((one) => one.event.reference_id === answer.json.reference_id)).toHaveLength(
    5,
  );
});

prove('test-header', async () => {
  // What the portal's panel does, `carvos trigger` does.
  const run = promisify(execFile);
  const args = [CARVOS, 'trigger', 'candidate.created', '--url', target.receiverUrl()];
  await run(process.execPath, args, { cwd: target.folder() });
  const test = target.received.at(-1)!;
  expect(test.headers['x-carvos-test']).toBe('true');
  expect(test.headers['x-carv-causation-id']).toBe(test.event.reference_id);
  const t = Number(/^t=(\d+)/.exec(String(test.headers['x-webhook-signature']))![1]);
  expect(test.headers['x-webhook-signature']).toBe(sign(test.body, credentials.outgoingSecret, t));
  const real = await target.outcome(await send());
  expect(real.headers).not.toHaveProperty('x-carvos-test');
  expect(Object.keys(real.event)).toEqual(Object.keys(test.event));
});
