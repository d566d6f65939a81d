import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';

export function define(command: Command, _io: Io): void {
  command.action(() => {
    throw new CliError('carvos trigger is not there yet');
  });
}
