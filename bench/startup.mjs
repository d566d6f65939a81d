// How long commands take to start, beside `node -e 0`; how soon `dev` answers and what it holds when idle,
// beside an Express app that does nothing. Runs what is built, in turns, so that a busy moment hits all alike.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median, residentMegabytes } from './support.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const CARVOS = join(here, '../bin/carvos.cjs');
const ENV = { PATH: process.env.PATH, HOME: process.env.HOME };
/** Long enough for what starts late, such as the first sweep. */
const IDLE_MS = 1500;

/**
 * Minima decide: whatever else runs on the machine only adds.
 *
 * @returns for each command milliseconds, and the ratio of minima and of medians to `node -e 0`.
 */
export function benchStartup({ folder, rounds }) {
  if (!existsSync(join(here, '../dist/cli.cjs'))) throw new Error('dist is missing: run npm run build first');
  const body = join(folder, 'body.json');
  writeFileSync(body, '{"event":"candidate.created"}');
  const run = (args) => spawnSync(process.execPath, args, { cwd: folder, env: ENV, encoding: 'utf8' });
  const signature = run([CARVOS, 'sign', '--direction', 'outgoing', body]).stdout.trim();
  const cases = {
    'node -e 0': { args: ['-e', '0'] },
    '--version': { args: [CARVOS, '--version'], goal: 1.3 },
    sign: { args: [CARVOS, 'sign', body], goal: 1.3 },
    verify: { args: [CARVOS, 'verify', body, '--tolerance', 'off', '--signature', signature], goal: 1.3 },
    '--help': { args: [CARVOS, '--help'], goal: 1.4 },
  };
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, { args }] of Object.entries(cases)) {
      const from = performance.now();
      const { status, stderr } = run(args);
      times[name].push(performance.now() - from);
      if (status !== 0) throw new Error(`${name}: ${stderr}`);
    }
  }
  const [least, middle] = [Math.min(...times['node -e 0']), median(times['node -e 0'])];
  return Object.entries(cases).map(([name, { goal }]) => ({
    name,
    goal,
    ms: Math.min(...times[name]),
    ratio: Math.min(...times[name]) / least,
    medianRatio: median(times[name]) / middle,
  }));
}

/** @returns least milliseconds until the first answer, and median of MB resident when idle. */
export async function benchDevStart({ folder, rounds }) {
  const programs = {
    dev: { args: [CARVOS, 'dev', '--port', '0', '--json'], path: '/readyz' },
    express: { args: [join(here, 'server-express.mjs')], path: '/' },
  };
  const found = { dev: [], express: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, program] of Object.entries(programs)) {
      found[name].push(await startOnce(program, mkdtempSync(join(folder, 'dev-'))));
    }
  }
  return Object.fromEntries(
    Object.entries(found).map(([name, runs]) => [
      name,
      { readyMs: Math.min(...runs.map(({ ms }) => ms)), megabytes: median(runs.map(({ mb }) => mb)) },
    ]),
  );
}

async function startOnce({ args, path }, cwd) {
  const from = performance.now();
  const child = spawn(process.execPath, args, { cwd, env: ENV, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const url = await new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
    child.on('message', (ready) => resolve(ready.url));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const [, found] = /"type":"ready","url":"([^"]+)"/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  while (![200, 404].includes(await statusOf(`${url}${path}`))) await wait(1);
  const ms = performance.now() - from;
  await wait(IDLE_MS);
  const mb = residentMegabytes(child.pid);
  child.removeAllListeners('exit');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  return { ms, mb };
}

function statusOf(url) {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
}
