// The peers in a folder of their own, so that carvos does not depend on them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PEERS } from './peers.mjs';

/** The benchmark cannot be made here; the message says why, `code` is what the process ends with. */
export class CannotMeasure extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

/**
 * Installs the named peers, without running any install script: none of them needs one.
 *
 * @throws CannotMeasure with code 5 when the registry cannot be reached, else 1.
 */
export async function installPeers(children, folder, names) {
  const dependencies = Object.fromEntries(names.map((name) => [name, PEERS[name]]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'];
  // As patient as a slow network needs; npm's own patience with one that is not there is two minutes.
  args.push(
    '--loglevel=error',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
    '--fetch-timeout=60000',
  );
  const { code, error, stderr } = await children.run('npm', args, { cwd: folder });
  if (error) throw new CannotMeasure(`npm cannot be started: ${error.message}`, 1);
  if (code !== 0) throw refusal(stderr);
  return {
    folder,
    /** The file of a package's program, to be run with this Node: no shell and no `env` in the time. */
    program(name, command) {
      const { bin } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
      return join(folder, 'node_modules', name, typeof bin === 'string' ? bin : bin[command]);
    },
    module: (name, file) => join(folder, 'node_modules', name, file),
  };
}

const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/;

function refusal(stderr) {
  const said = stderr
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .filter((line) => line !== '' && !line.includes('complete log'));
  const reason = said.slice(0, 4).join('\n  ') || 'npm said nothing';
  return UNREACHABLE.test(stderr)
    ? new CannotMeasure(`the npm registry cannot be reached, and the peers come from there:\n  ${reason}`, 5)
    : new CannotMeasure(`npm could not install the peers:\n  ${reason}`, 1);
}
