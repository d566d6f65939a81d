import type { Command } from 'commander';
import { readOwnFile } from '../../files/own-parts.ts';
import { oneNamed } from '../input/flags.ts';
import { SCRIPT_FILES, SHELLS, type Shell } from '../input/shells.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';

export function define(command: Command, io: Io): void {
  command
    .argument('<shell>', SHELLS.join(', '), oneNamed('completion for', SHELLS))
    .addHelpText('after', HELP)
    .action((shell: Shell) => run(command, io, shell));
}

function run(command: Command, io: Io, shell: Shell): void {
  const output = createOutput(io, command);
  // Written by the build: a shell that reads it at each start must not wait for all commands to be loaded.
  const script = readOwnFile(`completions/${SCRIPT_FILES[shell]}`)?.toString();
  if (script === undefined)
    throw new CliError('the script is missing', {
      next: 'install the package again, or npm run build in the checkout',
    });
  if (!output.json) io.stdout.write(script);
  output.document({ shell, script });
}

const HELP = `
Prints a script that completes commands, flags, events and other names after carvos, not after npx carvos. It
starts no program while you type. Print it again after you update carvos.

Examples:
  eval "$(carvos completion bash)"                                  bash, in ~/.bashrc
  eval "$(carvos completion zsh)"                                   zsh, in ~/.zshrc, after compinit
  carvos completion fish > ~/.config/fish/completions/carvos.fish   fish, once

As a file instead, so that a new shell starts faster:
  carvos completion bash > ~/.local/share/bash-completion/completions/carvos   with the package bash-completion
  carvos completion zsh > "\${fpath[1]}/_carvos"                                or another folder of $fpath`;
