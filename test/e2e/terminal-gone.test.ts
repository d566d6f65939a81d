import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { CARVOS } from '../support/program.ts';
import { havePrograms } from '../support/require-program.ts';

const noPython = !havePrograms('a terminal that goes away', 'python3');

/** Runs carvos on a terminal of its own until it shows a text; then `act`, in Python, has `fd`, the terminal, and `out`, what came. */
function onTerminal(cwd: string, args: string[], text: string, act: string, first = ''): string {
  const script = `
import os, pty, sys
text, act, first, node, *args = sys.argv[1:]
exec(first)
pid, fd = pty.fork()
if pid == 0: os.execv(node, [node, *args])
out = b''
def read():
    global out
    try: data = os.read(fd, 65536)
    except OSError: return False
    out += data
    return data != b''
while text.encode() not in out and read(): pass
exec(act)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;
  const { stdout, stderr } = spawnSync(
    'python3',
    ['-c', script, text, act, first, process.execPath, CARVOS, ...args],
    { cwd, encoding: 'utf8', timeout: 60_000 },
  );
  expect(stderr).toBe('');
  return stdout.trim();
}

test.skipIf(noPython).each([
  ['dev', ['dev', '--port', '0'], 'Ctrl-C stops'],
  ['the screen of dev', ['dev', '--port', '0', '--tui'], 'live'],
  ['listen', ['listen', '--port', '0'], 'Make it'],
])('with its terminal %s goes too, after all that it ends otherwise', (_, args, text) => {
  const cwd = tempFolder();
  // By the signal, not by a crash.
  expect(onTerminal(cwd, args, text, 'os.close(fd)')).toBe('-1');
  expect(existsSync(join(cwd, '.carvos/emulator.json'))).toBe(false);
  const left = args[0] === 'dev' ? ['.carvos/.gitignore', '.carvos/carvos.db', '.carvos/carvos.db-lock'] : [];
  const found = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter((name) => name !== '.carvos');
  expect(found.sort()).toEqual(left);
});

test.skipIf(noPython)('Ctrl-C ends dev --tui also before its screen has the keys', () => {
  const cwd = tempFolder();
  // Whoever opens the pipe to write waits until it is read from: then it is starting.
  const act = `
os.write((env := os.open('.env', os.O_WRONLY)), b'A=b')
os.kill(pid, 2)
os.close(env)
while read(): pass
if b'live' in out: print('shown')`;
  const args = ['dev', '--port', '0', '--tui'];
  expect(onTerminal(cwd, args, '', act, "os.mkfifo('.env')")).toBe('0');
  expect(existsSync(join(cwd, '.carvos/emulator.json'))).toBe(false);
});
