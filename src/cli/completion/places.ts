import type { CommandSpec, Value } from './spec.ts';

/** A command with the words that lead to it: `''`, `send`, `deliveries list`. */
export interface Place {
  path: string;
  command: CommandSpec;
}

/** The root and everything under it. */
export function listPlaces(root: CommandSpec): Place[] {
  const below = (path: string, command: CommandSpec): Place[] => [
    { path, command },
    ...command.commands.flatMap((child) => below(path === '' ? child.name : `${path} ${child.name}`, child)),
  ];
  return below('', root);
}

/** Whether there is anything to offer. An id, a URL or a number has nothing. */
export function offersAnything(value: Value): boolean {
  return value.words.length > 0 || value.paths !== null || value.command;
}

/**
 * The words of a script's own lists. They stand in the script without quotes, so they must be of harmless characters.
 *
 * @throws Error for another: a bug of ours, found by the build.
 */
export function plainWords(words: readonly string[]): string {
  for (const word of words) {
    if (!/^[\w.:=-]+$/.test(word)) throw new Error(`completion cannot offer ${JSON.stringify(word)}`);
  }
  return words.join(' ');
}

/** The first sentence, or what is before a semicolon: a list of candidates has little room. */
export function shortText(text: string): string {
  const [first = ''] = text.replaceAll(/\s+/g, ' ').split(/[.;] (?![^(]*\))/);
  return first.replace(/[.;]$/, '').trim();
}
