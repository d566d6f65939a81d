import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  candidateCreated,
  type DevProcess,
  postWebhook,
  startDev,
  startDevAlone,
} from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli, spawnProgram } from '../../support/program.ts';
import { serveSocket, startJudgingReceiver } from '../../support/receiver.ts';
import { configFolder, OWN, said, statusOf, TWO_ATS } from './dev-folder.ts';

describe('carvos dev in an empty folder', () => {
  test('shows the whole loop with its built-in receiver, and stops cleanly', async () => {
    const cwd = tempFolder();
    const dev = await startDevAlone(cwd, [], { npm_config_user_agent: 'npm/11.19.1 node/v20.19.0' });
    await dev.program.waitForText(/Ctrl-C stops/);
    const banner = dev.program.stdout;
    expect(banner).toContain(`POST ${dev.url}/v1/webhooks/demo-ats`);
    expect(banner).toMatch(/http:\/\/127\.0\.0\.1:\d+ \(built-in receiver\)/);
    expect(banner).toContain('acme-corp');
    expect(banner).toContain('in this folder: npx carvos send candidate.created --wait\n');
    expect(banner).toContain(`${dev.url}/ (npx carvos open signs you in)`);
    expect(banner.match(/(?<!npx )carvos (?!is ready)[a-z]+/g)).toBeNull();
    expect(banner).toContain('5 attempts, 1m, 5m, 30m, 2h apart; at speed 60: 1s, 5s, 30s, 2m');

    const sent = await runCli(['send', 'candidate.created', '--wait', '--json'], { cwd });
    expect(sent.code).toBe(0);
    const { reference_id, deliveries } = JSON.parse(sent.stdout);
    expect(deliveries).toMatchObject([
      { state: 'delivered', attempt_count: 1, attempts: [{ response_status: 200 }] },
    ]);
    await dev.program.waitForText(/← outgoing .*attempt 1\/5/);
    expect(dev.program.stdout).toMatch(
      new RegExp(
        `→ incoming  candidate\\.created +acme-corp +202 .*${reference_id}[^]*AI job +candidate\\.created[^]*← outgoing  candidate\\.created +acme-corp +200 .*attempt 1/5`,
      ),
    );

    expect(await dev.program.end('SIGINT')).toEqual({ code: 0, signal: null });
    expect(dev.program.stderr).toContain('stopping');
    const status = await runCli(['status'], { cwd });
    expect(status.code).toBe(2);
    expect(status.stderr).toMatch(
      /no gateway is running\n {2}next: start one with `carvos dev`; where one runs in another folder, go there/,
    );
  });

  test('keeps what it writes for its owner alone', async () => {
    const cwd = tempFolder();
    mkdirSync(join(cwd, '.carvos'), { mode: 0o755 });
    await startDev(cwd, []);
    const mode = (...path: string[]) => (statSync(join(cwd, ...path)).mode & 0o777).toString(8);
    expect(mode('.carvos')).toBe('700');
    expect(mode('.carvos', 'emulator.json')).toBe('600');
    expect(mode('.carvos', 'carvos.db')).toBe('600');
  });

  test('does not name an ATS that a scenario added before', async () => {
    const cwd = tempFolder();
    const before = await startDevAlone(cwd, []);
    const headers = { authorization: `Bearer ${before.token}` };
    const added = await fetch(`${before.url}/_carvos/v1/ats`, { method: 'POST', headers });
    const { id } = (await added.json()) as { id: string };
    await before.program.end('SIGINT');
    const { program } = await startDevAlone(cwd, []);
    await program.waitForText(/Ctrl-C stops/);
    expect(id).toMatch(/^ats-/);
    expect(program.stdout).not.toContain(id);
  });

  test('takes the control token of .env, as the commands that call it do', async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, '.env'), 'CARVOS_CONTROL_TOKEN=a-token-of-my-own\n');
    const dev = await startDev(cwd, []);
    expect(dev.token).toBe('a-token-of-my-own');
    writeFileSync(join(cwd, '.env'), `CARVOS_URL=${dev.url}\nCARVOS_CONTROL_TOKEN=a-token-of-my-own\n`);
    expect((await runCli(['status'], { cwd })).code).toBe(0);
  });

  test('--json prints JSON lines and nothing else on standard output', async () => {
    const cwd = tempFolder();
    const dev = await startDev(cwd, ['--json']);
    await postWebhook(dev, candidateCreated('cand-1'));
    await postWebhook(dev, candidateCreated('cand-2'), 'wrong');
    await dev.program.waitForText(/"attempt\.finished"/);
    await dev.program.waitForText(/"request\.refused"/);
    expect(await dev.program.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const lines = dev.program.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({
      version: 2,
      type: 'ready',
      url: dev.url,
      pid: dev.program.pid,
      ats: [{ id: 'demo-ats' }],
    });
    expect(lines.every(({ version }) => version === 2)).toBe(true);
    expect(lines.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['request.accepted', 'job.finished', 'attempt.finished', 'request.refused']),
    );
  });

  test.each([
    ['plain', []],
    ['--verbose', ['--verbose']],
    ['--json', ['--json', '--verbose']],
  ])('never prints a secret or the token (%s)', async (_, flags) => {
    const secrets = { incoming: 'inc-5f1c9a', outgoing: 'out-77ab0e', key: 'key-3cc41d' };
    const receiver = await startJudgingReceiver(() => 401, secrets.outgoing);
    const { folder, change } = configFolder({
      apiKey: secrets.key,
      incomingSecret: secrets.incoming,
      outgoingSecret: secrets.outgoing,
      webhookUrl: receiver.url,
    });
    const dev = await startDev(folder, flags);
    expect(await statusOf(dev, 'cand-1', secrets.incoming)).toBe(202);
    expect(await statusOf(dev, 'cand-2', secrets.outgoing)).toBe(401);
    await receiver.waitUntil((received) => received.length > 0, 'a webhook');
    await dev.program.waitForText(/CARVOS_OUTGOING_SECRET|attempt\.finished/);
    const fresh = { incomingSecret: 'inc-later-01', outgoingSecret: 'out-later-02', apiKey: 'key-later-03' };
    change(fresh);
    await dev.program.waitForText(/outgoing secret changed/);
    change({ ...fresh, incomingSecret: 7 });
    await dev.program.waitForText(/old settings stay/);
    const answer = await fetch(`${dev.url}/_carvos/v1/clock`, {
      headers: { authorization: 'Bearer wrong' },
    });
    expect(answer.status).toBe(401);
    await dev.program.end('SIGINT');
    for (const secret of [...Object.values(secrets), ...Object.values(fresh), dev.token]) {
      expect(said(dev)).not.toContain(secret);
    }
  });
});

describe('flags of carvos dev', () => {
  test('moves on from a taken default port, and says so', async () => {
    const first = await startDefault(tempFolder());
    const second = await startDefault(tempFolder());
    expect(second.url).not.toBe(first.url);
    expect(said(second)).toMatch(/port 4010 is taken; using 40\d\d/);
    expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
  });

  test('a port that was asked for and is taken ends it with 2', async () => {
    const { port } = await serveSocket(() => {});
    const flag = await runCli(['dev', '--port', String(port)], { cwd: tempFolder() });
    expect(flag).toMatchObject({ code: 2, stdout: '' });
    expect(flag.stderr).toContain(`127.0.0.1:${port} is taken`);
    expect(flag.stderr).toContain('next:');
    // A port in the config file is asked for, too.
    const { folder } = configFolder({}, { port });
    expect(await runCli(['dev'], { cwd: folder })).toMatchObject({ code: 2, stdout: '' });
  });

  test('two ATSs with one API key end it with 2, in the file or with what the database holds', async () => {
    const { folder, write } = configFolder();
    write(
      JSON.stringify({
        ats: [
          { id: 'demo-ats', apiKey: 'key-1' },
          { id: 'other', ...OWN },
        ],
      }),
    );
    const both = await runCli(['dev', '--port', '0'], { cwd: folder });
    expect(both).toMatchObject({ code: 2, stdout: '' });
    expect(both.stderr).toContain('ATS other has the API key of ATS demo-ats');

    write(JSON.stringify({ ats: [{ id: 'before', ...OWN }] }));
    const dev = await startDev(folder, []);
    await dev.program.end('SIGINT');
    write(JSON.stringify({ ats: [{ id: 'renamed', ...OWN }] }));
    const after = await runCli(['dev', '--port', '0'], { cwd: folder });
    expect(after).toMatchObject({ code: 2, stdout: '' });
    expect(after.stderr).toContain('ATS renamed has the API key of ATS before');
    expect(after.stderr).toContain('--db FILE');
  });

  test('a folder that takes no file has a gateway all the same, and is told how to find it', async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, '.carvos'), '');
    const program = spawnProgram(process.execPath, [CARVOS, 'dev', '--port', '0', '--db', ':memory:'], {
      cwd,
      env: { npm_config_user_agent: undefined },
    });
    await program.waitForText(/Ctrl-C stops/);
    // No command would find it.
    expect(program.stdout).not.toContain('Try it');
    expect(program.stderr).toMatch(/cannot write .*emulator\.json: .*CARVOS_URL=http:\/\/127\.0\.0\.1:\d+/);
    expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null });
    expect(readFileSync(join(cwd, '.carvos'), 'utf8')).toBe('');
  });

  test.each([
    [['--webook-url', '3000'], 'Did you mean --webhook-url?'],
    [['--port', '70000'], '--port'],
    [['--speed', 'fast'], '--speed'],
    [['--receiver-timeout', 'soon'], '--receiver-timeout'],
    [['--webhook-url', 'not a target'], '--webhook-url'],
    [['--webhook-url', '3000', '--ats-id', 'demo-atz', '--config', 'two.json'], 'Did you mean demo-ats?'],
  ])('%j ends with 2 and says what is wrong', async (args, words) => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, 'two.json'), JSON.stringify(TWO_ATS));
    const { code, stdout, stderr } = await runCli(['dev', ...args], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  });

  test('--webhook-url takes a port, host:port, and either with a path', async () => {
    const receiver = await startJudgingReceiver(() => 200);
    const { port } = new URL(receiver.url);
    const targets: [string, string][] = [
      [port, '/'],
      [`${port}/hook`, '/hook'],
      [`127.0.0.1:${port}/a/b?c=1`, '/a/b?c=1'],
      [receiver.url, '/webhooks/carvos'],
    ];
    for (const [target, path] of targets) {
      const dev = await startDev(tempFolder(), ['--webhook-url', target]);
      expect(await statusOf(dev, 'cand-1')).toBe(202);
      const before = receiver.received.length;
      await receiver.waitUntil(
        (received) => received.some((one) => one.path === path),
        `${target} at ${path}`,
      );
      expect(receiver.received.length - before).toBeLessThanOrEqual(1);
      await dev.program.end('SIGINT');
    }
    expect(receiver.received.every(({ signed }) => signed)).toBe(true);
  });

  test('warns when other machines can reach it', async () => {
    const dev = await startDev(tempFolder(), ['--host', '0.0.0.0']);
    await dev.program.waitForText(/warning: 0\.0\.0\.0 can be reached by other machines/);
    expect(said(await startDev(tempFolder(), []))).not.toContain('warning');
  });

  test('a second one on the same database ends with 2 and names the first', async () => {
    const cwd = tempFolder();
    const dev = await startDev(cwd, []);
    const second = await runCli(['dev', '--port', '0'], { cwd });
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toContain(`in use by process ${dev.program.pid}`);
    expect(second.stderr).toContain('--db FILE');
    // The first one is none the worse for it, nor is the file by which others find it.
    expect((await runCli(['status', '--json'], { cwd })).stdout).toContain(`"pid":${dev.program.pid}`);
    expect((await runCli(['send', 'candidate.created', '--wait'], { cwd })).code).toBe(0);
  });
});

/** `dev` without any port asked for; the default may be taken on this machine, which is no matter. */
async function startDefault(cwd: string): Promise<DevProcess> {
  const program = spawnProgram(process.execPath, [CARVOS, 'dev'], { cwd });
  await program.waitForText(/Ctrl-C stops/);
  const { url, token } = await program.waitUntil(
    () => JSON.parse(readFileSync(join(cwd, '.carvos', 'emulator.json'), 'utf8')),
    '.carvos/emulator.json',
  );
  return { url, token, program };
}
