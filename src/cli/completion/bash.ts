import DRIVER from './driver.bash';
import { listPlaces, offersAnything, type Place, plainWords } from './places.ts';
import type { CommandSpec, Value } from './spec.ts';

/**
 * The script for bash 3.2 (macOS) and later, with or without the package bash-completion. What was typed is only
 * compared as text: `compgen -W` would expand it.
 */
export function toBash(root: CommandSpec): string {
  const places = listPlaces(root);
  return HEAD + tables(places) + values(places) + DRIVER;
}

/** For each place: subcommands, flags, flags that take a value, and whether another program's line follows. */
function tables(places: readonly Place[]): string {
  const cases = places.map(({ path, command }) => {
    const { flags, commands, positionals } = command;
    const lists = {
      commands: commands.map(({ name }) => name),
      flags: flags.flatMap(({ names }) => names),
      valued: flags.filter(({ value }) => value !== null).flatMap(({ names }) => names),
    };
    const set = Object.entries(lists).map(([name, words]) => `${name}='${plainWords(words)}'`);
    if (positionals.some((one) => one.command)) set.push('passes=1');
    return `    '${path}') ${set.join(' ')} ;;\n`;
  });
  return `__carvos_table() {\n  commands='' flags='' valued='' passes=''\n  case $1 in\n${cases.join('')}  esac\n}\n\n`;
}

/** What stands after a flag, or as the nth argument: places that offer the same share a line. */
function values(places: readonly Place[]): string {
  const patterns = new Map<string, string[]>();
  const add = (place: string, value: Value) => {
    if (!offersAnything(value) || value.command) return;
    const set = [`words='${plainWords(value.words.map(({ word }) => word))}'`];
    if (value.paths !== null) set.push(`paths=${value.paths}`);
    if (value.list) set.push('list=1');
    const text = set.join(' ');
    patterns.set(text, [...(patterns.get(text) ?? []), place]);
  };
  for (const { path, command } of places) {
    for (const { names, value } of command.flags) {
      if (value !== null) for (const name of names) add(`'${path} ${name}'`, value);
    }
    command.positionals.forEach((positional, index) => {
      add(`'${path} ${index + 1}'${positional.variadic ? '*' : ''}`, positional);
    });
  }
  const cases = [...patterns].map(([set, all]) => `    ${all.join('|')})\n      ${set} ;;\n`);
  return `__carvos_value() {\n  words='' paths='' list=''\n  case $1 in\n${cases.join('')}  esac\n}\n\n`;
}

const HEAD = `# bash completion for carvos @VERSION@. Written by \`carvos completion bash\`; do not edit.

`;
