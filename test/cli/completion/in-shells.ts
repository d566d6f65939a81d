import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { tempFolder } from '../../support/folder.ts';

const SCRIPTS = join(import.meta.dirname, '../../../dist/completions');

/** What a shell offers at the end of each line. */
export type Complete = (cwd: string, lines: readonly string[]) => string[][];

/** A folder in which something could be completed, and in which a command that runs would leave a trace. */
export function folderWithFiles(): string {
  const folder = tempFolder({ 'body.json': '{}' });
  mkdirSync(join(folder, 'sub'));
  return folder;
}

/**
 * Calls the registered function as readline does, which hands over raw words, quotes included. The cursor stands
 * at the end of the line, or at `‸`.
 */
export function completeInBash(cwd: string, lines: readonly string[], before = ''): string[][] {
  const calls = lines.map((line) => {
    const [left = '', right = ''] = line.split('‸');
    const words = [...`${left}${right}`.matchAll(/[^\s=:]+|[=:]+/g)].map(([word]) => word);
    const before = [...left.matchAll(/[^\s=:]+|[=:]+/g)].length;
    const cursor = /\s$/.test(left) ? before : before - 1;
    if (words[cursor] === undefined) words.push('');
    return `COMP_LINE=${quote(left + right)} COMP_POINT=${[...left].length} COMP_WORDS=(${words.map(quote).join(' ')})
COMP_CWORD=${cursor} COMPREPLY=()
_carvos carvos
[[ \${#COMPREPLY[@]} -eq 0 ]] || printf '%s\\n' "\${COMPREPLY[@]}"
echo --end`;
  });
  const script = `${before}\nsource ${quote(join(SCRIPTS, 'carvos.bash'))}\n${calls.join('\n')}`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { cwd, encoding: 'utf8' });
  expect(stderr).toBe('');
  return split(stdout);
}

/** fish has a command for it. */
export function completeInFish(cwd: string, lines: readonly string[]): string[][] {
  const script = `source ${quote(join(SCRIPTS, 'carvos.fish'))}; for line in $argv; complete -C "$line"; echo --end; end`;
  const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script, ...lines], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  expect(stderr).toBe('');
  return split(stdout);
}

/** zsh completes within its line editor alone: one in a terminal of its own notes what is offered. */
export function completeInZsh(cwd: string, lines: readonly string[]): string[][] {
  const folder = tempFolder();
  const out = join(folder, 'offered');
  const setup = `
PS1='' PS2=''
autoload -Uz compinit && compinit -D -u
source ${quote(join(SCRIPTS, '_carvos'))}
compadd() {
  if [[ "$*" == *(-O|-A|-D)' '* ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- $hits >> ${quote(out)}
  builtin compadd "$@"
}
zle -C offer complete-word _main_complete
lines=(${lines.map(quote).join(' ')})
all() {
  local line
  for line in $lines; do
    BUFFER=$line CURSOR=$#line
    zle offer 2>> ${quote(`${out}.errors`)}
    print -r -- --end >> ${quote(out)}
  done
  BUFFER=exit
  zle accept-line
}
zle -N zle-line-init all
`;
  writeFileSync(join(folder, 'setup'), setup);
  const outer = `zmodload zsh/zpty; zpty inner zsh -f -i; zpty -w inner 'source "${join(folder, 'setup')}"'
while zpty -r inner chunk; do :; done`;
  const { stderr } = spawnSync('zsh', ['-f', '-c', outer], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'dumb' },
  });
  expect(stderr).toBe('');
  expect(readFileSync(`${out}.errors`, 'utf8')).toBe('');
  return split(readFileSync(out, 'utf8'));
}

function split(text: string): string[][] {
  return text
    .split('--end\n')
    .slice(0, -1)
    .map((part) => part.split('\n').filter((line) => line !== ''));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
