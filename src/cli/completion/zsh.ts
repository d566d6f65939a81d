import type { Word } from '../input/flags.ts';
import DRIVER from './driver.zsh';
import { plainWords, shortText } from './places.ts';
import type { CommandSpec, Flag, Positional, Value } from './spec.ts';

/** The script for zsh: a function for each command, made of `_arguments`, zsh's own means. */
export function toZsh(root: CommandSpec): string {
  return DRIVER.replace('# @FUNCTIONS@\n', () => functionsOf(root, '_carvos').join('\n'));
}

function functionsOf(command: CommandSpec, name: string): string[] {
  const { commands, positionals, flags } = command;
  const own = flags.map(flagSpec).concat(
    positionals.map((positional, index) => positionalSpec(positional, index)),
    commands.length > 0 ? [quote('1:command:->command'), quote('*::argument:->rest')] : [],
  );
  // With subcommands, what follows the first word belongs to that one; without, flags may stand anywhere.
  const stops = commands.length > 0 || positionals.some((one) => one.command);
  const call = `_arguments -s -S ${stops ? "-C -A '-*' " : ''}: \\\n    ${own.join(' \\\n    ')}`;
  if (commands.length === 0) return [`${name}() {\n  ${call}\n}\n`];

  const words = commands.map((child) => quote(`${child.name}:${escapeColons(shortText(child.about))}`));
  const text = `${name}() {
  local curcontext=$curcontext state line ret=1
  typeset -A opt_args
  ${call} && ret=0
  case $state in
    command)
      local -a commands=(
        ${words.join('\n        ')}
      )
      _describe -t commands command commands && ret=0
      ;;
    rest)
      case $words[1] in
${commands.map((child) => `        ${child.name}) ${name}_${child.name.replaceAll('-', '_')} && ret=0 ;;\n`).join('')}      esac
      ;;
  esac
  return ret
}
`;
  return [
    ...commands.flatMap((child) => functionsOf(child, `${name}_${child.name.replaceAll('-', '_')}`)),
    text,
  ];
}

function flagSpec(flag: Flag): string {
  const about = `[${escapeColons(shortText(flag.about)).replaceAll(/[[\]]/g, '\\$&')}]`;
  // Help and version stand alone; of two names of one flag only one is of use.
  const alone = flag.names.includes('--help') || flag.names.includes('--version');
  const excludes = alone ? '(- : *)' : flag.names.length > 1 ? `(${flag.names.join(' ')})` : '';
  return flag.names
    .map((name) => {
      const takes = flag.value !== null && name.startsWith('--') ? '=' : '';
      const before = flag.repeatable ? '*' : excludes;
      return quote(before + name + takes + about + (flag.value === null ? '' : action(flag.value)));
    })
    .join(' ');
}

function positionalSpec(positional: Positional, index: number): string {
  if (positional.command) return quote('*:::command:_normal');
  return quote((positional.variadic ? '*' : String(index + 1)) + action(positional));
}

/** `:message:what to offer`. */
function action(value: Value): string {
  const { name, words, paths, list } = value;
  const message = `:${escapeColons(name)}`;
  const files = paths === 'folder' ? '_files -/' : '_files';
  if (words.length === 0) return paths === null ? `${message}: ` : `${message}:${files}`;
  const plain = plainWords(words.map(({ word }) => word));
  if (list) return `${message}: _sequence compadd - ${plain}`;
  if (paths === null && words.every(({ about }) => about === undefined)) {
    return `${message}:(${escapeColons(plain)})`;
  }
  // `_arguments` reads the text once, then it is words of zsh.
  const offered = words.map((word) => `"${escapeColons(withAbout(word))}"`).join(' ');
  return `${message}: _carvos_words${paths === null ? '' : '_or_files'} ${offered}`;
}

/** `word:about`, as `_describe` reads it. */
function withAbout({ word, about }: Word): string {
  const name = escapeColons(word);
  return about === undefined ? name : `${name}:${shortText(about).replaceAll(/["$`\\]/g, '')}`;
}

function escapeColons(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
