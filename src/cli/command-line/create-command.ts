import type { Command } from 'commander';
import { COMMANDS } from '../commands/index.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { helpFormat } from './format-help.ts';
import { addGlobalOptions, GLOBAL_FLAGS } from './globals.ts';

/** A command as it is parsed, shown by `--help` and completed: one definition for all three. */
export async function createCommand(name: string, io: Io): Promise<Command> {
  const { summary, guide, load } = COMMANDS[name]!;
  const [{ Command, Help }, module] = await Promise.all([import('commander'), load()]);
  const command = new Command(`carvos ${name}`);
  // Before `define`, so that subcommands inherit it.
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => {},
    })
    .configureHelp(helpFormat(new Help()));
  command.description(summary).showHelpAfterError(false);
  module.define(command, io);
  addGlobalOptions(command);
  command.hook('preAction', (_command, called) => refuseEmpty(called));
  command.addHelpText(
    'afterAll',
    `\nOn every command: ${GLOBAL_FLAGS.join(', ')} (see carvos --help)\nGuide: docs/guides/${guide}.md (in the npm package and the repository)`,
  );
  return command;
}

/** @throws CliError (exit 2) for an argument that is empty, as `"$ID"` is where that is not set. */
function refuseEmpty({ registeredArguments, processedArgs }: Command): void {
  for (const [index, argument] of registeredArguments.entries()) {
    // Those of the command that `exec` runs are its own.
    if (argument.name() === 'command' || ![processedArgs[index]].flat().includes('')) continue;
    throw new CliError(`${argument.name()} is empty`, {
      next: 'name one; a variable that is not set is empty',
    });
  }
}
