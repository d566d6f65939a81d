import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { runProgram, spawnProgram } from '../support/program.ts';
import { serveSocket } from '../support/receiver.ts';

/** `npm run bench`, and with `--peers` without a network: how it ends, and that its parts run. */

function runBench(args: string[], registry: string) {
  const folder = tempFolder();
  const env = {
    TMPDIR: folder,
    npm_config_registry: registry,
    npm_config_cache: tempFolder(),
    npm_config_userconfig: '/dev/null',
    // Where Node can, npm keeps what it compiled in the temporary folder, for itself.
    NODE_DISABLE_COMPILE_CACHE: '1',
  };
  return { folder, program: spawnProgram(process.execPath, ['bench/run.mjs', '--peers', ...args], { env }) };
}

test('a registry that cannot be reached is reported, without a stack, and ends with 5', async () => {
  const { folder, program } = runBench(['--only', 'signatures'], 'http://127.0.0.1:9/');
  expect(await program.waitForExit()).toEqual({ code: 5, signal: null });
  expect(program.stderr).toContain('error: the npm registry cannot be reached');
  expect(program.stderr).toContain('127.0.0.1:9');
  expect(program.stderr).not.toMatch(/^\s+at /m);
  expect(readdirSync(folder)).toEqual([]);
});

test('an unknown part is reported, and ends with 2', async () => {
  const { folder, program } = runBench(['--only', 'post,ingest'], 'http://127.0.0.1:9/');
  expect(await program.waitForExit()).toEqual({ code: 2, signal: null });
  expect(program.stderr).toBe('error: no part ingest with --peers: post, queue, signatures, start\n');
  expect(readdirSync(folder)).toEqual([]);
});

test('so is one of those without --peers, before anything is measured', async () => {
  const { code, stdout, stderr } = await runProgram(process.execPath, [
    'bench/run.mjs',
    '--only',
    'claim,ready',
  ]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    'error: no part ready: startup, suite, ingest, delivery, latency, neighbours, claim, memory, schedule, inspect, page\n',
  );
});

test('Ctrl-C ends what was started and removes the folder', async () => {
  const sockets: Socket[] = [];
  // A registry that accepts and never answers.
  const registry = await serveSocket((socket) => sockets.push(socket));
  const { folder, program } = runBench(['--only', 'queue'], `${registry.url}/`);
  await program.waitUntil(() => sockets.length > 0, 'a request of npm');
  expect(readdirSync(folder)).not.toEqual([]);
  const gone = Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
  expect(await program.end('SIGINT')).toEqual({ code: 130, signal: null });
  // Its connection closes because npm is gone.
  await gone;
  expect(readdirSync(folder)).toEqual([]);
});

test('the programs that are measured run, and report what they did', async () => {
  const stripe = resolve('node_modules/stripe/esm/stripe.esm.node.js');
  const rows = (await ask('child-signatures.mjs', ['1', resolve('dist/signing.js'), stripe])) as {
    what: string;
    ours: number[];
  }[];
  expect(rows.map(({ what }) => what)).toEqual([...CALLS, ...CALLS]);
  for (const { ours } of rows) expect(ours).toEqual([expect.any(Number)]);

  const bundle = `${tempFolder()}/internals.mjs`;
  const script = `import('./bench/support.mjs').then((s) => s.bundleInternals(${JSON.stringify(dirname(bundle))}))`;
  await runProgram(process.execPath, ['-e', script]);
  for (const [atOnce, way] of [
    ['64', ''],
    ['1', ''],
    ['1', 'engine'],
  ] as const) {
    const database = `${tempFolder()}/queue.db`;
    const args = ['carvos', database, '100', atOnce, 'full', bundle, way];
    // 2 is FULL.
    expect(await ask('child-queue.mjs', args)).toMatchObject({ rows: 100, setting: 2 });
  }
});

const CALLS = ['sign', 'verify', 'verify and parse'];

async function ask(name: string, args: string[]): Promise<unknown> {
  const child = fork(`bench/peers/${name}`, args);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [message] = await once(child, 'message');
  return message;
}
