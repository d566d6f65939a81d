import type { Command } from 'commander';
import type { CommandModule } from '../commands/index.ts';
import type { Io } from '../terminal/io.ts';
import { addGlobalOptions } from './globals.ts';

type ParseValue = (value: string, before: unknown) => unknown;

interface Flag {
  name: string;
  takesValue: boolean;
  parse?: ParseValue;
}

/**
 * Parses a call that has nothing unusual about it, without commander, which takes longer to load than all the
 * rest of `sign` and `verify`. What it does not know at first sight is left to commander, so that help and
 * errors have one source: short flags, `--help`, `--`, a missing value, an unknown flag, a second argument.
 *
 * @returns what runs the command, or `null` when commander has to look at it.
 * @throws CliError (exit 2) for a value that its flag refuses.
 */
export function parseLight(
  module: CommandModule,
  io: Io,
  args: readonly string[],
): (() => Promise<void>) | null {
  const flags = new Map<string, Flag>();
  const options: Record<string, unknown> = {};
  let action: ((...values: unknown[]) => Promise<void>) | undefined;
  const command = {
    commands: [],
    argument: () => command,
    addHelpText: () => command,
    helpOption: () => command,
    option(spec: string, _description: string, parse?: unknown, fallback?: unknown) {
      // `--name <value>` or `--name`: no regular expressions, which are compiled at their first use.
      const [flag = '', value] = spec.split(' ');
      const parser = typeof parse === 'function' ? (parse as ParseValue) : undefined;
      flags.set(flag, { name: optionName(flag), takesValue: value !== undefined, parse: parser });
      if (fallback !== undefined) options[optionName(flag)] = fallback;
      return command;
    },
    action(run: (...values: unknown[]) => Promise<void>) {
      action = run;
      return command;
    },
    optsWithGlobals: () => options,
  };
  module.define(command as unknown as Command, io);
  addGlobalOptions(command as unknown as Command);

  const given: string[] = [];
  const values: [Flag, string][] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '-' || !arg.startsWith('-')) {
      given.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const flag = flags.get(equals < 0 ? arg : arg.slice(0, equals));
    if (flag === undefined || (!flag.takesValue && equals >= 0)) return null;
    if (!flag.takesValue) options[flag.name] = true;
    else {
      const value = equals < 0 ? args[++index] : arg.slice(equals + 1);
      if (value === undefined || (equals < 0 && value.startsWith('-'))) return null;
      values.push([flag, value]);
    }
  }
  if (given.length > 1) return null;
  for (const [{ name, parse }, value] of values) options[name] = parse ? parse(value, options[name]) : value;
  return () => action!(given[0], options, command);
}

/** `atsId` for `--ats-id`, as commander has it. */
function optionName(flag: string): string {
  const [first, ...rest] = flag.slice(2).split('-');
  return first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
