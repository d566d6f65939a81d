import { createInterface } from 'node:readline/promises';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';

/**
 * Asks on the terminal, and takes anything but yes for no, Ctrl-C and Ctrl-D too.
 *
 * @param refusal the error where there is no terminal to ask, and what to do then.
 * @throws CliError (exit 2) where there is none.
 */
export async function confirm(
  io: Io,
  refusal: string,
  question: string,
  next = 'add --yes',
): Promise<boolean> {
  if (!io.stdin.isTTY || !io.stderr.isTTY) throw new CliError(refusal, { next });
  const prompt = createInterface({ input: io.stdin, output: io.stderr });
  // They close the prompt, and its question would then wait for ever, or be an error.
  const closed = new AbortController();
  prompt.on('close', () => closed.abort());
  const answer = await prompt.question(`${question} [y/N] `, { signal: closed.signal }).catch(() => '');
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}
