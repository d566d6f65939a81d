import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createControlClient } from '../../../src/client/control-client.ts';
import { writeEmulatorFile } from '../../../src/client/emulator-file.ts';
import { type ReceivedRequest, type Receiver, startReceiver } from '../../../src/client/receiver.ts';
import { DeliveryDetail, LogRecord, page, StatusView } from '../../../src/contract/control.ts';
import { type Emulator, startEmulator } from '../../../src/emulator/index.ts';
import { tempFolder } from '../../support/folder.ts';
import { postSigned } from '../../support/post-signed.ts';
import { runCli, startCarvos } from '../../support/program.ts';

let cwd: string;
let receiver: Receiver;
let received: ReceivedRequest[];
let emulator: Emulator;

beforeEach(async () => {
  cwd = tempFolder();
  received = [];
  receiver = await startReceiver({
    port: 0,
    secrets: ['demo-outgoing-secret'],
    respond: [500, 200],
    onRequest: (one) => received.push(one),
  });
  emulator = await startEmulator({
    host: '127.0.0.1',
    port: 0,
    allowHosts: [],
    database: ':memory:',
    provisioningLatencyMs: 0,
    unprovisioned: 'reject',
    fallbackWebhookUrl: null,
    receiverTimeoutMs: 5000,
    speed: 'manual',
    ats: [
      {
        id: 'demo-ats',
        name: 'Demo ATS',
        webhookUrl: `${receiver.url}/hook`,
        apiKey: 'demo-api-key',
        incomingSecret: 'demo-incoming-secret',
        outgoingSecret: 'demo-outgoing-secret',
        workspaces: [
          {
            clientId: 'acme-corp',
            name: 'Acme Corp',
            members: [{ userId: 'admin-user', name: 'Admin', email: 'admin@acme.example' }],
          },
        ],
      },
    ],
  });
  writeEmulatorFile(cwd, {
    url: emulator.url,
    token: emulator.controlToken,
    pid: process.pid,
    started_at: new Date().toISOString(),
  });
});
afterEach(async () => {
  await emulator.close();
  await receiver.close();
});

/** Sends one event and waits for its first attempt. */
async function sendOne(eventId: string): Promise<string> {
  const body = Buffer.from(
    JSON.stringify({
      event: 'candidate.created',
      event_id: eventId,
      client_id: 'acme-corp',
      user_id: 'admin-user',
      candidate_id: `cand-${eventId}`,
      first_name: 'Sanne',
      last_name: "van 't Hof",
      email: 'sanne@example.nl',
    }),
  );
  const url = `${emulator.url}/v1/webhooks/demo-ats`;
  const answer = await postSigned({ url, body, secret: 'demo-incoming-secret', timeoutMs: 60_000 });
  if (!answer.ok || answer.status !== 202) throw new Error(`not accepted: ${JSON.stringify(answer)}`);
  const { reference_id } = JSON.parse(answer.body.toString()) as { reference_id: string };
  const client = createControlClient({ url: emulator.url, token: emulator.controlToken });
  const result = await client.wait(reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
  expect(result.met).toBe(true);
  return reference_id;
}

test.each([
  ['incoming', 'incoming'],
  ['inbound', 'incoming'],
  ['outbound', 'outgoing'],
])('--direction %s lists what is %s, and says so', async (typed, shown) => {
  await sendOne('evt-1');
  const { stdout } = await runCli(['deliveries', '--json', '--direction', typed], { cwd });
  const { items } = page(LogRecord).parse(JSON.parse(stdout));
  expect(items.map(({ direction }) => direction)).toEqual([shown]);
});

test('list, filters, show, one attempt, curl', async () => {
  const reference = await sendOne('evt-1');
  const listed = await runCli(['deliveries', '--json', '--direction', 'outgoing'], { cwd });
  expect(listed.code).toBe(0);
  const items = page(LogRecord).parse(JSON.parse(listed.stdout)).items;
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ reference_id: reference, outcome: 'failure', response_status: 500 });
  const id = items[0]!.delivery_id;

  const table = await runCli(['deliveries', 'list', '--reference-id', reference], { cwd });
  expect(table.stdout).toContain(`${id}/1`);
  expect(table.stdout).toContain('outgoing');
  expect(table.stdout).toContain('incoming');
  expect(table.stdout).toContain('500 failure');
  const none = await runCli(['deliveries', '--event', 'vacancy.created'], { cwd });
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'no attempt matches\n' });
  const slip = await runCli(['deliveries', '--event', 'candidate.creatd'], { cwd });
  expect(slip.stderr).toBe('no attempt matches. Did you mean candidate.created?\n');

  const shown = await runCli(['deliveries', 'show', id], { cwd });
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain('outgoing (CarvOS → ATS)');
  expect(shown.stdout).toContain('in 1m (when the clock moves)');
  expect(shown.stdout).toContain("van 't Hof");
  expect(shown.stdout).toContain('answer 500');
  const detail = await runCli(['deliveries', 'show', id, '--json'], { cwd });
  expect(DeliveryDetail.parse(JSON.parse(detail.stdout)).attempts).toHaveLength(1);
  expect((await runCli(['deliveries', 'show', `${id}/1`], { cwd })).stdout).toContain('attempt 1/5');

  const curl = await runCli(['deliveries', 'show', id, '--curl'], { cwd });
  await promisify(execFile)('sh', ['-c', curl.stdout]);
  expect(received).toHaveLength(2);
  expect(received[1]?.body.equals(received[0]!.body)).toBe(true);
  expect(received[1]).toMatchObject({ verdict: { valid: true }, seen_before: true });
});

test('the command for an attempt that a fault took the place of leads to a replay', async () => {
  emulator.faults.add({ kind: 'status-503' });
  await sendOne('evt-1');
  const { stdout } = await runCli(['deliveries', '--json', '--direction', 'outgoing'], { cwd });
  const { delivery_id } = page(LogRecord).parse(JSON.parse(stdout)).items[0]!;
  const { stderr } = await runCli(['deliveries', 'show', delivery_id, '--curl'], { cwd });
  expect(stderr).toContain(`no recorded signature\n  to sign it: carvos replay ${delivery_id}`);
});

test('the command for a request goes here, whatever its target named, and its values mean themselves', async () => {
  const answer = await new Promise<number>((resolve, reject) => {
    const path = 'http://evil.example/v1/webhooks/demo-ats?x=1';
    const headers = { 'X-Webhook-Signature': '$HOME', 'Content-Type': 'application/json' };
    const { hostname, port } = new URL(emulator.url);
    request({ hostname, port, path, method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end('{}');
  });
  // The whole URL as target is as good as the path alone (RFC 9112, 3.2.2).
  expect(answer).toBe(401);
  const { stdout } = await runCli(['deliveries', '--json', '--direction', 'incoming'], { cwd });
  const [record] = page(LogRecord).parse(JSON.parse(stdout)).items;
  const curl = await runCli(['deliveries', 'show', record!.delivery_id, '--curl'], { cwd });
  expect(curl.stdout).toContain(`${emulator.url}/v1/webhooks/demo-ats?x=1`);
  expect(curl.stdout).toContain("'X-Webhook-Signature: $HOME'");
});

test('the command for a REST call says that it has no credentials, and speaks of no signature', async () => {
  await fetch(`${emulator.url}/v1/candidates`, { method: 'POST', body: '{}' });
  const { stdout } = await runCli(['deliveries', '--json', '--limit', '1'], { cwd });
  const [record] = page(LogRecord).parse(JSON.parse(stdout)).items;
  const { stderr } = await runCli(['deliveries', 'show', record!.delivery_id, '--curl'], { cwd });
  expect(stderr).toMatch(/carried no signature, .*API key.*\n.*--via rest/);
});

test('an unknown delivery ends with 4, a wrong flag with 2', async () => {
  const unknown = await runCli(['deliveries', 'show', 'dlv_nope'], { cwd });
  expect(unknown.code).toBe(4);
  expect(unknown.stderr).toMatch(/^error: .*\n/);
  const wrong = await runCli(['deliveries', '--outcome', 'failur'], { cwd });
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('Did you mean failure?');
});

test.each([
  ['deliveries', 'show', '/3'],
  ['verify', '--delivery', '/3'],
  ['verify', '--delivery', ''],
  ['diff', '/3', 'dlv_1'],
])('what is left of "$ID/3" where ID is not set is no id: %j', async (...args) => {
  const { code, stderr } = await runCli(args, { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining(' is not the id of a delivery or attempt\n')]);
});

test('--follow prints what was, then what comes, each once', async () => {
  await sendOne('evt-1');
  const follower = startCarvos(['deliveries', '--follow', '--json', '--direction', 'outgoing'], { cwd });
  await follower.waitForText('"outcome":"failure"');
  await sendOne('evt-2');
  await follower.waitForText('"outcome":"success"');
  follower.kill('SIGINT');
  const { code, stdout } = await follower.ended;
  expect(code).toBe(0);
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => LogRecord.parse(JSON.parse(line)));
  expect(records.map((one) => one.response_status)).toEqual([500, 200]);
});

test('status and workspaces', async () => {
  await sendOne('evt-1');
  const status = await runCli(['status', '--json'], { cwd });
  expect(StatusView.parse(JSON.parse(status.stdout))).toMatchObject({
    events: 1,
    deliveries: { pending: 1 },
  });
  const text = await runCli(['status'], { cwd });
  expect(text.stdout).toContain(emulator.url);
  expect(text.stdout).toContain('1 pending');

  const added = await runCli(
    [
      'workspace',
      'add',
      'de-vries',
      '--name',
      'De Vries',
      '--admin-name',
      'Anna',
      '--admin-email',
      'anna@devries.example',
    ],
    { cwd },
  );
  expect(added.stdout).toContain('de-vries (De Vries): provisioned');
  const member = await runCli(
    [
      'workspace',
      'member-add',
      'de-vries',
      '--user-id',
      'rec-1',
      '--name',
      'Jan',
      '--email',
      'jan@devries.example',
      '--json',
    ],
    { cwd },
  );
  expect(JSON.parse(member.stdout)).toMatchObject({ version: 2, client_id: 'de-vries' });
  const list = await runCli(['workspace'], { cwd });
  expect(list.stdout).toContain('anna@devries.example, rec-1');
  expect(
    (
      await runCli(
        ['workspace', 'member-add', 'nope', '--user-id', 'x', '--name', 'x', '--email', 'x@y.nl'],
        { cwd },
      )
    ).code,
  ).toBe(4);
});

test('without an emulator each says so and ends with 2; with a wrong token 4', async () => {
  const empty = tempFolder();
  for (const args of [['status'], ['deliveries'], ['workspace']]) {
    const { code, stderr } = await runCli(args, { cwd: empty });
    expect(code).toBe(2);
    expect(stderr).toContain('carvos dev');
  }
  const env = { CARVOS_URL: emulator.url, CARVOS_CONTROL_TOKEN: 'wrong-token' };
  const { code, stderr } = await runCli(['status'], { cwd: empty, env });
  expect(code).toBe(4);
  expect(stderr).not.toContain('wrong-token');
});
