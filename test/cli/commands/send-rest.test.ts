import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INCOMING_EVENTS } from '../../../src/contract/event-names.ts';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

const CV = join(import.meta.dirname, '../../../fixtures/files/cv-nl.pdf');
const KEY = { CARVOS_API_KEY: 'key-of-demo-ats' };

async function start() {
  const gateway = await startDemoGateway();
  const send = async (...args: string[]) => {
    const result = await runCli(['send', ...args, '--wait', '--json'], { cwd: gateway.cwd, env: KEY });
    const document = result.stdout === '' ? null : JSON.parse(result.stdout);
    const delivery = document?.deliveries?.[0];
    return { ...result, document, outgoing: delivery && JSON.parse(delivery.body.text) };
  };
  return { ...gateway, send };
}

test('--via rest makes every incoming event, and the same comes of it as of the webhook', async () => {
  const [rest, webhook] = await Promise.all([start(), start()]);
  // What is created is there for what changes it; deletions come last.
  const order = (name: string) =>
    ['created', 'member_added', 'updated', 'deleted'].indexOf(name.split('.')[1]!);
  const kinds = (name: string) => (name.startsWith('application') ? 1 : 0);
  const events = [...INCOMING_EVENTS].sort(
    (a, b) => order(a) - order(b) || (order(a) < 2 ? kinds(a) - kinds(b) : kinds(b) - kinds(a)),
  );
  for (const event of events) {
    // Each sample names a new one, and REST knows the admin by e-mail (contract, section 3).
    if (event === 'workspace.created') continue;
    const byRest = await rest.send(event, '--via', 'rest');
    const byWebhook = await webhook.send(event);
    expect([event, byRest.code, byWebhook.code]).toEqual([event, 0, 0]);
    expect(byRest.document).toMatchObject({
      via: 'rest',
      status: 202,
      event,
      deliveries: [{ state: 'delivered' }],
    });
    expect(byRest.document.url).not.toContain('/webhooks/');
    expect(byRest.outgoing.event).toBe(byWebhook.outgoing.event);
    expect(timeless(byRest.outgoing.data)).toEqual(timeless(byWebhook.outgoing.data));
  }
  const { document, outgoing } = await rest.send('workspace.created', '--via', 'rest');
  expect(document).toMatchObject({ status: 202, url: expect.stringMatching(/\/v1\/workspaces$/) });
  expect(outgoing).toMatchObject({ event: 'workspace.provisioned', data: { client_id: document.client_id } });
});

test('event_id is the Idempotency-Key: the same event twice is processed once', async () => {
  const { send, control } = await start();
  const args = ['candidate.created', '--via', 'rest', '--event-id', 'once'];
  const first = await send(...args);
  const second = await send(...args);
  expect(second.document.reference_id).toBe(first.document.reference_id);
  expect((await control.log({ direction: 'outgoing' })).items).toHaveLength(1);
  const twice = await send('vacancy.created', '--via', 'rest', '--fault', 'duplicate');
  expect(twice.code).toBe(0);
  expect((await control.log({ direction: 'outgoing' })).items).toHaveLength(2);
});

test.each(['webhook', 'rest'])('--cv uploads the file and refers to it, by %s', async (via) => {
  const { send } = await start();
  const { code, document, outgoing, stderr } = await send('candidate.created', '--cv', CV, '--via', via);
  // The clock is manual here.
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('carvos clock next') });
  expect(document.upload).toEqual({ status: 200, carv_file_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(outgoing.data.cv).toMatchObject({ carv_file_id: document.upload.carv_file_id });
});

test('each of many gets an upload of its own', async () => {
  const { cwd } = await start();
  const { code, stdout } = await runCli(
    ['send', 'candidate.created', '--cv', CV, '--repeat', '3', '--json'],
    {
      cwd,
      env: KEY,
    },
  );
  const ids = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).upload.carv_file_id);
  expect({ code, different: new Set(ids).size }).toEqual({ code: 0, different: 3 });
});

test('a file that is none is refused before the event, with what is taken', async () => {
  const { cwd, control } = await start();
  const options = { cwd: cwd, env: KEY };
  const file = join(tempFolder({ 'cv.pdf': 'no PDF' }), 'cv.pdf');
  const result = await runCli(['send', 'candidate.created', '--cv', file], options);
  expect(result.code).toBe(4);
  expect(result.stdout).toContain('415  upload of the CV');
  expect(result.stderr).toContain('PDF, DOC and DOCX');
  expect((await control.log({ direction: 'outgoing' })).items).toHaveLength(0);
  const wrongKey = await runCli(['send', 'candidate.created', '--via', 'rest'], { cwd });
  expect(wrongKey.code).toBe(4);
  expect(wrongKey.stderr).toContain('CARVOS_API_KEY');
});

test('an API key is not printed', async () => {
  const env = { CARVOS_API_KEY: 'very-own-key' };
  for (const flag of ['--dry-run', '--curl']) {
    const args = ['send', 'candidate.deleted', '--via', 'rest', flag, '--url', '4010'];
    const { code, stdout, stderr } = await runCli(args, { cwd: tempFolder(), env });
    expect(code).toBe(0);
    expect(stdout).toContain('X-API-Key: $CARVOS_API_KEY');
    expect(stdout + stderr).not.toContain('very-own-key');
  }
});

test('an expectation has to hold for each of many', async () => {
  const { cwd } = await start();
  const lines = ['jane+score-1@example.com', 'jane+ai-fail@example.com'].map((email, index) =>
    JSON.stringify({
      event: 'candidate.created',
      event_id: `e${index}`,
      client_id: 'acme-corp',
      user_id: 'admin-user',
      candidate_id: `c${index}`,
      first_name: 'Jane',
      last_name: 'Doe',
      email,
    }),
  );
  const { code, stdout } = await runCli(['send', '-', '--ndjson', '--expect', 'status=success', '--json'], {
    cwd,
    stdin: lines.join('\n'),
  });
  expect(code).toBe(1);
  const met = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).expectations.met);
  expect(met).toEqual([true, false]);
});

/** Without what is different in every run. */
function timeless(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key.endsWith('_at') ? 'time' : inner)));
}
