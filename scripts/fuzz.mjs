// Input that nobody should send, by seed: npm run fuzz -- [--only raw|snapshots|control] [--count N] [--seed N].
// What each does is said in scripts/fuzz; the tests run short forms of them. Needs a fresh build.
import { parseArgs } from 'node:util';

/** How many by default, and who does it. */
const FUZZERS = {
  raw: { count: 200_000, load: async () => (await import('./fuzz/raw.mjs')).fuzzRaw },
  snapshots: { count: 10_000, load: async () => (await import('./fuzz/snapshots.mjs')).fuzzSnapshots },
  control: { count: 10_000, load: async () => (await import('./fuzz/control.mjs')).fuzzControl },
};

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    count: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const names = values.only === undefined ? Object.keys(FUZZERS) : [values.only];
for (const name of names) {
  if (!Object.hasOwn(FUZZERS, name)) {
    console.error(`there is no fuzzer ${name}; choose one of ${Object.keys(FUZZERS).join(', ')}`);
    process.exit(2);
  }
  const { count, load } = FUZZERS[name];
  const fuzz = await load();
  const startedAt = performance.now();
  const result = await fuzz({
    seed: Number(values.seed),
    count: Number(values.count ?? count),
    report: (line) => console.log(`${name}: ${line}`),
  });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(JSON.stringify({ fuzzer: name, seconds, ...result }, null, 2));
  if (result.problems.length > 0) process.exitCode = 1;
}
