import type { Command } from 'commander';
import { COMMANDS } from '../commands/index.ts';
import type { Io } from '../terminal/io.ts';
import { addGlobalOptions } from './globals.ts';

/** A command as it is parsed, shown by `--help` and completed: one definition for all three. */
export async function createCommand(name: string, io: Io): Promise<Command> {
  const { summary, guide, load } = COMMANDS[name]!;
  const [{ Command }, module] = await Promise.all([import('commander'), load()]);
  const command = new Command(`carvos ${name}`);
  // Before `define`, so that subcommands inherit both.
  command.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    outputError: () => {},
  });
  command.description(summary).showHelpAfterError(false);
  module.define(command, io);
  addGlobalOptions(command);
  command.addHelpText('afterAll', `\nGuide: docs/guides/${guide}.md`);
  return command;
}
