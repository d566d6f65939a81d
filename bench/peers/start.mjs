// From the start of a process to its end (--version) or to its first 202. The least of many runs, because
// whatever else the machine does can only add to it.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compareRounds } from './ratios.mjs';
import { CARVOS, cleanEnvironment, describeServers, saveDocument, startServer } from './servers.mjs';

export async function benchStart({ children, folder, peers, quick, progress }) {
  const rounds = quick ? 4 : 15;
  const servers = describeServers({ peers, folder });
  const document = join(folder, 'openapi.json');
  let made = 0;
  const freshFolder = () => {
    const cwd = join(folder, `start-${made++}`);
    mkdirSync(cwd);
    return cwd;
  };
  const ending = (args) => async () => {
    const cwd = freshFolder();
    const from = performance.now();
    const { code } = await children.start(process.execPath, args, { cwd, env: cleanEnvironment(cwd) }).ended;
    const ms = performance.now() - from;
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
    return ms;
  };
  const ready = (argsOf) => async () => {
    const server = await startServer(children, freshFolder(), argsOf);
    if (!existsSync(document)) await saveDocument(server.url, document);
    await server.stop();
    return server.ms;
  };
  const runs = [
    { name: 'node -e 0', run: ending(['-e', '0']) },
    { name: 'carvos --version', run: ending([CARVOS, '--version']) },
    { name: 'Prism --version', run: ending([peers.program('@stoplight/prism-cli', 'prism'), '--version']) },
    { name: 'Mockoon --version', run: ending([peers.program('@mockoon/cli', 'mockoon-cli'), '--version']) },
    // Its database is made anew each time. It comes before Prism, which is given its document.
    { name: 'carvos dev', run: ready(servers.carvos('carvos.db')) },
    { name: 'Prism', run: ready(servers.prism(document)) },
    { name: 'Prism, one route', run: ready(servers.prismOneRoute) },
    { name: 'Mockoon', run: ready(servers.mockoon) },
  ].map((one) => ({ ...one, times: [] }));
  // The first run reads files from the disk, and is not counted.
  for (let round = -1; round < rounds; round++) {
    progress(`start: round ${round + 1} of ${rounds}`);
    for (const one of runs) {
      const ms = await one.run();
      if (round >= 0) one.times.push(ms);
    }
  }
  const named = (name) => runs.find((one) => one.name === name);
  const against = (one, other) => compareLeast(named(one).times, named(other).times);
  // Against the other tools how many times as fast, so that above 1 is better, as everywhere here.
  const fasterThan = (ours) => (name) => ({ name: name.split(' -')[0], ...against(name, ours) });
  return {
    rounds,
    least: runs.map(({ name, times }) => ({ name, ms: Math.min(...times) })),
    /** How many times as long as `node -e 0`. */
    node: { version: against('carvos --version', 'node -e 0'), dev: against('carvos dev', 'node -e 0') },
    version: ['Prism --version', 'Mockoon --version'].map(fasterThan('carvos --version')),
    ready: ['Prism', 'Prism, one route', 'Mockoon'].map(fasterThan('carvos dev')),
  };
}

/** The ratio of the least times; the spread is that of the ratios round by round. */
function compareLeast(ones, others) {
  return { ...compareRounds(ones, others), median: Math.min(...ones) / Math.min(...others) };
}
