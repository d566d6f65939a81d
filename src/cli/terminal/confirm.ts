import { createInterface } from 'node:readline/promises';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';

/**
 * Asks on the terminal, and takes anything but yes for no.
 *
 * @param what what the command does, for the error: "reset takes everything away".
 * @throws CliError (exit 2) where there is no terminal to ask.
 */
export async function confirm(io: Io, what: string, question: string): Promise<boolean> {
  if (!io.stdin.isTTY || !io.stderr.isTTY) {
    throw new CliError(`${what}, and there is no terminal to ask`, { next: 'add --yes' });
  }
  const questions = createInterface({ input: io.stdin, output: io.stderr });
  try {
    return /^y(es)?$/i.test((await questions.question(`${question} [y/N] `)).trim());
  } finally {
    questions.close();
  }
}
