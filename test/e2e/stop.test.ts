import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withResolvers } from '../../src/transport/with-resolvers.ts';
import { candidateCreated, postWebhook } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { isAlive } from '../support/is-alive.ts';
import { CARVOS } from '../support/program.ts';
import { startJudgingReceiver } from '../support/receiver.ts';

const ROOT = dirname(dirname(CARVOS));

interface Started {
  child: ChildProcess;
  dev: { url: string; token: string; pid: number };
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  output(): string;
}

/** `npm start` as a terminal runs it: a process group of its own, in a copy of the project. */
async function npmStart(webhookUrl: string): Promise<Started> {
  const cwd = tempFolder();
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(
    join(cwd, 'package.json'),
    JSON.stringify({ name: 'copy', version: '1.0.0', scripts: { start: scripts.start } }),
  );
  mkdirSync(join(cwd, 'bin'));
  cpSync(join(ROOT, 'bin'), join(cwd, 'bin'), { recursive: true });
  for (const name of ['dist', 'node_modules']) symlinkSync(join(ROOT, name), join(cwd, name));
  writeFileSync(
    join(cwd, 'carvos.config.json'),
    JSON.stringify({ port: 0, ats: [{ id: 'demo-ats', webhookUrl }] }),
  );
  const { PATH, HOME } = process.env;
  const child = spawn('npm', ['start'], { cwd, env: { PATH, HOME }, detached: true });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal })),
  );
  onTestFinished(async () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // the group is gone, as it should be
    }
    await ended;
  });
  let dev: Started['dev'] | undefined;
  await expect
    .poll(() => {
      try {
        dev = JSON.parse(readFileSync(join(cwd, '.carvos', 'emulator.json'), 'utf8'));
      } catch {
        return false;
      }
      return true;
    })
    .toBe(true);
  return { child, dev: dev!, ended, output: () => output };
}

/** A receiver whose first answer waits until it is released. */
async function startHoldingReceiver() {
  const { promise: held, resolve: release } = withResolvers();
  const receiver = await startJudgingReceiver(() => held.then(() => 200));
  onTestFinished(() => release());
  return { receiver, release };
}

async function begin() {
  const { receiver, release } = await startHoldingReceiver();
  const started = await npmStart(receiver.url);
  expect((await postWebhook(started.dev, candidateCreated('in-flight'))).status).toBe(202);
  await expect.poll(() => receiver.received.length).toBe(1);
  return { ...started, receiver, release };
}

test('npm start: one Ctrl-C that arrives twice drains what is in flight and ends with 0', async () => {
  const { child, dev, ended, output, release } = await begin();
  // The terminal signals the whole group, and npm passes it on: twice within a millisecond.
  process.kill(-child.pid!, 'SIGINT');
  process.kill(dev.pid, 'SIGINT');
  await expect.poll(output).toContain('stopping: what is in flight is finished first');
  expect(isAlive(dev.pid)).toBe(true);
  expect((await postWebhook(dev, candidateCreated('too-late')).catch(() => null))?.status ?? 503).toBe(503);
  release();
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(isAlive(dev.pid)).toBe(false);
  expect(output()).toMatch(/← outgoing .*candidate\.created.* 200 /);
});

test('npm start: SIGTERM to npm alone drains as well, and leaves no orphan', async () => {
  const { child, dev, ended, output, release } = await begin();
  child.kill('SIGTERM');
  await expect.poll(output).toContain('stopping');
  release();
  await ended;
  await expect.poll(() => isAlive(dev.pid)).toBe(false);
  expect(output()).toMatch(/← outgoing .*candidate\.created.* 200 /);
});

test('a second Ctrl-C after half a second ends at once', async () => {
  const { dev, output } = await begin();
  process.kill(dev.pid, 'SIGINT');
  await expect.poll(output).toContain('stopping');
  // Again and again, as an impatient person does: those of the first half second do not count. The
  // receiver holds its answer for ever.
  const presses = setInterval(() => isAlive(dev.pid) && process.kill(dev.pid, 'SIGINT'), 50);
  onTestFinished(() => clearInterval(presses));
  await expect.poll(() => isAlive(dev.pid)).toBe(false);
  expect(output()).not.toMatch(/← outgoing .* 200 /);
});
