// Enqueue, claim and complete jobs: the store and engine of carvos beside plainjob, both on better-sqlite3.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareRounds } from './ratios.mjs';

const CHILD = join(dirname(fileURLToPath(import.meta.url)), 'child-queue.mjs');
/** What SQLite calls them; plainjob sets NORMAL when it opens a database. */
const SETTINGS = { normal: 1, full: 2 };
const PHASES = ['enqueue', 'work', 'both'];

export async function benchQueue({ children, folder, bundle, peers, quick, progress }) {
  const plainjob = peers.module('plainjob', 'dist/plainjob.js');
  return compareQueues({
    ...{ children, folder, bundle, plainjob, progress },
    rounds: quick ? 3 : 7,
    jobs: quick ? 2000 : 10_000,
    jobsOneByOne: quick ? 500 : 3000,
  });
}

/** @param plainjob its entry; it takes better-sqlite3 from this checkout, as carvos does. */
export async function compareQueues({
  children,
  folder,
  bundle,
  plainjob,
  progress,
  rounds,
  jobs,
  jobsOneByOne,
}) {
  const variants = [
    { name: 'carvos 64', side: 'carvos', atOnce: 64, synchronous: 'full' },
    { name: 'plainjob 64 normal', side: 'plainjob', atOnce: 64, synchronous: 'normal' },
    { name: 'plainjob 64 full', side: 'plainjob', atOnce: 64, synchronous: 'full' },
    { name: 'carvos 1', side: 'carvos', atOnce: 1, synchronous: 'full' },
    { name: 'carvos 1 engine', side: 'carvos', atOnce: 1, synchronous: 'full', way: 'engine' },
    { name: 'plainjob 1 normal', side: 'plainjob', atOnce: 1, synchronous: 'normal' },
    { name: 'plainjob 1 full', side: 'plainjob', atOnce: 1, synchronous: 'full' },
  ].map((one) => ({ ...one, jobs: one.atOnce === 1 ? jobsOneByOne : jobs, results: [] }));
  for (let round = 0; round < rounds; round++) {
    progress(`queue: round ${round + 1} of ${rounds}`);
    for (let i = 0; i < variants.length; i++) {
      const one = variants[(i + round) % variants.length];
      one.results.push(await runOne(one));
    }
  }
  const named = (name) => variants.find((one) => one.name === name);
  // Rates, so that above 1 means that carvos does more, as everywhere here.
  const pair = (ours, theirs) =>
    Object.fromEntries(
      PHASES.map((phase) => [
        phase,
        compareRounds(
          named(theirs).results.map((result) => result[phase]),
          named(ours).results.map((result) => result[phase]),
        ),
      ]),
    );
  return {
    rounds,
    jobs,
    jobsOneByOne,
    asTheyAre: pair('carvos 64', 'plainjob 64 normal'),
    bothFull: pair('carvos 64', 'plainjob 64 full'),
    oneByOneAsTheyAre: pair('carvos 1', 'plainjob 1 normal'),
    oneByOne: pair('carvos 1', 'plainjob 1 full'),
    oneInFlightAsTheyAre: pair('carvos 1 engine', 'plainjob 1 normal'),
    oneInFlight: pair('carvos 1 engine', 'plainjob 1 full'),
  };

  async function runOne({ name, side, atOnce, synchronous, jobs, way = '' }) {
    const database = join(folder, `queue-${name.replaceAll(' ', '-')}.db`);
    const module = side === 'carvos' ? bundle : plainjob;
    const result = await children.ask(CHILD, [side, database, jobs, atOnce, synchronous, module, way]);
    for (const file of [database, `${database}-warm`]) {
      for (const end of ['', '-wal', '-shm', '-lock']) rmSync(file + end, { force: true });
    }
    if (result.rows !== jobs) throw new Error(`${name}: ${result.rows} of ${jobs} jobs were done`);
    if (result.setting !== SETTINGS[synchronous]) throw new Error(`${name}: synchronous ${result.setting}`);
    return result;
  }
}
