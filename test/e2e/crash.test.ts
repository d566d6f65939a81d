import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runContentRounds } from '../support/crash/content-rounds.ts';
import { runCrashRounds } from '../support/crash/run-rounds.ts';
import { CARVOS } from '../support/program.ts';
import { havePrograms } from '../support/require-program.ts';

// CARVOS_TEST_SEED=n repeats a run that failed; `npm run crash -- --rounds 200` makes many.
const SEED = Number(process.env.CARVOS_TEST_SEED ?? Date.now() % 1_000_000);

const root = join(import.meta.dirname, '../..');
const JUDGE = join(root, 'test/support/crash/judge.py');
const test = it.skipIf(!havePrograms('kills under load', 'python3'));

test(`six kills at chosen and random moments lose nothing (seed ${SEED})`, async () => {
  const report = await runCrashRounds({ bin: CARVOS, judge: JUDGE, rounds: 6, seed: SEED });
  expect(report.problems).toEqual([]);
  expect(report.promised).toBeGreaterThan(20);
  // `before-answer` and `after-answer` are among the first five rounds.
  expect(report.interrupted).toBeGreaterThan(0);
  expect(report.duplicates).toBe(report.explained);
}, 180_000);

test(`kills inside restores and migrations leave the old or the new, and all of it (seed ${SEED})`, async () => {
  const report = await runContentRounds({
    bin: CARVOS,
    judge: JUDGE,
    oldDatabase: join(root, 'fixtures/versions/0.1.0/carvos.db'),
    restores: 2,
    migrations: 2,
    seed: SEED,
  });
  expect(report.problems).toEqual([]);
}, 180_000);
