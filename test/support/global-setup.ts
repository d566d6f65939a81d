import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ENVIRONMENT } from '../../src/contract/environment.ts';

export default function setup(): void {
  forgetSettings();
  startNodeQuickly();
  startPythonQuickly();
}

/**
 * A developer's own settings must not decide what a test sees: neither those of carvos, which name a gateway elsewhere
 * to the contract suite alone, nor what colours, edits and pages whatever a test starts.
 */
function forgetSettings(): void {
  const own = process.env.CARVOS_CONTRACT_URL ? [] : ENVIRONMENT.map(({ name }) => name);
  for (const name of [...own, 'FORCE_COLOR', 'NO_COLOR', 'VISUAL', 'EDITOR', 'PAGER', 'COLUMNS', 'LINES'])
    delete process.env[name];
  // Whatever a test talks to is on loopback, which a proxy of the developer's cannot reach.
  const { no_proxy, NO_PROXY = no_proxy } = process.env;
  for (const name of ['no_proxy', 'NO_PROXY'])
    process.env[name] = [NO_PROXY, '127.0.0.1', 'localhost', '::1'].filter(Boolean).join();
}

/** Where `NODE_EXTRA_CA_CERTS` is set, each start of Node reads a file of hundreds of certificates: 50 ms of 85. */
function startNodeQuickly(): void {
  const { NODE_EXTRA_CA_CERTS: file } = process.env;
  if (!file) return;
  process.env.CA_CERTS_OF_NPM = file;
  delete process.env.NODE_EXTRA_CA_CERTS;
}

/**
 * Puts the interpreter itself before what a version manager has under its name: such a script looks for it anew at
 * each of the hundreds of starts. What stands before in `PATH` stays there, and nothing is done a second time.
 */
function startPythonQuickly(): void {
  const { stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  const folders = process.env.PATH!.split(delimiter);
  const found = folders.findIndex((folder) => existsSync(join(folder, 'python3')));
  const real = dirname(stdout?.trim() ?? '');
  if (!stdout || folders[found] === real) return;
  process.env.PATH = folders.toSpliced(found, 0, real).join(delimiter);
}
