import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli } from '../../support/program.ts';
import { havePrograms } from '../../support/require-program.ts';
import { openTerminal, type Terminal } from '../../support/tmux.ts';

const missing = (shell: string) =>
  !havePrograms(`the Tab key in ${shell}, completion installed as the help says`, 'tmux', shell);

const BASH_COMPLETION = '/usr/share/bash-completion/bash_completion';
const noPackage = !existsSync(BASH_COMPLETION);
if (noPackage) {
  process.stderr.write('\n!!! SKIPPED: the package bash-completion. Not on this machine. Install it.\n\n');
}

/** A shell in a terminal, with `carvos` in its PATH and an empty home. */
function openShell(command: string, cwd: string, home: string): Terminal {
  const bin = join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(CARVOS, join(bin, 'carvos'));
  const env = `HOME=${home} XDG_CONFIG_HOME= XDG_DATA_HOME= LC_ALL=C.UTF-8 PATH=${bin}:$PATH`;
  return openTerminal(cwd, `exec env ${env} ${command}`, 150, 40);
}

async function type(terminal: Terminal, text: string, shown: RegExp): Promise<void> {
  // Everything of the line before is gone first.
  terminal.press('C-u', 'C-l');
  await terminal.waitFor(/^\s*(ready>|> )?\s*$/);
  terminal.paste(text);
  await terminal.waitFor(shown);
}

/** What both ways of installing it in bash must do. */
async function tryBash(terminal: Terminal, cwd: string): Promise<void> {
  await type(terminal, 'carvos se\t', /carvos send *$/m);
  await type(terminal, 'carvos send candidate.c\t', /candidate\.created *$/m);
  await type(terminal, 'carvos send candidate.\t\t', /candidate\.deleted +candidate\.updated/);
  await type(terminal, 'carvos send --via=r\t', /--via=rest *$/m);
  await type(terminal, 'carvos send "candidate.c\t', /"candidate\.created" *$/m);
  await type(terminal, 'carvos check --only raw-bytes,conc\t', /raw-bytes,concurrent *$/m);
  await type(terminal, 'carvos send --expect status=f\t', /status=failed *$/m);
  await type(terminal, 'carvos dev --db :m\t', /--db :memory: *$/m);
  await type(terminal, 'carvos sign wei\t', /weird\\ \\\$\\\(touch\\ pwned\\\)\.json *$/m);
  await type(terminal, "carvos sign 'wei\t", /'weird \$\(touch pwned\)\.json' *$/m);
  await type(terminal, 'carvos sign --config=bo\t', /--config=body\.json *$/m);
  await type(terminal, 'carvos exec -- cat bo\t', /cat body\.json *$/m);
  // Nothing is offered for an id, and nothing that was typed is run.
  await type(terminal, 'carvos trace \tEND', /carvos trace END$/m);
  for (const word of ['$(touch pwned)', '`touch pwned`', '"$(touch pwned)', "'", '*']) {
    await type(terminal, `carvos send ${word}\tEND`, /END$/m);
  }
  await type(terminal, 'carvos se\t', /carvos send *$/m);
  expect(readdirSync(cwd).sort()).toEqual(['body.json', 'weird $(touch pwned).json']);
}

const FILES = { 'body.json': '{}', 'weird $(touch pwned).json': '{}' };

test.skipIf(missing('bash'))('bash, with the line in .bashrc', async () => {
  const [cwd, home] = [tempFolder(FILES), tempFolder()];
  writeFileSync(join(home, '.bashrc'), 'PS1="ready> "\neval "$(carvos completion bash)"\n');
  await tryBash(openShell('bash', cwd, home), cwd);
});

test.skipIf(missing('bash') || noPackage)('bash, with the file for bash-completion', async () => {
  const [cwd, home] = [tempFolder(FILES), tempFolder()];
  const folder = join(home, '.local/share/bash-completion/completions');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'carvos'), (await runCli(['completion', 'bash'])).raw);
  writeFileSync(join(home, '.bashrc'), `PS1="ready> "\nsource ${BASH_COMPLETION}\n`);
  const terminal = openShell('bash', cwd, home);
  await tryBash(terminal, cwd);
  // Another program's line is completed as if it stood alone.
  await type(terminal, 'carvos exec --speed max -- kill -s KIL\t', /-s KILL *$/m);
});

async function tryZsh(terminal: Terminal, cwd: string): Promise<void> {
  await type(terminal, 'carvos se\t', /carvos send *$/m);
  await type(terminal, 'carvos s\t', /^status +-- is the gateway running/m);
  await type(terminal, 'carvos sign --t\t', /--timestamp=?$/m);
  await type(terminal, 'carvos deliveries list --o\t', /--outcome=?$/m);
  await type(terminal, 'carvos send --fau\t', /--fault=?$/m);
  await type(terminal, 'carvos sign --\t', /^--timestamp +-- t, as Unix seconds or ISO 8601/m);
  await type(terminal, 'carvos send vacancy.\t', /^vacancy\.created +-- a vacancy is new/m);
  await type(terminal, 'carvos send --via=r\t', /--via=rest *$/m);
  await type(terminal, 'carvos sign wei\t', /weird\\ \\\$\\\(touch\\ pwned\\\)\.json *$/m);
  await type(terminal, 'carvos trace \tEND', /carvos trace END$/m);
  expect(readdirSync(cwd).sort()).toEqual(['body.json', 'weird $(touch pwned).json']);
}

test.skipIf(missing('zsh'))('zsh, with the line in .zshrc', async () => {
  const [cwd, home] = [tempFolder(FILES), tempFolder()];
  const rc = 'PS1="ready> "\nautoload -Uz compinit && compinit -u\neval "$(carvos completion zsh)"\n';
  writeFileSync(join(home, '.zshrc'), rc);
  await tryZsh(openShell('zsh', cwd, home), cwd);
});

test.skipIf(missing('zsh'))('zsh, with the file in fpath', async () => {
  const folder = tempFolder({ _carvos: (await runCli(['completion', 'zsh'])).raw });
  const [cwd, home] = [tempFolder(FILES), tempFolder()];
  const rc = `PS1="ready> "\nfpath=(${folder} $fpath)\nautoload -Uz compinit && compinit -u\n`;
  writeFileSync(join(home, '.zshrc'), rc);
  await tryZsh(openShell('zsh', cwd, home), cwd);
});

test.skipIf(missing('zsh'))('zsh without compinit says what is missing', async () => {
  const [cwd, home] = [tempFolder(), tempFolder()];
  writeFileSync(join(home, '.zshrc'), 'PS1="ready> "\neval "$(carvos completion zsh)"\n');
  await openShell('zsh', cwd, home).waitFor(/autoload -Uz compinit && compinit[\s\S]*ready>/);
});

test.skipIf(missing('fish'))('fish, with the file in its folder', async () => {
  const [cwd, home] = [tempFolder(FILES), tempFolder()];
  const folder = join(home, '.config/fish/completions');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'carvos.fish'), (await runCli(['completion', 'fish'])).raw);
  writeFileSync(
    join(home, '.config/fish/config.fish'),
    'set -g fish_greeting\nset -g fish_autosuggestion_enabled 0\nfunction fish_prompt\n  echo -n "ready> "\nend\n',
  );
  const terminal = openShell('fish', cwd, home);
  await type(terminal, 'carvos sen\t', /carvos send *$/m);
  await type(terminal, 'carvos send vacancy.\t', /vacancy\.created +\(a vacancy is new\)/);
  terminal.press('Escape');
  await type(terminal, 'carvos sign --time\t', /--timestamp *$/m);
  await type(terminal, 'carvos send --via=re\t', /--via=rest *$/m);
  await type(terminal, 'carvos sign wei\t', /weird\\ \\\$\\\(touch\\ pwned\\\)\.json *$/m);
  expect(readdirSync(cwd).sort()).toEqual(['body.json', 'weird $(touch pwned).json']);
});
