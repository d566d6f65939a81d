import type { Command } from 'commander';
import { oneOf } from '../input/flags.ts';

/** Adds the flags that every command has, also to its subcommands. */
export function addGlobalOptions(command: Command): void {
  command
    .option('--config <file>', 'config file; otherwise carvos.config.json is looked for upward from here')
    .option('--json', 'print JSON, for programs')
    .option('--color <when>', 'auto, always or never', oneOf('--color', ['auto', 'always', 'never']))
    .option('--verbose', 'say more, with stack traces for bugs')
    .helpOption('-h, --help', 'show this help');
  for (const child of command.commands) addGlobalOptions(child);
}
