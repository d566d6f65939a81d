// How long commands take to start, beside `node -e 0`. Runs what is built, in turns, so that a busy moment hits all
// alike.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './support.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const CARVOS = join(here, '../bin/carvos.cjs');
const ENV = { PATH: process.env.PATH, HOME: process.env.HOME };

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
