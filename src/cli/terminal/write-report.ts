import { lstatSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CliError } from './errors.ts';
import { fileProblem, type Io } from './io.ts';

/**
 * Writes the file of `--junit`. Empty at first, so that what is wrong with it is said before anything is done.
 *
 * @param folders whether missing folders are made.
 * @throws CliError (exit 2) where it cannot be written.
 */
export function writeReport(io: Io, file: string, text: string, { folders = false } = {}): void {
  const path = resolve(io.cwd, file);
  try {
    if (folders) mkdirSync(dirname(path), { recursive: true });
    if (isNamedPipe(path)) throw new Error('it is a pipe');
    writeFileSync(path, text);
  } catch (error) {
    throw new CliError(`cannot write ${file}: ${fileProblem(error)}`, {
      where: `--junit ${file}`,
      next: 'give a file in a folder that exists',
      cause: error,
    });
  }
}

/** Without a reader it would be waited for, deaf to every signal. What the shell makes for `>(…)` has one. */
function isNamedPipe(path: string): boolean {
  try {
    return !path.startsWith('/dev/') && lstatSync(realpathSync(path)).isFIFO();
  } catch {
    return false;
  }
}
