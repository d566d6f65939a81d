import type { Command } from 'commander';

/** The subcommand that runs when a noun stands alone; commander does not say it in public. */
export function defaultCommand(command: Command): Command | undefined {
  const { _defaultCommandName: name } = command as unknown as { _defaultCommandName?: string };
  return command.commands.find((child) => child.name() === name);
}
