// How soon the gateway answers, beside an Express app that does nothing: `dev`, `exec`, and a test that starts it in its own
// process. Runs what is built, in turns, so that a busy moment hits all alike.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PATH, postOnce } from './peers/servers.mjs';
import { median, residentMegabytes, SECRET, signedEvent } from './support.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const CARVOS = join(here, '../bin/carvos.cjs');
const LIBRARY = pathToFileURL(join(here, '../dist/index.js')).href;
const EXPRESS = import.meta.resolve('express');
const ENV = { PATH: process.env.PATH, HOME: process.env.HOME };
/** V8 gives back what a start and a first event leave behind once nothing has happened for about ten seconds. */
const IDLE_MS = 15_000;
const IDLE_RUNS = 3;

const url = '`http://127.0.0.1:${server.address().port}`';
const listening = (then) => `
  import express from '${EXPRESS}';
  const app = express().use(express.raw({ type: '*/*' }));
  app.post('${PATH}', (request, response) => response.status(202).end());
  const server = app.listen(0, '127.0.0.1', () => ${then});`;
const script = (text) => ['--input-type=module', '-e', text];

/** What is started, and beside what. `answers`: until the first 202. `ends`: until the process has ended. */
const PAIRS = [
  {
    name: 'dev, until its first 202',
    goal: 1.3,
    until: 'answers',
    args: [CARVOS, 'dev', '--port', '0', '--json'],
    env: { CARVOS_INCOMING_SECRET: SECRET },
    beside: script(listening(`console.log(JSON.stringify({ type: 'ready', url: ${url} }))`)),
  },
  {
    name: 'import carvos, startEmulator',
    goal: 1.3,
    until: 'ends',
    args: script(
      `const { startEmulator } = await import('${LIBRARY}'); await startEmulator(); process.exit()`,
    ),
    beside: script(listening('process.exit()')),
  },
  {
    name: 'exec -- true',
    goal: 1.6,
    until: 'ends',
    args: [CARVOS, 'exec', '--', 'true'],
    beside: script(listening('server.close()')),
  },
];

/**
 * @returns `pairs`: for each least milliseconds of both, the ratio of the least times, and that of the processor time until
 *   then (which other work on the machine changes less). `idle`: MB resident of `dev` and of Express that did one event.
 */
export async function benchReady({ folder, rounds }) {
  const pairs = PAIRS.map((pair) => ({ ...pair, runs: [], besideRuns: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const { args, beside, env, until, runs, besideRuns } of pairs) {
      const one = (command) => runOnce(command, { until, env, cwd: mkdtempSync(join(folder, 'ready-')) });
      runs.push(await one(args));
      besideRuns.push(await one(beside));
    }
  }
  const least = (runs, figure) => Math.min(...runs.map((run) => run[figure]));
  return {
    pairs: pairs.map(({ name, goal, runs, besideRuns }) => ({
      name,
      goal,
      ms: least(runs, 'ms'),
      besideMs: least(besideRuns, 'ms'),
      ratio: least(runs, 'ms') / least(besideRuns, 'ms'),
      cpuRatio: least(runs, 'cpuMs') / least(besideRuns, 'cpuMs'),
    })),
    idle: await measureIdle(folder),
  };
}

/** All at once: memory is not what one takes from another. */
async function measureIdle(folder) {
  const { args, beside, env, until } = PAIRS[0];
  const megabytes = async (command) => {
    const runs = Array.from({ length: IDLE_RUNS }, () =>
      runOnce(command, { until, env, cwd: mkdtempSync(join(folder, 'idle-')), idleMs: IDLE_MS }),
    );
    return median((await Promise.all(runs)).map(({ mb }) => mb));
  };
  const [dev, express] = await Promise.all([megabytes(args), megabytes(beside)]);
  return { dev, express };
}

async function runOnce(args, { until, env, cwd, idleMs = 0 }) {
  const from = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...ENV, ...env },
    stdio: ['ignore', 'pipe', until === 'answers' ? 'inherit' : 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (until === 'ends') {
    // Of an ended process nothing can be read any more: the last look counts.
    let cpuMs = 0;
    const watch = setInterval(() => {
      cpuMs = processorMs(child.pid) ?? cpuMs;
    }, 2);
    const code = await ended;
    clearInterval(watch);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
    return { ms: performance.now() - from, cpuMs, mb: 0 };
  }
  const base = await readyUrl(child, ended);
  const status = await postOnce(base, signedEvent(1));
  const ms = performance.now() - from;
  const cpuMs = processorMs(child.pid) ?? 0;
  if (status !== 202) throw new Error(`${args.join(' ')} answered ${status}`);
  await wait(idleMs);
  const mb = residentMegabytes(child.pid);
  child.kill('SIGKILL');
  await ended;
  return { ms, cpuMs, mb };
}

function readyUrl(child, ended) {
  return new Promise((resolve, reject) => {
    let text = '';
    ended.then((code) => reject(new Error(`ended with ${code} before it was ready`)));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const [, found] = /"type":"ready","url":"([^"]+)"/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
}

/** Milliseconds of all threads; `undefined` where the process is gone, or there is no /proc. */
function processorMs(pid) {
  try {
    const folder = `/proc/${pid}/task`;
    const nanoseconds = readdirSync(folder).map((thread) =>
      Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0]),
    );
    return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6;
  } catch {
    return undefined;
  }
}
