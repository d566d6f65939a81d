// npm run bench -- --peers: carvos beside what users would take instead, all in one run, in rounds that take turns.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchMachine } from '../machine.mjs';
import { bundleInternals, makeFolder } from '../support.mjs';
import { trackChildren } from './children.mjs';
import { CannotMeasure, installPeers } from './install.mjs';
import { NEEDED, PEERS } from './peers.mjs';
import { benchPost } from './post.mjs';
import { benchQueue } from './queue.mjs';
import { benchSignatures } from './signatures.mjs';
import { benchStart } from './start.mjs';
import { tablesOf, textOf } from './text.mjs';

const BUILT = join(dirname(fileURLToPath(import.meta.url)), '../../dist/cli.cjs');
const BENCHES = { post: benchPost, queue: benchQueue, signatures: benchSignatures, start: benchStart };
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * @returns the exit code: 0; 1 when a request was not answered 202, or the peers cannot be installed; 2 when a
 *   part is unknown, or carvos is not built; 5 when the registry cannot be reached.
 */
export async function runPeers({ quick = false, only, markdown = false }) {
  const children = trackChildren();
  const say = (text) => process.stdout.write(`${text}\n`);
  const progress = (text) => process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text} ` : `${text}\n`);
  const clearProgress = () => process.stderr.isTTY && process.stderr.write('\r\x1b[K');
  let interrupted = false;
  for (const [signal, code] of Object.entries(EXIT_CODES)) {
    // npm passes on a Ctrl-C that the terminal sent here already: only the first one counts.
    process.on(signal, async () => {
      if (interrupted) return;
      interrupted = true;
      await children.endAll();
      clearProgress();
      process.stderr.write('interrupted: what was started is ended, the temporary folder is removed\n');
      process.exit(code);
    });
  }
  try {
    return await measure();
  } catch (error) {
    // What a signal ended fails here too; its handler ends the process.
    if (interrupted) return new Promise(() => {});
    clearProgress();
    if (!(error instanceof CannotMeasure)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return error.code;
  } finally {
    await children.endAll();
  }

  async function measure() {
    const parts = chooseParts(only);
    if (!existsSync(BUILT)) throw new CannotMeasure('carvos is not built: npm run build', 2);
    const folder = makeFolder();
    const names = [...new Set(parts.flatMap((part) => NEEDED[part]))];
    progress(`installing ${names.join(', ')}`);
    const peers = await installPeers(children, folder, names);
    clearProgress();
    const bundle = await bundleInternals(folder);
    const versions = names.map((name) => `${name} ${PEERS[name]}`).join(', ');
    say(`peers      ${versions}; Node ${process.versions.node}, ${availableParallelism()} cores`);
    say(
      '           Ratios within this run: the median, and in brackets where the middle half of the rounds lies.',
    );
    const results = {};
    let exitCode = 0;
    for (const part of parts) {
      const seen = watchMachine();
      const result = await BENCHES[part]({ children, folder, peers, bundle, quick, progress });
      const others = seen();
      clearProgress();
      results[part] = result;
      for (const line of textOf[part](result)) say(line);
      if (others !== null) say(`           NOTE: ${others}`);
      if (result.refused || result.undelivered) exitCode = 1;
    }
    if (markdown) say(`\n${tablesOf(results)}`);
    return exitCode;
  }
}

/** @throws CannotMeasure for a part that there is not. */
function chooseParts(only) {
  const known = Object.keys(BENCHES);
  const parts = only === undefined ? known : only.split(',');
  const unknown = parts.filter((part) => !known.includes(part));
  if (unknown.length > 0) {
    throw new CannotMeasure(`no part ${unknown.join(', ')} with --peers: ${known.join(', ')}`, 2);
  }
  return parts;
}
