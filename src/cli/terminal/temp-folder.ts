import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from './errors.ts';
import { fileProblem } from './io.ts';

/**
 * A new folder for files that are soon gone, for us alone.
 *
 * @throws CliError (exit 2) where none can be made.
 */
export function makeTempFolder(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (error) {
    throw new CliError(`cannot make a temporary folder: ${fileProblem(error)}`, {
      where: tmpdir(),
      next: 'set TMPDIR (on Windows TEMP) to a folder that you can write to',
      cause: error,
    });
  }
}
