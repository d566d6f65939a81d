import type { Argument, Command, Option } from 'commander';
import { defaultCommand } from '../command-line/format-help.ts';
import { offeredBy, type Word } from '../input/flags.ts';

/** What may stand at one place. `file` and `folder` go with words; `command` is another program's line. */
export interface Value {
  name: string;
  words: readonly Word[];
  paths: 'file' | 'folder' | null;
  /** Several words, with commas between. */
  list: boolean;
  command: boolean;
}

export interface Flag {
  names: readonly string[];
  about: string;
  /** `null` for a flag that takes none. */
  value: Value | null;
  repeatable: boolean;
}

export interface Positional extends Value {
  variadic: boolean;
}

/** One command as completion sees it. A noun has the flags of its default subcommand too. */
export interface CommandSpec {
  name: string;
  about: string;
  flags: readonly Flag[];
  positionals: readonly Positional[];
  commands: readonly CommandSpec[];
}

/** Reads commander's own definition, from which help and parsing come too. */
export function readCommand(command: Command): CommandSpec {
  const own = command.createHelp().visibleOptions(command).map(readFlag);
  const children = command.commands.map(readCommand);
  const preset = children.find(({ name }) => name === defaultCommand(command)?.name());
  const known = new Set(own.flatMap(({ names }) => names));
  const inherited = preset?.flags.filter(({ names }) => !names.some((name) => known.has(name))) ?? [];
  return {
    name: command.name(),
    about: command.description(),
    flags: [...own, ...inherited],
    positionals: children.length > 0 ? [] : command.registeredArguments.map(readPositional),
    commands: children,
  };
}

function readFlag(option: Option): Flag {
  const names = [option.short, option.long].filter((name): name is string => typeof name === 'string');
  const [, placeholder] = /[<[](.+)[>\]]/.exec(option.flags) ?? [];
  const takesValue = placeholder !== undefined;
  return {
    names,
    about: option.description,
    value: takesValue ? readValue(placeholder, option.parseArg) : null,
    repeatable: takesValue && /\brepeat(able|\b)/.test(option.description),
  };
}

function readPositional(argument: Argument): Positional {
  return { ...readValue(argument.name(), argument.parseArg), variadic: argument.variadic };
}

/** The placeholder says what is meant, as it does to who reads the help: `<file>`, `<folder>`, `<ids>`. */
function readValue(name: string, parse: unknown): Value {
  const words = offeredBy(parse);
  const kinds = name.split('|');
  return {
    name: kinds.filter((kind) => kind !== '-').join(' or '),
    words,
    paths: kinds.includes('file') ? 'file' : kinds.includes('folder') ? 'folder' : null,
    list: name === 'ids' && words.length > 0,
    command: name === 'command',
  };
}
