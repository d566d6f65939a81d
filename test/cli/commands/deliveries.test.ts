import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { writeEmulatorFile } from '../../../src/client/emulator-file.ts';
import { DeliveryDetail, LogRecord, page, StatusView } from '../../../src/contract/control.ts';
import { isSigned, startDemoGateway } from '../../support/demo-gateway.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli, startCarvos } from '../../support/program.ts';
import { unusedUrl } from '../../support/receiver.ts';

let gateway: Awaited<ReturnType<typeof startDemoGateway>>;
const carvos = (...args: string[]) => gateway.carvos(...args);

beforeEach(async () => {
  gateway = await startDemoGateway((_one, index) => (index === 0 ? 500 : 200));
});

test.each([
  ['incoming', 'incoming'],
  ['inbound', 'incoming'],
  ['outbound', 'outgoing'],
])('--direction %s lists what is %s, and says so', async (typed, shown) => {
  await gateway.deliver();
  const { stdout } = await carvos('deliveries', '--json', '--direction', typed);
  const { items } = page(LogRecord).parse(JSON.parse(stdout));
  expect(items.map(({ direction }) => direction)).toEqual([shown]);
});

test('list, filters, show, one attempt, curl', async () => {
  const { reference_id: reference } = await gateway.deliver({ last_name: "van 't Hof" });
  const listed = await carvos('deliveries', '--json', '--direction', 'outgoing');
  expect(listed.code).toBe(0);
  const items = page(LogRecord).parse(JSON.parse(listed.stdout)).items;
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ reference_id: reference, outcome: 'failure', response_status: 500 });
  const id = items[0]!.delivery_id;

  const table = await carvos('deliveries', 'list', '--reference-id', reference);
  expect(table.stdout).toContain(`${id}/1`);
  expect(table.stdout).toContain('outgoing');
  expect(table.stdout).toContain('incoming');
  expect(table.stdout).toContain('500 failure');
  const newest = await carvos('deliveries', '--limit', '1');
  const [, cursor] = /^more: add --cursor (\S+)\n$/.exec(newest.stderr)!;
  const older = await carvos('deliveries', '--limit', '1', '--cursor', cursor!);
  expect([newest.stdout.includes(id), older.stdout.includes(id), older.stderr]).toEqual([true, false, '']);
  const none = await carvos('deliveries', '--event', 'vacancy.created');
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'no attempt matches\n' });
  const slip = await carvos('deliveries', '--event', 'candidate.creatd');
  expect(slip.stderr).toBe('no attempt matches. Did you mean candidate.created?\n');

  const shown = await carvos('deliveries', 'show', id);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain('outgoing (CarvOS → ATS)');
  expect(shown.stdout).toContain('in 1m (when the clock moves)');
  expect(shown.stdout).toContain("van 't Hof");
  expect(shown.stdout).toContain('answer 500');
  const detail = await carvos('deliveries', 'show', id, '--json');
  expect(DeliveryDetail.parse(JSON.parse(detail.stdout)).attempts).toHaveLength(1);
  expect((await carvos('deliveries', 'show', `${id}/1`)).stdout).toContain('attempt 1/5');

  const curl = await carvos('deliveries', 'show', id, '--curl');
  await promisify(execFile)('sh', ['-c', curl.stdout]);
  const { received } = gateway.receiver;
  expect(received).toHaveLength(2);
  expect(received[1]!.body).toEqual(received[0]!.body);
  expect(isSigned(received[1]!)).toBe(true);
});

test('the command for an attempt that a fault took the place of leads to a replay', async () => {
  gateway.emulator.faults.add({ kind: 'status-503' });
  await gateway.deliver();
  const { stdout } = await carvos('deliveries', '--json', '--direction', 'outgoing');
  const { delivery_id } = page(LogRecord).parse(JSON.parse(stdout)).items[0]!;
  const { stderr } = await carvos('deliveries', 'show', delivery_id, '--curl');
  expect(stderr).toContain(`no recorded signature\n  to sign it: carvos replay ${delivery_id}`);
});

test('the command for a request goes here, whatever its target named, and its values mean themselves', async () => {
  const answer = await new Promise<number>((resolve, reject) => {
    const path = 'http://evil.example/v1/webhooks/demo-ats?x=1';
    const headers = { 'X-Webhook-Signature': '$HOME', 'Content-Type': 'application/json' };
    const { hostname, port } = new URL(gateway.emulator.url);
    request({ hostname, port, path, method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end('{}');
  });
  // The whole URL as target is as good as the path alone (RFC 9112, 3.2.2).
  expect(answer).toBe(401);
  const { stdout } = await carvos('deliveries', '--json', '--direction', 'incoming');
  const [record] = page(LogRecord).parse(JSON.parse(stdout)).items;
  const curl = await carvos('deliveries', 'show', record!.delivery_id, '--curl');
  expect(curl.stdout).toContain(`${gateway.emulator.url}/v1/webhooks/demo-ats?x=1`);
  expect(curl.stdout).toContain("'X-Webhook-Signature: $HOME'");
});

test('the command for a REST call says that it has no credentials, and speaks of no signature', async () => {
  await fetch(`${gateway.emulator.url}/v1/candidates`, { method: 'POST', body: '{}' });
  const { stdout } = await carvos('deliveries', '--json', '--limit', '1');
  const [record] = page(LogRecord).parse(JSON.parse(stdout)).items;
  const { stderr } = await carvos('deliveries', 'show', record!.delivery_id, '--curl');
  expect(stderr).toMatch(/carried no signature, .*API key.*\n.*--via rest/);
});

test('an unknown delivery ends with 4, a wrong flag with 2', async () => {
  const unknown = await carvos('deliveries', 'show', 'dlv_nope');
  expect(unknown.code).toBe(4);
  expect(unknown.stderr).toMatch(/^error: .*\n/);
  const wrong = await carvos('deliveries', '--outcome', 'failur');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('Did you mean failure?');
});

test.each([
  ['deliveries', 'show', '/3'],
  ['verify', '--delivery', '/3'],
  ['verify', '--delivery', ''],
  ['diff', '/3', 'dlv_1'],
])('what is left of "$ID/3" where ID is not set is no id: %j', async (...args) => {
  const { code, stderr } = await carvos(...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(' is not the id of a delivery or attempt\n')]);
});

test('--follow prints what was, then what comes, each once', async () => {
  await gateway.deliver();
  const follower = startCarvos(['deliveries', '--follow', '--json', '--direction', 'outgoing'], {
    cwd: gateway.cwd,
  });
  await follower.waitForText('"outcome":"failure"');
  await gateway.deliver();
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
  await gateway.deliver();
  const status = await carvos('status', '--json');
  expect(StatusView.parse(JSON.parse(status.stdout))).toMatchObject({
    events: 1,
    deliveries: { pending: 1 },
  });
  const text = await carvos('status');
  expect(text.stdout).toContain(gateway.emulator.url);
  expect(text.stdout).toContain('1 pending');

  const added = await carvos(
    'workspace',
    'add',
    'de-vries',
    '--name',
    'De Vries',
    '--admin-name',
    'Anna',
    '--admin-email',
    'anna@devries.example',
  );
  expect(added.stdout).toContain('de-vries (De Vries): provisioned');
  const member = await carvos(
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
  );
  expect(JSON.parse(member.stdout)).toMatchObject({ version: 2, client_id: 'de-vries' });
  const list = await carvos('workspace');
  expect(list.stdout).toContain('anna@devries.example, rec-1');
  expect(
    (await carvos('workspace', 'member-add', 'nope', '--user-id', 'x', '--name', 'x', '--email', 'x@y.nl'))
      .code,
  ).toBe(4);
});

test('without an emulator each says so and ends with 2; where it is not reached 5, with a wrong token 4', async () => {
  const empty = tempFolder();
  for (const args of [['status'], ['deliveries'], ['workspace']]) {
    const { code, stderr } = await runCli(args, { cwd: empty });
    expect(code).toBe(2);
    expect(stderr).toContain('carvos dev');
  }
  // The process of its file lives, perhaps as another program, and nothing listens there.
  const url = await unusedUrl();
  writeEmulatorFile(empty, { url, token: 'gone', pid: process.pid, started_at: '2026-11-23T10:00:00Z' });
  const stale = await runCli(['status'], { cwd: empty });
  expect([stale.code, stale.stderr]).toEqual([2, expect.stringContaining('the file is stale')]);
  const away = { CARVOS_URL: url, CARVOS_CONTROL_TOKEN: 'gone' };
  expect((await runCli(['status'], { cwd: empty, env: away })).code).toBe(5);
  const env = { CARVOS_URL: gateway.emulator.url, CARVOS_CONTROL_TOKEN: 'wrong-token' };
  const { code, stderr } = await runCli(['status'], { cwd: empty, env });
  expect(code).toBe(4);
  expect(stderr).not.toContain('wrong-token');
});
