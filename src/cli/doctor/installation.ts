import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { VERSION } from '../../contract/version.ts';
import { IS_ONE_FILE } from '../../files/own-parts.ts';
import { type Finding, ok, wrong } from './finding.ts';

/** The lines on which carvos is tested. */
const LINES = [20, 22, 24, 26];
const NAMES = process.platform === 'win32' ? ['carvos.exe', 'carvos.cmd'] : ['carvos'];
/** How long a program on the PATH has to say its version, in milliseconds. */
const VERSION_LIMIT_MS = 10_000;
const LATE = ` within ${VERSION_LIMIT_MS / 1000} s`;

/** @param version as in `process.versions.node`. */
export function checkNode(version: string): Finding {
  if (IS_ONE_FILE) return ok('node', `${version}, inside the program`);
  const line = Number(version.split('.')[0]);
  if (LINES.includes(line)) return ok('node', version);
  return wrong(
    'node',
    `${version} is of no line that carvos is tested on`,
    `use the newest of Node ${LINES.slice(1).join(', ')}, or 20.19 or later of Node 20`,
  );
}

/** Opens a database in memory. */
export async function checkAddon(): Promise<Finding> {
  try {
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(':memory:');
    const version = database.prepare('SELECT sqlite_version()').pluck().get();
    database.close();
    if (abortsOn(process.versions.node, readAddon))
      return wrong(
        'database',
        'better-sqlite3 was compiled on Node 24.19 to 24.21, where that makes it abort: (env) != nullptr',
        'use Node 24.22 or later; nothing needs to be compiled again',
      );
    return ok('database', `better-sqlite3 loads, with SQLite ${version}`);
  } catch (error) {
    const { code, message, next } = error as NodeJS.ErrnoException & { next?: string };
    const [line] = message.split('\n');
    const mend =
      code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
        ? 'npm install'
        : 'npm install-scripts approve better-sqlite3, then npm rebuild better-sqlite3, with this Node';
    return wrong('database', `better-sqlite3 does not load: ${line}`, next ?? mend);
  }
}

/**
 * Whether an addon may end the process at a garbage collection, as what was compiled with the headers of these versions
 * does there: https://github.com/nodejs/node/issues/65446. A binary that was downloaded has no part in it.
 *
 * @param version as in `process.versions.node`.
 */
export function abortsOn(version: string, read: () => Uint8Array): boolean {
  return /^24\.(?:19|20|21)\./.test(version) && Buffer.from(read()).includes('RemoveEnvironmentCleanupHook');
}

function readAddon(): Uint8Array {
  const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
  const addon = sharedObjects.find((file) => file.endsWith('better_sqlite3.node'));
  return addon === undefined ? new Uint8Array() : readFileSync(addon);
}

/** Every carvos on the PATH should be this version: which one runs depends on the folder and on who asks. */
export async function checkVersions(path: string | undefined): Promise<Finding> {
  const found = await Promise.all(
    listPrograms(path).map(async (file) => ({ file, version: await askVersion(file) })),
  );
  const others = found.filter(({ version }) => version !== VERSION);
  if (others.length > 0) {
    const list = others.map(({ file, version }) => `${file} is ${version}`).join(', ');
    return wrong('versions', `this is carvos ${VERSION}, but on the PATH ${list}`, 'update it, or remove it');
  }
  const places = found.map(({ file }) => file).join(', ');
  return ok('versions', `carvos ${VERSION}${places === '' ? '; none on the PATH' : `: ${places}`}`);
}

/** Each once, though links lead to it. */
function listPrograms(path = ''): string[] {
  const files = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .filter(isProgram);
  return [...new Map(files.map((file) => [realpathSync(file), file])).values()];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function askVersion(file: string): Promise<string> {
  const isScript = file.endsWith('.cmd');
  return new Promise((resolve) => {
    execFile(file, ['--version'], { timeout: VERSION_LIMIT_MS, shell: isScript }, (error, stdout) =>
      resolve(
        error
          ? `a program that does not say its version${error.killed ? LATE : ''}`
          : stdout.trim().slice(0, 40),
      ),
    );
  });
}
