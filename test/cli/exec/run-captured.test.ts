import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCaptured } from '../../../src/cli/exec/run-captured.ts';
import { tempFolder } from '../../support/folder.ts';
import { isAlive } from '../../support/is-alive.ts';

const run = (command: string, cwd: string) =>
  runCaptured(command, { cwd, env: process.env, timeoutMs: 60_000, signal: new AbortController().signal });

test.skipIf(process.platform === 'win32')(
  'what left the process group and holds the output open is not waited for, and nothing printed is lost',
  async () => {
    const cwd = tempFolder();
    onTestFinished(() => void process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), 'SIGKILL'));
    const leave = "setsid sh -c 'echo $$ > pid.new; mv pid.new pid; exec sleep 600' &";
    const print = 'i=0; while [ $i -lt 20000 ]; do echo line-$i; i=$((i+1)); done; echo trouble >&2; exit 3';
    const ran = await run(`${leave} until [ -e pid ]; do sleep 0.05; done; ${print}`, cwd);
    expect(existsSync(join(cwd, 'pid'))).toBe(true);
    expect(ran).toMatchObject({ exit: 3, stderr: 'trouble\n', isLate: false });
    expect(ran.stdout.split('\n')).toEqual([...Array.from({ length: 20_000 }, (_, i) => `line-${i}`), '']);
  },
);

test('one that is stopped in the middle has what it printed', async () => {
  const cwd = tempFolder();
  const stop = new AbortController();
  const ran = runCaptured('echo before; touch printed; sleep 600', {
    cwd,
    env: process.env,
    timeoutMs: 600_000,
    signal: stop.signal,
  });
  await expect.poll(() => existsSync(join(cwd, 'printed'))).toBe(true);
  stop.abort();
  expect(await ran).toMatchObject({ stdout: 'before\n', isLate: false });
});

test('one that is stopped before it began is ended, too', async () => {
  const settings = { cwd: tempFolder(), env: process.env, timeoutMs: 600_000, signal: AbortSignal.abort() };
  expect(await runCaptured('sleep 600', settings)).toMatchObject({ exit: 143, isLate: false });
});

test('what is left of its process group ends with it', async () => {
  const { stdout } = await run('sleep 600 >/dev/null & echo $!', tempFolder());
  expect(isAlive(Number(stdout))).toBe(false);
});
