import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { candidateCreated, postWebhook, startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { startJudgingReceiver } from '../../support/receiver.ts';

const print = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`;

const settingsOf = (stdout: string): Record<string, { value: unknown; origin: string; running?: unknown }> =>
  Object.fromEntries(JSON.parse(stdout).settings.map((one: { field: string }) => [one.field, one]));

describe('carvos config show', () => {
  test('says where each value came from, secrets only as a fingerprint', async () => {
    const cwd = tempFolder({
      'carvos.config.json': JSON.stringify({
        provisioningLatency: '1m30s',
        ats: [
          {
            id: 'mine',
            webhookUrl: 'http://localhost:1/x',
            apiKey: { env: 'MY_KEY' },
            incomingSecret: 'in-file',
          },
        ],
      }),
      '.env': 'MY_KEY=from-env-file\n',
    });
    const env = { CARVOS_OUTGOING_SECRET: 'from-environment' };
    const { code, stdout } = await runCli(['config', 'show', '--json'], { cwd, env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: 2, env_file: join(cwd, '.env'), running: null });
    const settings = settingsOf(stdout);
    expect(settings).toMatchObject({
      port: { value: 4010, origin: 'default' },
      provisioningLatency: { value: '1m30s', origin: 'carvos.config.json' },
      'ats.mine.webhookUrl': { value: 'http://localhost:1/x', origin: 'carvos.config.json' },
      'ats.mine.apiKey': { value_fingerprint: print('from-env-file'), origin: 'MY_KEY (.env)' },
      'ats.mine.incomingSecret': { value_fingerprint: print('in-file'), origin: 'carvos.config.json' },
      'ai.secret': { value_fingerprint: null, origin: expect.stringContaining('not set') },
      'ats.mine.outgoingSecret': { origin: 'CARVOS_OUTGOING_SECRET (environment)' },
      'ats.mine.workspaces': { value: [], origin: 'default' },
    });
    // What is a fingerprint never goes by the name of a value.
    for (const one of Object.values(settings)) expect(String(one.value)).not.toContain('sha256:');
    const table = (await runCli(['config', 'show', '--origin'], { cwd, env })).stdout;
    expect(table).toMatch(/ats\.mine\.apiKey +sha256:[0-9a-f]{8} +MY_KEY \(\.env\)/);
    expect((await runCli(['config'], { cwd, env })).stdout).not.toContain('MY_KEY (.env)');
    for (const secret of ['from-env-file', 'in-file', 'from-environment'])
      expect(stdout + table).not.toContain(secret);
  });

  test('refuses a provisioning latency that is none', async () => {
    for (const wrong of ['"soon"', '300', '"2h"']) {
      const cwd = tempFolder({ 'carvos.config.json': `{"provisioningLatency": ${wrong}}` });
      const { code, stderr } = await runCli(['config'], { cwd });
      expect([code, stderr]).toEqual([2, expect.stringContaining('provisioningLatency')]);
    }
  });
});

describe('set and rotate', () => {
  test('without a gateway say where to change it instead, and change nothing', async () => {
    const cwd = tempFolder({ 'carvos.config.json': '{}', '.env': 'CARVOS_API_KEY=old\n' });
    const set = await runCli(['config', 'set', 'webhook-url', '3000'], { cwd });
    expect(set.code).toBe(2);
    expect(set.stderr).toMatch(/start carvos dev; or edit webhookUrl in .*carvos\.config\.json/);
    const rotate = await runCli(['config', 'rotate', 'api-key', '--write-env'], { cwd });
    expect(rotate).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('.env') });
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe('CARVOS_API_KEY=old\n');
    const typo = await runCli(['config', 'rotate', 'apikey'], { cwd });
    expect(typo).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean api-key?') });
    expect((await runCli(['config', 'rotate', 'api-key', '--overlap', '1h'], { cwd })).code).toBe(2);
  });

  test('set changes the running gateway, and show tells that it differs', async () => {
    const cwd = tempFolder();
    const receiver = await startJudgingReceiver(() => 200);
    await startDev(cwd, ['--db', ':memory:']);
    const set = await runCli(['config', 'set', 'webhook-url', receiver.url, '--json'], { cwd });
    expect(set.code).toBe(0);
    expect(JSON.parse(set.stdout)).toMatchObject({ version: 2, id: 'demo-ats', webhook_url: receiver.url });
    expect((await runCli(['config', 'set', 'name', 'Renamed'], { cwd })).stdout).toContain(
      'name is now Renamed',
    );
    const settings = settingsOf((await runCli(['config', 'show', '--json'], { cwd })).stdout);
    expect(settings).toMatchObject({
      'ats.demo-ats.webhookUrl': { value: null, running: receiver.url },
      'ats.demo-ats.name': { value: 'Demo ATS', running: 'Renamed' },
    });
    expect(settings['ats.demo-ats.apiKey']).not.toHaveProperty('running_fingerprint');
    const rotated = JSON.parse((await runCli(['config', 'rotate', 'api-key', '--json'], { cwd })).stdout);
    const after = settingsOf((await runCli(['config', 'show', '--json'], { cwd })).stdout);
    expect(after['ats.demo-ats.apiKey']).toMatchObject({
      value_fingerprint: print('demo-api-key'),
      running_fingerprint: rotated.fingerprint,
    });
    expect((await runCli(['config'], { cwd })).stdout).toContain(rotated.fingerprint);
    expect((await runCli(['send', 'candidate.created', '--wait'], { cwd })).code).toBe(0);
    expect(receiver.received).toHaveLength(1);
    const audit = await runCli(['config', 'show', '--audit'], { cwd });
    expect(audit.stdout).toMatch(/control API +demo-ats +ats\.updated name {2}Demo ATS → Renamed/);
    expect((await runCli(['config', 'set', 'webhook-url', 'none'], { cwd })).stdout).toContain('not set');
    expect((await runCli(['config', 'set', 'webhook-url', 'ftp://x'], { cwd })).code).toBe(2);
    expect((await runCli(['config', 'set', 'name', 'x', '--ats-id', 'nobody'], { cwd })).code).toBe(4);
  });

  test('rotate shows the new value once; --write-env puts it where the old one was', async () => {
    const cwd = tempFolder();
    const secret = 'first-incoming-secret';
    const envFile = join(cwd, '.env');
    writeFileSync(envFile, `# mine\nOTHER="a b"\nexport CARVOS_INCOMING_SECRET=${secret}\nLAST=1\n`, {
      mode: 0o644,
    });
    const dev = await startDev(cwd, ['--db', 'carvos.db']);
    expect((await postWebhook(dev, candidateCreated('a'), secret)).status).toBe(202);

    const shown = await runCli(['config', 'rotate', 'incoming-secret', '--overlap', '1h'], { cwd });
    expect(shown.code).toBe(0);
    const value = shown.stdout.trimEnd();
    expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(shown.stderr).toContain('put CARVOS_INCOMING_SECRET=… into .env');
    expect(shown.stderr).not.toContain(value);
    expect(readFileSync(envFile, 'utf8')).toContain(secret);
    expect((await postWebhook(dev, candidateCreated('b'), secret)).status).toBe(202);
    expect((await postWebhook(dev, candidateCreated('c'), value)).status).toBe(202);

    const written = await runCli(['config', 'rotate', 'incoming-secret', '--write-env', '--json'], { cwd });
    const { value: newest, env_file, version } = JSON.parse(written.stdout);
    expect([version, env_file]).toEqual([2, envFile]);
    expect(readFileSync(envFile, 'utf8')).toBe(
      `# mine\nOTHER="a b"\nexport CARVOS_INCOMING_SECRET=${newest}\nLAST=1\n`,
    );
    expect(statSync(envFile).mode & 0o777).toBe(0o600);
    await dev.program.waitForText(/nothing that matters here/);
    for (const old of [secret, value])
      expect((await postWebhook(dev, candidateCreated('d'), old)).status).toBe(401);
    // Other commands in the folder have the new one now.
    expect((await runCli(['send', 'candidate.created', '--wait'], { cwd })).code).toBe(0);
    for (const one of [value, newest]) expect(dev.program.stdout + dev.program.stderr).not.toContain(one);
  });

  test('the built-in receiver knows a rotated outgoing secret, also after a restart', async () => {
    const cwd = tempFolder();
    const dev = await startDev(cwd, ['--db', 'carvos.db']);
    expect((await runCli(['config', 'rotate', 'outgoing-secret'], { cwd })).code).toBe(0);
    expect((await runCli(['send', 'candidate.created', '--wait'], { cwd })).code).toBe(0);
    expect((await dev.program.end('SIGINT')).code).toBe(0);
    await startDev(cwd, ['--db', 'carvos.db']);
    expect((await runCli(['send', 'candidate.created', '--wait'], { cwd })).code).toBe(0);
    expect(existsSync(join(cwd, '.env'))).toBe(false);
  });

  test('--write-env says where .env is new, so that nobody commits it', async () => {
    const cwd = tempFolder();
    await startDev(cwd, ['--db', ':memory:']);
    const rotate = ['config', 'rotate', 'api-key', '--write-env'];
    expect((await runCli(rotate, { cwd })).stderr).toContain('The file is new: let git ignore it.');
    expect((await runCli(rotate, { cwd })).stderr).not.toContain('is new: let git');
  });

  test('--write-env keeps a link and the line ends of Windows', async () => {
    const [cwd, elsewhere] = [tempFolder(), tempFolder()];
    const [link, file] = [join(cwd, '.env'), join(elsewhere, 'kept.env')];
    writeFileSync(file, 'A=1\r\nCARVOS_API_KEY=old\r\nB=2\r\n');
    symlinkSync(file, link);
    await startDev(cwd, ['--db', ':memory:']);
    const { code, stdout } = await runCli(['config', 'rotate', 'api-key', '--write-env'], { cwd });
    expect(code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(`A=1\r\nCARVOS_API_KEY=${stdout.trimEnd()}\r\nB=2\r\n`);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  test('--write-env refuses before it rotates when .env cannot be changed by one line', async () => {
    const cwd = tempFolder();
    const text = 'CARVOS_API_KEY="first\nsecond"\n';
    writeFileSync(join(cwd, '.env'), text);
    await startDev(cwd, ['--db', ':memory:']);
    const { code, stdout, stderr } = await runCli(['config', 'rotate', 'api-key', '--write-env'], { cwd });
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('by hand')]);
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe(text);
    expect((await runCli(['config', 'show', '--audit'], { cwd })).stdout).not.toContain('rotated');
  });
});

test('trigger goes through a running gateway and is in its log, and straight where something is special', async () => {
  const cwd = tempFolder();
  const receiver = await startJudgingReceiver(() => 418);
  await startDev(cwd, ['--db', ':memory:', '--webhook-url', receiver.url]);
  const logged = await runCli(['trigger', 'vacancy.created', '--json'], { cwd });
  expect(logged.code).toBe(1);
  const { delivery_id, status, test: marked } = JSON.parse(logged.stdout);
  expect([status, marked]).toEqual([418, true]);
  const { stdout } = await runCli(['deliveries', 'show', delivery_id, '--json'], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({
    event: 'vacancy.created',
    test: true,
    attempt_count: 1,
    state: 'exhausted',
  });

  const same = await runCli(['trigger', 'vacancy.created', '--url', receiver.url], { cwd });
  expect(same.stdout).toContain('in the log: carvos deliveries show dlv_');
  for (const special of [
    ['--no-test-header'],
    ['--timeout', '60s'],
    ['--url', `${receiver.url}?other`],
    ['--set', 'event=7'],
  ]) {
    const { stdout, code } = await runCli(['trigger', 'vacancy.created', '--json', ...special], { cwd });
    expect([special, code, JSON.parse(stdout).delivery_id]).toEqual([special, 1, null]);
  }
  expect(receiver.received.map(({ signed, headers }) => [signed, headers['x-carvos-test']])).toEqual(
    ['true', 'true', undefined, 'true', 'true', 'true'].map((mark) => [true, mark]),
  );
});

test('trigger in an empty folder goes to the built-in receiver of the gateway that runs there', async () => {
  const cwd = tempFolder();
  const dev = await startDev(cwd, ['--db', ':memory:']);
  const { code, stdout } = await runCli(['trigger', 'candidate.created', '--json'], { cwd });
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    expect.objectContaining({ status: 200, delivery_id: expect.stringMatching(/^dlv_/) }),
  ]);
  await dev.program.waitForText(/test event/);
});

test.each(['webhook', 'rest'])(
  'workspace add and member-add --via %s go the way of production',
  async (via) => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, 'carvos.config.json'), '{"provisioningLatency": "20ms"}');
    const receiver = await startJudgingReceiver(() => 200);
    await startDev(cwd, ['--db', ':memory:', '--webhook-url', receiver.url]);
    const add = [
      'workspace',
      'add',
      'jansen',
      '--name',
      'Jansen',
      '--admin-name',
      'Piet',
      '--admin-email',
      'piet@jansen.example',
    ];
    expect((await runCli([...add, '--wait'], { cwd })).code).toBe(2);
    const added = await runCli([...add, '--via', via, '--wait', '--json'], { cwd });
    expect(added.code).toBe(0);
    expect(JSON.parse(added.stdout)).toMatchObject({ via, status: 202, wait: { done: true, met: true } });
    const member = [
      'workspace',
      'member-add',
      'jansen',
      '--user-id',
      'u-2',
      '--name',
      'Eva',
      '--email',
      'eva@jansen.example',
    ];
    const joined = await runCli([...member, '--via', via, '--wait'], { cwd });
    expect(joined).toMatchObject({ code: 0, stdout: expect.stringContaining('workspace.member_added') });
    expect(
      receiver.received.map(({ json }) => [
        json.event,
        json.client_id,
        (json.data as { user_id?: string }).user_id,
      ]),
    ).toEqual([
      ['workspace.provisioned', 'jansen', undefined],
      ['workspace.member_added', 'jansen', 'u-2'],
    ]);
    const { items } = JSON.parse((await runCli(['workspace', '--json'], { cwd })).stdout);
    expect(items.find((one: { client_id: string }) => one.client_id === 'jansen')).toMatchObject({
      status: 'provisioned',
      members: [{ user_id: 'piet@jansen.example' }, { user_id: 'u-2' }],
    });
    const again = await runCli([...add, '--via', via], { cwd });
    expect([again.code, again.stdout]).toEqual([4, expect.stringContaining('409')]);
  },
);
