// Kills `carvos dev` again and again under load and judges what is left: npm run crash -- --rounds 200
// [--restores 50] [--migrations 50] [--seed N] [--bin FILE]. The rounds themselves are in test/support/crash, which CI
// runs too; what is left is judged by Python and its SQLite.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    restores: { type: 'string', default: '0' },
    migrations: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    bin: { type: 'string', default: join(root, 'bin/carvos.cjs') },
    quiet: { type: 'boolean' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'carvos-crash-script-'));
try {
  const outfile = join(folder, 'rounds.mjs');
  await build({
    stdin: {
      contents: `export * from './run-rounds.ts'; export * from './content-rounds.ts';`,
      resolveDir: join(root, 'test/support/crash'),
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    logLevel: 'error',
  });
  const { runContentRounds, runCrashRounds } = await import(pathToFileURL(outfile).href);
  const seed = Number(values.seed);
  console.log(`seed ${seed}`);
  const startedAt = performance.now();
  const common = {
    bin: resolve(values.bin),
    judge: join(root, 'test/support/crash/judge.py'),
    seed,
    log: values.quiet ? undefined : (line) => console.log(line),
  };
  const load = await runCrashRounds({ ...common, rounds: Number(values.rounds) });
  const content = await runContentRounds({
    ...common,
    oldDatabase: join(root, 'fixtures/versions/0.1.0/carvos.db'),
    restores: Number(values.restores),
    migrations: Number(values.migrations),
  });
  const report = { ...load, ...content, problems: [...load.problems, ...content.problems] };
  console.log(
    JSON.stringify({ seconds: Math.round((performance.now() - startedAt) / 1000), ...report }, null, 2),
  );
  if (report.problems.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
