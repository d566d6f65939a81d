import type { Command } from 'commander';
import { oneOf } from '../input/flags.ts';

/** Adds the flags that every command has, also to its subcommands. */
export function addGlobalOptions(command: Command): void {
  command
    .option('--config <file>', 'config file (default: carvos.config.json here or in a folder above)')
    .option('--json', 'print JSON, for programs')
    .option(
      '--color <when>',
      'auto, always or never (default: auto)',
      oneOf('--color', ['auto', 'always', 'never']),
    )
    .option('--verbose', 'say more, with stack traces of bugs')
    .helpOption('-h, --help', 'show this help');
  for (const child of command.commands) addGlobalOptions(child);
}

/** What {@link addGlobalOptions} adds: described once, in `carvos --help`. */
export const GLOBAL_FLAGS: readonly string[] = ['--config', '--json', '--color', '--verbose', '--help'];
