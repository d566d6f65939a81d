import { expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { serveHttp } from '../../support/receiver.ts';

/** A command as nobody can type it who has carvos by npx alone. */
const BARE = /(?<!npx )carvos (?!is ready)(?=[a-z])[^\n]*/;
const NPM = { npm_config_user_agent: 'npm/11.0.0 node/v24.0.0 linux x64' };

test('called by npx, whatever advises a command names it so', async () => {
  const receiver = await serveHttp((_request, response) => response.writeHead(401).end());
  const failing = 'steps:\n  - send: candidate.created\n    status: 409\n';
  const cwd = tempFolder({ 'flow.yaml': failing });
  const dev = await startDev(cwd, ['--webhook-url', `${receiver.url}`, '--speed', 'manual'], NPM);
  const run = async (...args: string[]) => {
    const { stdout, stderr } = await runCli(args, { cwd, env: NPM });
    expect.soft(`${stdout}${stderr}`, args.join(' ')).not.toMatch(BARE);
    return `${stdout}${stderr}`;
  };
  await run('send', 'candidate.created', '--wait', '--timeout', '1s');
  await dev.program.waitForText(/What did it compute\? npx carvos verify --delivery/);
  const [, delivery] = /(dlv_[\w-]+)/.exec(await run('deliveries'))!;
  await run('deliveries', 'show', delivery!, '--curl');
  await run('replay', delivery!);
  await run('trigger', 'candidate.created');
  await run('status');
  await run('events');
  await run('fault');
  expect(await run('fault', 'add', 'truncated', '--on', 'ai', '--count', '1')).toContain(
    'To clear it: npx carvos fault clear',
  );
  const [reference] = /[0-9a-f-]{36}/.exec(
    await run('send', 'candidate.created', '--until', 'first-attempt'),
  )!;
  expect(await run('jobs', 'rerun', reference)).toContain('See: npx carvos trace');
  await run('verify', '--delivery', delivery!);
  expect(await run('run', 'flow.yaml')).toContain('npx carvos trace');
  await run('workspace');
  expect(dev.program.stdout).not.toMatch(BARE);
});
