import type { Command } from 'commander';
import { CliError } from '../terminal/errors.ts';
import { offering } from './flags.ts';

/** Deep enough for every flow that ends by itself. */
export const DEFAULT_MAX_ECHO = 10;

/** `--max-echo`: at which depth of an echo loop a run ends. */
export function addMaxEchoFlag(command: Command): Command {
  return command.option(
    '--max-echo <n>',
    'end with 1 when the same data came back this many times (an echo loop), or off',
    offering(['off'], parseMaxEcho),
    DEFAULT_MAX_ECHO,
  );
}

function parseMaxEcho(text: string): number {
  if (text === 'off') return Number.POSITIVE_INFINITY;
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw new CliError(`--max-echo: ${JSON.stringify(text)} is neither a whole number from 1 on nor off`);
}
