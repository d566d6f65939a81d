import type { Command } from 'commander';
import { CliError } from './errors.ts';

/** Adds the flags that every command has, also to its subcommands. */
export function addGlobalOptions(command: Command): void {
  command
    .option('--config <file>', 'config file; otherwise carvos.config.json is looked for upward from here')
    .option('--json', 'print JSON, for programs')
    .option('--color <when>', 'auto, always or never', parseColor)
    .option('--verbose', 'say more, with stack traces for bugs')
    .helpOption('-h, --help', 'show this help');
  for (const child of command.commands) addGlobalOptions(child);
}

function parseColor(value: string): string {
  if (['auto', 'always', 'never'].includes(value)) return value;
  throw new CliError(`--color: ${JSON.stringify(value)} is not one of auto, always, never`);
}
