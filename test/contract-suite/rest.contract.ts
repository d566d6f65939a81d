import { expect } from 'vitest';
import { applicationOf, candidate, createTarget, fresh, incoming, prove, vacancy } from './target.ts';

const target = createTarget();

prove('api-key-401', async () => {
  for (const key of ['', 'wrong']) {
    expect(await target.rest('POST', '/v1/candidates', candidate(), { 'X-API-Key': key })).toEqual({
      status: 401,
      json: { detail: 'Invalid or missing API key' },
    });
  }
});

prove('missing-header-422', async () => {
  for (const header of ['X-ATS-Client-ID', 'X-ATS-User-ID']) {
    const { status } = await target.rest('POST', '/v1/candidates', candidate(), { [header]: '' });
    expect([header, status]).toEqual([header, 422]);
  }
});

prove('rest-candidates', async () => {
  const { status, json } = await target.rest('POST', '/v1/candidates', candidate());
  expect(status).toBe(202);
  expect(Object.keys(json)).toEqual(['reference_id']);
});

prove('reads-synchronous', async () => {
  const { status, json } = await target.rest('GET', `/v1/candidates/${fresh('nobody')}`);
  expect(status).toBe(404);
  expect(json).not.toHaveProperty('reference_id');
});

prove('reads-exist', async () => {
  const john = candidate();
  await target.rest('POST', '/v1/candidates', john);
  expect((await target.read(`/v1/candidates/${john.candidate_id}`)).json).toMatchObject(john);
});

const NO_TENANT = { 'X-ATS-Client-ID': '', 'X-ATS-User-ID': '' };
const workspace = () => ({
  client_id: fresh('client'),
  name: 'Acme Corp',
  admin_name: 'Admin User',
  admin_email: 'admin@acme.com',
});

prove('rest-workspaces', async () => {
  const { status, json } = await target.rest('POST', '/v1/workspaces', workspace(), NO_TENANT);
  expect(status).toBe(202);
  expect(json.reference_id).toEqual(expect.any(String));
});

prove('rest-members', async () => {
  const made = workspace();
  const { event } = await target.outcome(await target.rest('POST', '/v1/workspaces', made, NO_TENANT));
  expect(event).toMatchObject({ event: 'workspace.provisioned', client_id: made.client_id });
  const member = { user_id: 'recruiter-001', name: 'Jane Smith', email: 'jane@acme.com' };
  const added = await target.rest('POST', `/v1/workspaces/${made.client_id}/members`, member, NO_TENANT);
  expect(added.status).toBe(202);
});

prove('workspace-events', async () => {
  const made = workspace();
  const provisioned = await target.outcome(await target.rest('POST', '/v1/workspaces', made, NO_TENANT));
  expect(provisioned.event).toMatchObject({ event: 'workspace.provisioned', status: 'success' });
  const member = { user_id: 'recruiter-001', name: 'Jane Smith', email: 'jane@acme.com' };
  const path = `/v1/workspaces/${made.client_id}/members`;
  const added = await target.outcome(await target.rest('POST', path, member, NO_TENANT));
  expect(added.event).toMatchObject({
    event: 'workspace.member_added',
    client_id: made.client_id,
    status: 'success',
  });
});

prove('same-by-rest-and-webhook', async () => {
  const fields = { ...vacancy(), location: 'Tilburg', employment_type: 'full-time', requirements: ['VCA'] };
  const id = fields.vacancy_id;
  const byRest = await target.outcome(await target.rest('POST', '/v1/vacancies', fields));
  const storedByRest = await target.read(`/v1/vacancies/${id}`);
  await target.outcome(await target.rest('DELETE', `/v1/vacancies/${id}`));
  const byWebhook = await target.outcome(await target.webhook(incoming('vacancy.created', fields)));
  expect(byWebhook.event.event).toBe(byRest.event.event);
  expect(byWebhook.event.data).toEqual(byRest.event.data);
  expect((await target.read(`/v1/vacancies/${id}`)).json).toEqual(storedByRest.json);
});

prove('application-score', async () => {
  const john = {
    ...candidate(),
    headline: 'Order picker with a reach truck certificate',
    skills: ['reach truck'],
  };
  const picker = vacancy();
  await target.outcome(await target.rest('POST', '/v1/candidates', john));
  await target.outcome(await target.rest('POST', '/v1/vacancies', picker));
  const application = applicationOf(john, picker);
  const { event } = await target.outcome(await target.rest('POST', '/v1/applications', application));
  expect(event).toMatchObject({ event: 'application.created', status: 'success', data: application });
  const { score } = event.data as { score: number | null };
  expect(score === null || (score >= 0 && score <= 100)).toBe(true);
});
