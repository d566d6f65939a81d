// Kills `carvos dev` again and again under load and judges what is left: npm run crash -- --rounds 200
// [--seed N] [--bin FILE]. The rounds themselves are in test/support/crash, which CI runs too.
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    bin: { type: 'string', default: join(root, 'bin/carvos.cjs') },
    quiet: { type: 'boolean' },
  },
});

/** The bundle lies outside of the project, where no package is found by its name. */
const packagesByPath = {
  name: 'packages-by-path',
  setup(hooks) {
    const { resolve } = createRequire(import.meta.url);
    hooks.onResolve({ filter: /^better-sqlite3$/ }, ({ path }) => ({
      path: pathToFileURL(resolve(path)).href,
      external: true,
    }));
  },
};

const folder = await mkdtemp(join(tmpdir(), 'carvos-crash-script-'));
try {
  const outfile = join(folder, 'rounds.mjs');
  await build({
    entryPoints: [join(root, 'test/support/crash/run-rounds.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    logLevel: 'error',
    plugins: [packagesByPath],
  });
  const { runCrashRounds } = await import(pathToFileURL(outfile).href);
  const seed = Number(values.seed);
  console.log(`seed ${seed}`);
  const startedAt = performance.now();
  const report = await runCrashRounds({
    bin: resolve(values.bin),
    rounds: Number(values.rounds),
    seed,
    log: values.quiet ? undefined : (line) => console.log(line),
  });
  console.log(
    JSON.stringify({ seconds: Math.round((performance.now() - startedAt) / 1000), ...report }, null, 2),
  );
  if (report.problems.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
