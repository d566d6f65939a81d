import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { askEmulator, emulatorFilePath } from '../../client/emulator-file.ts';
import { describePlanted } from '../../files/folders-upward.ts';
import type { Around } from '../config/ats.ts';
import { type Config, originOf } from '../config/load.ts';
import { findRunning } from '../connect/find-gateway.ts';
import { fileProblem, type Io } from '../terminal/io.ts';
import { type Finding, ok, wrong } from './finding.ts';

/** Rights of others, on POSIX. */
const OTHERS = 0o077;

/** Whether the database's folder can be written, and whether what holds secrets is for its owner alone. */
export function checkRights(io: Io, config: Config): Finding {
  const database = resolve(config.folder, config.db);
  const folder = config.db === ':memory:' ? config.folder : dirname(database);
  try {
    accessSync(nearest(folder), constants.R_OK | constants.W_OK | constants.X_OK);
    if (existsSync(folder) && !statSync(folder).isDirectory()) throw new Error('it is no folder');
  } catch (error) {
    const mend = `make ${folder} a folder that you can write to, or choose another database with --db`;
    return wrong('folder', `${folder} cannot be written: ${fileProblem(error)}`, mend);
  }
  const planted = describePlanted(folder);
  if (planted !== null) return wrong('folder', planted, 'work in a folder of your own');
  const secrets = [join(config.folder, '.env'), emulatorFilePath(io.cwd), dirname(emulatorFilePath(io.cwd))];
  const open = process.platform === 'win32' ? [] : secrets.filter(isOpen);
  if (open.length === 0) return ok('folder', folder);
  const mend = `chmod go= ${open.join(' ')}`;
  return wrong('folder', `other users can read ${open.join(', ')}: secrets are in it`, mend);
}

/** The folder, or the nearest one above that is there: the rest is made. */
function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}

function isOpen(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.mode & OTHERS) !== 0;
}

/** Whether `dev` left a file behind that names a gateway which no longer runs, or does not answer. */
export async function checkEmulatorFile(io: Io, config: Config): Promise<Finding> {
  const found = findRunning(io, config);
  if (found.found) {
    const problem = await askEmulator(found);
    if (problem === null) return ok('gateway', `runs at ${found.url}`);
    const [named, mend] =
      found.path === null
        ? ['CARVOS_URL and CARVOS_CONTROL_TOKEN', 'correct them, or unset them']
        : [found.path, `start carvos dev again; another program may have its process number by now`];
    return wrong('gateway', `${named}: ${problem.message}`, mend);
  }
  if (found.reason === 'missing' || found.path === null) return ok('gateway', 'none runs here');
  return wrong('gateway', found.message, `delete ${found.path}, or start carvos dev again`);
}

/** Whether `dev` gets its port. @param runs whether the gateway that is named here answers. */
export async function checkPort(io: Around, config: Config, runs: boolean): Promise<Finding> {
  const { host, port } = config;
  const place = `${host}:${port}`;
  if (port === 0) return ok('port', 'any free one');
  const code = await tryPort(host, port);
  if (code === null) return ok('port', `${place} is free`);
  const running = findRunning(io, config);
  if (code === 'EADDRINUSE' && runs && running.found && new URL(running.url).port === String(port))
    return ok('port', `${place} is that of the gateway that runs here`);
  const taken = `another program has ${place}`;
  if (code === 'EADDRINUSE' && originOf(config, 'port') === 'default')
    return ok('port', `${taken}: carvos dev takes the next free one`);
  const mend = 'stop the program that has it, or choose another: "port" in carvos.config.json, or --port';
  if (code === 'EADDRINUSE') return wrong('port', taken, mend);
  return wrong(
    'port',
    `cannot listen on ${place} (${code})`,
    'check "host" and "port" in carvos.config.json',
  );
}

function tryPort(host: string, port: number): Promise<string | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
