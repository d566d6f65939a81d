import { expect, test } from 'vitest';
import type { EmulatorOptions } from '../../../src/emulator/index.ts';
import { postWebhook, startDelivering, testAts } from '../../support/emulator.ts';

const JANE = { candidate_id: 'test-123', first_name: 'Jane', last_name: 'Smith', email: 'jane@example.com' };
const VACANCY = { vacancy_id: 'vac-1', title: 'Order picker', requirements: ['reachtruck'] };

async function startRest(overrides: Partial<EmulatorOptions> = {}) {
  const { receiver, emulator, control } = await startDelivering({ ...overrides });
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string | null> = {},
  ) => {
    const all: Record<string, string | null> = {
      'X-API-Key': 'key-of-test-ats',
      'X-ATS-Client-ID': 'acme-corp',
      'X-ATS-User-ID': 'admin-user',
      ...headers,
    };
    const response = await fetch(`${emulator.url}${path}`, {
      method,
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as Record<
        string,
        string
      >,
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text ? JSON.parse(text) : null };
  };
  const settle = async (reference: string) => {
    const { trace } = await control.wait(reference, { until: 'settled', timeoutMs: 60_000 });
    return JSON.parse(trace.deliveries[0]!.body.text);
  };
  return { emulator, control, receiver, call, settle };
}

test('the quick start: a candidate by REST, answered 202, comes back as candidate.created', async () => {
  const { call, settle, receiver } = await startRest();
  const { status, json } = await call('POST', '/v1/candidates', JANE);
  expect(status).toBe(202);
  expect(Object.keys(json)).toEqual(['reference_id']);
  const event = await settle(json.reference_id);
  expect(event).toMatchObject({
    event: 'candidate.created',
    reference_id: json.reference_id,
    client_id: 'acme-corp',
  });
  expect(receiver.received[0]!.headers['x-carv-causation-id']).toBe(json.reference_id);
});

test('the same event by webhook and by REST gives the same stored entity and the same outgoing data', async () => {
  const { emulator, call, settle } = await startRest();
  const fields = { ...JANE, phone: '06 12345678', skills: ['VCA', 'vca'], shoe_size: 9007199254740993n };
  const text = JSON.stringify(fields, (_key, value) =>
    typeof value === 'bigint' ? `#${value}#` : value,
  ).replace(/"#(\d+)#"/g, '$1');
  const byRest = await call('POST', '/v1/candidates', text);
  const restEvent = await settle(byRest.json.reference_id);
  const restEntity = await call('GET', '/v1/candidates/test-123');
  await settle((await call('DELETE', '/v1/candidates/test-123')).json.reference_id);
  const envelope =
    '{"event":"candidate.created","event_id":"evt-1","client_id":"acme-corp","user_id":"admin-user",';
  const byWebhook = await postWebhook(emulator.url, Buffer.from(envelope + text.slice(1)));
  const webhookEvent = await settle(byWebhook.json.reference_id);
  expect(webhookEvent.data).toEqual(restEvent.data);
  expect((await call('GET', '/v1/candidates/test-123')).json).toEqual(restEntity.json);
});

test('the whole life of an entity: create, patch (RFC 7396), read, list, delete', async () => {
  const { call, settle } = await startRest();
  await settle((await call('POST', '/v1/candidates', { ...JANE, phone: '+31612345678' })).json.reference_id);
  const patched = await call('PATCH', '/v1/candidates/test-123', { first_name: 'Janet', phone: null });
  const event = await settle(patched.json.reference_id);
  expect(event).toMatchObject({
    event: 'candidate.updated',
    data: { first_name: 'Janet', last_name: 'Smith' },
  });
  expect(event.data).not.toHaveProperty('phone');
  expect(await call('GET', '/v1/candidates/test-123')).toMatchObject({
    status: 200,
    json: { candidate_id: 'test-123', first_name: 'Janet', email: 'jane@example.com' },
  });
  const deleted = await call('DELETE', '/v1/candidates/test-123');
  expect(await settle(deleted.json.reference_id)).toMatchObject({
    event: 'candidate.deleted',
    data: { deleted: true },
  });
  expect(await call('GET', '/v1/candidates/test-123')).toMatchObject({
    status: 404,
    json: { detail: 'Candidate not found' },
  });
});

test('a list comes in pages without hole or repetition', async () => {
  const { call, settle } = await startRest();
  const ids = Array.from({ length: 7 }, (_, i) => `c-${i}`);
  for (const id of ids)
    await settle((await call('POST', '/v1/candidates', { ...JANE, candidate_id: id })).json.reference_id);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { json } = await call('GET', `/v1/candidates?limit=3${query}`);
    seen.push(...json.items.map((item: { candidate_id: string }) => item.candidate_id));
    cursor = json.next_cursor;
  } while (cursor !== null);
  expect(seen).toEqual(ids);
  expect(await call('GET', '/v1/candidates?limit=0')).toMatchObject({ status: 422 });
});

test('a page of large entities ends early, and the next one goes on', async () => {
  const { call, control } = await startRest();
  const headline = 'x'.repeat(900_000);
  const ids = Array.from({ length: 6 }, (_, i) => `c-${i}`);
  for (const id of ids) {
    const { json } = await call('POST', '/v1/candidates', { ...JANE, candidate_id: id, headline });
    await control.wait(json.reference_id, { until: 'settled', timeoutMs: 60_000 });
  }
  const idsOf = (page: { items: { candidate_id: string }[] }) => page.items.map((item) => item.candidate_id);
  const { json: first } = await call('GET', '/v1/candidates?limit=100');
  const { json: last } = await call('GET', `/v1/candidates?limit=100&cursor=${first.next_cursor}`);
  expect([idsOf(first), idsOf(last), last.next_cursor]).toEqual([ids.slice(0, 4), ids.slice(4), null]);
});

test('an application links candidate and vacancy and gets a score; a dangling one fails', async () => {
  const { call, settle } = await startRest();
  await call('POST', '/v1/candidates', { ...JANE, skills: ['reachtruck'], headline: 'Order picker' });
  await call('POST', '/v1/vacancies', VACANCY);
  const application = { application_id: 'app-1', candidate_id: 'test-123', vacancy_id: 'vac-1' };
  const event = await settle((await call('POST', '/v1/applications', application)).json.reference_id);
  expect(event).toMatchObject({ event: 'application.created', status: 'success' });
  expect(event.data.score).toBeGreaterThan(0);
  const dangling = { ...application, application_id: 'app-2', vacancy_id: 'nowhere' };
  const failed = await settle((await call('POST', '/v1/applications', dangling)).json.reference_id);
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'vacancy_not_found' } });
  expect(await call('GET', '/v1/applications/app-2')).toMatchObject({ status: 404 });
});

test('workspaces and members: only the key is needed, the rest follows asynchronously', async () => {
  const { call, settle } = await startRest();
  const onlyKey = { 'X-ATS-Client-ID': null, 'X-ATS-User-ID': null };
  const body = {
    client_id: 'new-corp',
    name: 'New Corp',
    admin_name: 'Admin User',
    admin_email: 'admin@new.example',
  };
  const created = await call('POST', '/v1/workspaces', body, onlyKey);
  expect(created.status).toBe(202);
  expect(await settle(created.json.reference_id)).toMatchObject({
    event: 'workspace.provisioned',
    client_id: 'new-corp',
  });
  expect(await call('POST', '/v1/workspaces', body, onlyKey)).toMatchObject({ status: 409 });
  const member = { user_id: 'recruiter-001', name: 'Jane Smith', email: 'jane@acme.com' };
  const added = await call('POST', '/v1/workspaces/new-corp/members', member, onlyKey);
  expect(await settle(added.json.reference_id)).toMatchObject({
    event: 'workspace.member_added',
    data: { user_id: 'recruiter-001', email: 'jane@acme.com' },
  });
  expect(await call('GET', '/v1/workspaces/new-corp', undefined, onlyKey)).toMatchObject({
    json: { client_id: 'new-corp', status: 'provisioned' },
  });
  const { json } = await call('GET', '/v1/workspaces/new-corp/members', undefined, onlyKey);
  expect(json.items).toEqual([
    { user_id: 'admin@new.example', name: 'Admin User', email: 'admin@new.example' },
    member,
  ]);
});

test.each([
  ['no key', {}, { 'X-API-Key': null }, 401, { detail: 'Invalid or missing API key' }],
  ['wrong key', {}, { 'X-API-Key': 'nope' }, 401, { detail: 'Invalid or missing API key' }],
  ['unknown workspace', JANE, { 'X-ATS-Client-ID': 'nobody' }, 404, { detail: 'Workspace not found' }],
])('%s', async (_name, body, headers, status, json) => {
  const { call } = await startRest();
  expect(await call('POST', '/v1/candidates', body, headers)).toMatchObject({ status, json });
});

test('missing headers and fields are all listed', async () => {
  const { call } = await startRest();
  const { status, json } = await call('POST', '/v1/candidates', { email: 'no' }, { 'X-ATS-User-ID': null });
  expect(status).toBe(422);
  expect(json.detail.map((problem: { loc: unknown[] }) => problem.loc.join('.')).sort()).toEqual([
    'body.candidate_id',
    'body.email',
    'body.first_name',
    'body.last_name',
    'header.x-ats-user-id',
  ]);
});

test('a wrong method is 405 with what is allowed, an unknown path 404', async () => {
  const { call } = await startRest();
  const wrong = await call('PUT', '/v1/candidates/x', {});
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get('allow')).toBe('GET, PATCH, DELETE');
  expect(await call('GET', '/v1/nothing')).toMatchObject({ status: 404, json: { detail: 'Not Found' } });
});

test('Idempotency-Key works as event_id does, for the same request only', async () => {
  const { call } = await startRest();
  const key = { 'Idempotency-Key': 'key-1' };
  const first = await call('POST', '/v1/candidates', JANE, key);
  const again = await call('POST', '/v1/candidates', JANE, key);
  expect(again.json).toEqual(first.json);
  expect(await call('POST', '/v1/candidates', { ...JANE, first_name: 'Other' }, key)).toMatchObject({
    status: 409,
  });
  expect(await call('DELETE', '/v1/candidates/test-123', undefined, key)).toMatchObject({ status: 409 });
  const other = await call('POST', '/v1/candidates', JANE);
  expect(other.json.reference_id).not.toBe(first.json.reference_id);
});

test('an Idempotency-Key with the same bytes for another entity is another request', async () => {
  const { call } = await startRest();
  const patch = (path: string) => call('PATCH', path, { city: 'Rome' }, { 'Idempotency-Key': 'key-2' });
  const first = await patch('/v1/candidates/one');
  expect(first.status).toBe(202);
  expect((await patch('/v1/candidates/one')).json).toEqual(first.json);
  expect((await patch('/v1/candidates/two')).status).toBe(409);
  expect((await patch('/v1/vacancies/one')).status).toBe(409);
});

test('a fault for the first time knows a request without an Idempotency-Key by its entity', async () => {
  const { call } = await startRest({ faults: [{ kind: 'status-503', on: 'ingress', first: 1 }] });
  const statuses: number[] = [];
  for (const candidate_id of ['one', 'two', 'one', 'two'])
    statuses.push((await call('POST', '/v1/candidates', { ...JANE, candidate_id })).status);
  expect(statuses).toEqual([503, 503, 202, 202]);
});

test('a key of one ATS opens nothing of another', async () => {
  const { call, control } = await startRest({ ats: [testAts('test-ats', null), testAts('other-ats', null)] });
  const { json } = await call('POST', '/v1/candidates', JANE);
  await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
  expect(await call('GET', '/v1/candidates/test-123')).toMatchObject({ status: 200 });
  const other = { 'X-API-Key': 'key-of-other-ats' };
  expect(await call('GET', '/v1/candidates/test-123', undefined, other)).toMatchObject({ status: 404 });
  expect((await call('GET', '/v1/candidates', undefined, other)).json.items).toEqual([]);
});

test('the log names an event_id only where the caller gave one', async () => {
  const { call, control } = await startRest();
  await call('POST', '/v1/candidates', JANE);
  await call('POST', '/v1/candidates', { ...JANE, candidate_id: 'other' }, { 'Idempotency-Key': 'key-9' });
  const { items } = await control.log({ direction: 'incoming', limit: 10 });
  expect(items.map((record) => record.event_id)).toEqual(['key-9', null]);
});

test('an update that would make an entity larger than a body may be fails, and changes nothing', async () => {
  const { call, control, settle } = await startRest();
  const half = 'ü'.repeat(256 * 1024);
  const path = '/v1/candidates/test-123';
  const done = async ({ json }: { json: { reference_id: string } }) =>
    (await control.wait(json.reference_id, { until: 'settled', timeoutMs: 60_000 })).trace.job!.state;
  expect(await done(await call('POST', '/v1/candidates', { ...JANE, note: half }))).toBe('done');
  const { status, json } = await call('PATCH', path, { headline: half });
  expect(status).toBe(202);
  expect(await settle(json.reference_id)).toMatchObject({
    event: 'candidate.updated',
    status: 'failed',
    error: { code: 'candidate_too_large', message: expect.stringContaining('1 MiB') },
    data: { candidate_id: 'test-123' },
  });
  const kept = (await call('GET', path)).json;
  expect([kept.note, kept.headline]).toEqual([half, undefined]);
  expect(await done(await call('PATCH', path, { note: null, headline: half }))).toBe('done');
  expect((await call('GET', path)).json.headline).toBe(half);
});
