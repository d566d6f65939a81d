import { VERSION } from '../../contract/version.ts';
import { createCommand } from '../command-line/create-command.ts';
import { COMMANDS } from '../commands/index.ts';
import { SCRIPT_FILES, SHELLS, type Shell } from '../input/shells.ts';
import { createIo } from '../terminal/io.ts';
import { toBash } from './bash.ts';
import { toFish } from './fish.ts';
import { type CommandSpec, type Flag, readCommand } from './spec.ts';
import { toZsh } from './zsh.ts';

export { SCRIPT_FILES };

const WRITERS: Record<Shell, (root: CommandSpec) => string> = { bash: toBash, zsh: toZsh, fish: toFish };

/** The scripts that `carvos completion` prints. The build calls this once and keeps what it gives as files. */
export async function generateCompletions(): Promise<Record<Shell, string>> {
  const root = await readRoot();
  const scripts = SHELLS.map((shell) => [shell, WRITERS[shell](root).replaceAll('@VERSION@', VERSION)]);
  return Object.fromEntries(scripts) as Record<Shell, string>;
}

/** `carvos` itself, which main.ts reads without commander. */
async function readRoot(): Promise<CommandSpec> {
  const io = createIo();
  const commands = await Promise.all(
    Object.keys(COMMANDS).map(async (name) => ({ ...readCommand(await createCommand(name, io)), name })),
  );
  const flag = (about: string, ...names: string[]): Flag => ({
    names,
    about,
    value: null,
    repeatable: false,
  });
  const words = commands.map(({ name, about }) => ({ word: name, about }));
  const help = { name: 'command', words, paths: null, list: false, command: false, variadic: false };
  return {
    name: 'carvos',
    about: '',
    flags: [flag('show the commands', '-h', '--help'), flag('print the version', '-V', '--version')],
    positionals: [],
    commands: [
      ...commands,
      { name: 'help', about: 'show the help of a command', flags: [], positionals: [help], commands: [] },
    ],
  };
}
