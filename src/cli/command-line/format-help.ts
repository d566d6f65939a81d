import type { Command, Help, HelpConfiguration, Option } from 'commander';
import { GLOBAL_FLAGS } from './globals.ts';

/**
 * How `--help` shows a command: its own options, with defaults in one style and required ones marked. A noun
 * shows its subcommands, then the options of the one that runs without a word. Completion has all options, so
 * that what is left out here is left out by `formatHelp` alone.
 */
export function helpFormat(base: Help): HelpConfiguration {
  return {
    visibleCommands: ({ commands }) => [...commands],
    subcommandTerm: (child) => [child.name(), ...child.registeredArguments.map(nameArgument)].join(' '),
    subcommandDescription: (child) =>
      child.description() + (defaultCommand(child.parent!) === child ? ' (default)' : ''),
    optionDescription: ({ description, mandatory, defaultValue, negate }) => {
      if (mandatory) return `${description} (required)`;
      // One that is written otherwise than it is kept, as `30s`, stands in the description.
      const isSaid = defaultValue === undefined || negate || description.includes('(default: ');
      return isSaid ? description : `${description} (default: ${defaultValue})`;
    },
    commandUsage(command) {
      const words = base.commandUsage(command);
      if (command.commands.length > 0) return words.replace('[options] [command]', '[command] [options]');
      const required = command.options.filter(({ mandatory }) => mandatory).map(({ flags }) => flags);
      return words.replace('[options]', [...required, '[options]'].join(' '));
    },
    formatHelp(command, helper) {
      const own: Help = Object.assign(Object.create(helper), { visibleOptions: ownOptions });
      const preset = defaultCommand(command);
      const text = base.formatHelp.call(own, command, own);
      const options = preset === undefined ? [] : ownOptions(preset);
      if (preset === undefined || options.length === 0) return text;
      const width = own.longestOptionTermLength(preset, own);
      const lines = options.map((option) =>
        own.formatItem(own.optionTerm(option), width, own.optionDescription(option), own),
      );
      return `${text}\nOptions of ${preset.name()}:\n${lines.join('\n')}\n`;
    },
  };
}

function ownOptions(command: Command): Option[] {
  return command.options.filter(({ long }) => !GLOBAL_FLAGS.includes(long!));
}

function nameArgument(argument: { name(): string; required: boolean; variadic: boolean }): string {
  const name = argument.name() + (argument.variadic ? '...' : '');
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** The subcommand that runs when a noun stands alone; commander does not say it in public. */
export function defaultCommand(command: Command): Command | undefined {
  const { _defaultCommandName: name } = command as unknown as { _defaultCommandName?: string };
  return command.commands.find((child) => child.name() === name);
}
