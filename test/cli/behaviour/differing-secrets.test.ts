import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DevProcess, startDev } from '../../support/dev-process.ts';
import { startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli, startCarvos } from '../../support/program.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { print, startRotated } from './rotated-gateway.ts';

test.each([
  ['env', ['env'], ['incoming', 'outgoing']],
  ['sign', ['sign', 'body.json'], ['incoming']],
  ['sign the other way', ['sign', 'body.json', '--direction', 'outgoing'], ['outgoing']],
  ['verify', ['verify', 'body.json', '--signature', 't=1,v1=00'], ['outgoing']],
  ['check', ['check', 'RECEIVER', '--only', 'accepts-valid', '--timeout', '60s'], ['outgoing']],
  ['trigger', ['trigger', 'candidate.created', '--url', 'RECEIVER', '--timeout', '60s'], ['outgoing']],
  ['send', ['send', 'candidate.created'], ['incoming']],
] as const)('%s says where the gateway has another secret, by fingerprints', async (_what, args, ways) => {
  const receiver = await startTestReceiver();
  const { run, says } = await startRotated();
  const { stderr, code } = await run(...args.map((word) => (word === 'RECEIVER' ? receiver.url : word)));
  for (const way of ways) expect(stderr).toContain(`warning: ${says(way)}`);
  expect(stderr.match(/^warning: /gm)).toHaveLength(ways.length);
  expect(code).not.toBe(70);
});

test('listen says so too', async () => {
  const { cwd, env } = await startRotated();
  const listener = startCarvos(['listen', '--port', '0'], { cwd, env });
  await listener.waitForText('Listening on');
  expect(listener.stderr).toContain('warning: the gateway has another outgoing secret of test-ats');
});

test('a secret of its own is not compared, and one that is the same is not told of', async () => {
  const { cwd, run } = await startRotated();
  expect((await run('sign', 'body.json', '--secret', 'mine')).stderr).toBe('');
  const { emulator } = await startTestEmulator();
  const same = { ...emulator.env('test-ats'), CARVOS_CONTROL_TOKEN: emulator.controlToken };
  expect((await runCli(['sign', 'body.json'], { cwd, env: same })).stderr).toBe('');
});

test('a gateway that hangs holds nobody up who signs', async () => {
  const receiver = await startTestReceiver(() => new Promise(() => {}));
  const { origin } = new URL(receiver.url);
  const env = { CARVOS_URL: origin, CARVOS_CONTROL_TOKEN: 'x', CARVOS_INCOMING_SECRET: 'mine' };
  const { code, stderr } = await runCli(['sign', '-'], { cwd: tempFolder(), env, stdin: '{}' });
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `warning: the gateway at ${origin} did not answer within 1 s: whether it has the same credentials is not known\n`,
  });
});

test('the hint of a 401 says so', async () => {
  const receiver = await startTestReceiver(() => 401);
  const { run, env, fresh } = await startRotated(receiver.url);
  const { stdout } = await run('send', 'candidate.created', '--wait');
  expect(stdout).toContain(`Ours has the fingerprint ${print(fresh.outgoing)}`);
  expect(stdout).toContain(`(environment) (${print(env.CARVOS_OUTGOING_SECRET)})`);
});

test('at a start a flag wins over what config set stored; the file does not, and dev says so', async () => {
  const cwd = tempFolder();
  const config = { ats: [{ id: 'demo-ats', webhookUrl: 'http://127.0.0.1:3003/' }] };
  writeFileSync(join(cwd, 'carvos.config.json'), JSON.stringify(config));
  const flag = ['--webhook-url', '3001'];
  const first = await startDev(cwd, flag);
  await first.program.waitForText(/http:\/\/localhost:3001\//);
  const set = await runCli(['config', 'set', 'webhook-url', '3002'], { cwd });
  expect(set.code).toBe(0);
  await runCli(['config', 'rotate', 'outgoing-secret'], { cwd });
  const stop = ({ program }: DevProcess) => program.end('SIGINT');
  await stop(first);

  const again = await startDev(cwd, flag);
  await again.program.waitForText(/outgoing +http:\/\/localhost:3001\//);
  expect(again.program.stdout).toMatch(/warning: the gateway has another outgoing secret of demo-ats/);
  await runCli(['config', 'set', 'webhook-url', '3002'], { cwd });
  await stop(again);

  // Without the flag the file's value is new to the gateway, and applied; what is set after that stays.
  await stop(await startDev(cwd, []));
  const last = await startDev(cwd, []);
  await runCli(['config', 'set', 'webhook-url', '3002'], { cwd });
  await stop(last);
  const kept = await startDev(cwd, []);
  const [line] = await kept.program.waitForText(/http:\/\/localhost:3002\/.*/);
  expect(line).toBe(
    'http://localhost:3002/ (set with carvos config set; the config file has http://127.0.0.1:3003/)',
  );
  await runCli(['config', 'set', 'webhook-url', 'none'], { cwd });
  await stop(kept);
  const none = await startDev(cwd, []);
  await none.program.waitForText(
    /\(built-in receiver\) \(set with carvos config set; the config file has http:\/\/127\.0\.0\.1:3003\/\)/,
  );
  await stop(none);
});

test('a webhook URL that config set stored is named at a start where none is configured', async () => {
  const cwd = tempFolder();
  const first = await startDev(cwd, []);
  expect(first.program.stdout).toMatch(/\(built-in receiver\)\n/);
  await runCli(['config', 'set', 'webhook-url', '3002'], { cwd });
  await first.program.end('SIGINT');

  const again = await startDev(cwd, []);
  const [line] = await again.program.waitForText(/http:\/\/localhost:3002\/.*/);
  expect(line).toBe('http://localhost:3002/ (set with carvos config set; none is configured)');
});
