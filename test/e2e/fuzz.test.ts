import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

// CARVOS_TEST_SEED=n repeats a run that failed; `npm run fuzz` makes the long ones.
const SEED = Number(process.env.CARVOS_TEST_SEED ?? Date.now() % 1_000_000);

type Fuzz = (options: { seed: number; count: number }) => Promise<{
  requests?: number;
  answers?: number;
  statuses?: Record<string, number>;
  exits?: Record<string, number>;
  problems: string[];
}>;

/** Plain modules, which run without a build of their own. */
async function load(name: string, fuzzer: string): Promise<Fuzz> {
  const file = join(import.meta.dirname, `../../scripts/fuzz/${name}.mjs`);
  return (await import(pathToFileURL(file).href))[fuzzer];
}

test(`raw requests are answered or closed, none with a 500 (seed ${SEED})`, async () => {
  const fuzzRaw = await load('raw', 'fuzzRaw');
  const { requests, statuses, problems } = await fuzzRaw({ seed: SEED, count: 400 });
  expect(problems).toEqual([]);
  expect(requests).toBe(400);
  expect(Object.keys(statuses!)).toEqual(expect.arrayContaining(['200', '202', '400', '404', '422']));
}, 120_000);

test(`no wrong answer of a gateway is a bug of a command (seed ${SEED})`, async () => {
  const fuzzControl = await load('control', 'fuzzControl');
  const { answers, exits, problems } = await fuzzControl({ seed: SEED, count: 60 });
  expect(problems).toEqual([]);
  expect(answers).toBe(60);
  expect(exits![4]).toBeGreaterThan(20);
}, 120_000);
