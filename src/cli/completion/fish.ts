import DRIVER from './driver.fish';
import { listPlaces, offersAnything, type Place, plainWords, shortText } from './places.ts';
import type { CommandSpec, Flag, Value } from './spec.ts';

/** The script for fish: fish's own `complete`, with conditions that say at which command the cursor stands. */
export function toFish(root: CommandSpec): string {
  const places = listPlaces(root);
  const lines = places.flatMap((place) => [...flagsOf(place), ...commandsOf(place), ...positionalsOf(place)]);
  return `${DRIVER.replace('# @TABLES@\n', () => tables(places))}\n${lines.join('\n')}\n`;
}

/** Subcommands, and flags that take a value, of each place. */
function tables(places: readonly Place[]): string {
  return places
    .map(({ path, command }) => {
      const valued = command.flags.filter(({ value }) => value !== null).flatMap(({ names }) => names);
      const commands = command.commands.map(({ name }) => name);
      const passes = command.positionals.some((one) => one.command) ? '\n            set passes 1' : '';
      return `        case '${path}'
            set commands ${plainWords(commands)}
            set valued ${plainWords(valued)}${passes}
`;
    })
    .join('');
}

function flagsOf({ path, command }: Place): string[] {
  return command.flags.map((flag) =>
    [
      `complete -c carvos -n ${quote(`__carvos_at ${quote(path)}`)}`,
      ...names(flag),
      ...(flag.value === null ? [] : offer(flag.value, '-r')),
    ].join(' '),
  );
}

function names({ names, about }: Flag): string[] {
  const parts = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...parts, `-d ${quote(shortText(about))}`];
}

function commandsOf({ path, command }: Place): string[] {
  const condition = quote(`__carvos_at ${quote(path)} 1`);
  return command.commands.map(
    ({ name, about }) => `complete -c carvos -n ${condition} -a ${name} -d ${quote(shortText(about))}`,
  );
}

function positionalsOf({ path, command }: Place): string[] {
  return command.positionals.flatMap((value, index) => {
    if (!offersAnything(value)) return [];
    const number = value.variadic ? `${index + 1}+` : String(index + 1);
    const start = `complete -c carvos -n ${quote(`__carvos_at ${quote(path)} ${number}`)}`;
    return value.command
      ? [`complete -c carvos -n ${quote(`__carvos_passes ${quote(path)}`)} -x -a '(__carvos_command)'`]
      : [[start, ...offer(value, '')].join(' ')];
  });
}

/** `-f` without files, `-F` with. */
function offer({ words, paths, list }: Value, required: string): string[] {
  const plain = plainWords(words.map(({ word }) => word));
  const parts = [required, paths === 'file' ? '-F' : '-f'].filter((part) => part !== '');
  if (list) return [...parts, `-a '(__carvos_list ${plain})'`];
  if (paths === 'folder') return [...parts, "-a '(__fish_complete_directories)'"];
  if (words.length === 0) return parts;
  const described = words.map(({ word, about }) =>
    about === undefined ? word : `${word}\\t${quote(shortText(about))}`,
  );
  return [...parts, `-a ${quote(described.join(' '))}`];
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
