import { join } from 'node:path';
import type { Facts } from '../../contract/facts/facts.ts';
import { isThere } from '../../files/folders-upward.ts';
import { CliError } from '../terminal/errors.ts';
import { readNamed, refusePlanted } from './files.ts';

/** Stands beside the config file. */
export const FACTS_FILE = 'carvos.facts.json';

/**
 * The facts beside the config file; `undefined` where there are none.
 *
 * @throws CliError (exit 2) with the line for a file that is none.
 */
export async function readFacts(folder: string): Promise<Facts | undefined> {
  const path = join(folder, FACTS_FILE);
  if (!isThere(path)) return undefined;
  refusePlanted(path, 'work in a folder of your own');
  const { parseFacts } = await import('../../contract/facts/facts.ts');
  const anew = 'write it anew with carvos assumptions check --write, or delete it';
  const read = await parseFacts(readNamed('the facts file', path, anew, `${path}:1`));
  if (read.ok) return read.facts;
  const lines = read.problems.map(({ line, message }) => `  ${path}:${line}  ${message}`);
  throw new CliError(`the facts file is not valid\n${lines.join('\n')}`, {
    next: `correct it there, ${anew}`,
  });
}
