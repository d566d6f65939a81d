import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { isAlive } from '../../support/is-alive.ts';
import { CARVOS } from '../../support/program.ts';
import { freePort } from '../../support/receiver.ts';
import { gone, PYTHON_CHILD, run, sh, spawnExec } from './run-exec.ts';

describe('signals', () => {
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const) {
    test(`${signal} is passed on, to the grandchildren too`, async () => {
      const program = spawnExec(sh('sleep 300 & echo "pids $$ $!"; wait'));
      const [, child, grandchild] = await program.waitForText(/pids (\d+) (\d+)/);
      program.kill(signal);
      expect(await program.waitForExit()).toEqual({ code, signal: null });
      await gone(Number(child), Number(grandchild));
    });
  }

  test('a command that handles the signal decides on the code', async () => {
    const program = spawnExec(
      sh("trap 'echo caught; exit 7' TERM; echo ready; while :; do sleep 0.05; done"),
    );
    await program.waitForText(/ready/);
    expect(await program.end('SIGTERM')).toEqual({ code: 7, signal: null });
    expect(program.stdout).toBe('ready\ncaught\n');
  });

  test('one that comes twice at once, as npm and the terminal send it, is passed on once; later, again', async () => {
    const script = `
      let count = 0;
      process.on('SIGINT', () => {
        if (++count > 1) process.exit(7);
        // Not earlier: of two that wait at once the system makes one. And not by way of another process: that takes time.
        process.kill(process.ppid, 'SIGINT');
        setTimeout(() => console.log('got', count), 600);
      });
      console.log('ready'); setInterval(() => {}, 1000);`;
    const program = spawnExec(['--', process.execPath, '-e', script]);
    await program.waitForText(/ready/);
    program.kill('SIGINT');
    await program.waitForText(/got 1\n/);
    expect(await program.end('SIGINT')).toEqual({ code: 7, signal: null });
  });

  test('of one that minds no signal it says that it is waited for, and the third Ctrl-C kills it', async () => {
    const program = spawnExec(
      sh('trap \'echo minded\' INT TERM; sleep 300 & echo "pids $$ $!"; while :; do sleep 0.05; done'),
    );
    const [, child, grandchild] = await program.waitForText(/pids (\d+) (\d+)/);
    program.kill('SIGTERM');
    await program.waitForText(
      /carvos: the command got SIGTERM and still runs; three Ctrl-C within 5 s kill it/,
    );
    // Those that come within half a second of one are the same. One that comes while Node ends would end it.
    const pressed = setInterval(() => isAlive(Number(child)) && program.kill('SIGINT'), 50);
    onTestFinished(() => clearInterval(pressed));
    expect(await program.waitForExit()).toEqual({ code: 137, signal: null });
    expect(program.stderr.match(/still runs/g)).toHaveLength(1);
    await gone(Number(child), Number(grandchild));
  });

  test('Ctrl-C on a terminal reaches the command once', async () => {
    // Python's pty: a real terminal whose foreground group is carvos alone.
    const script = `
import os, pty, sys, time
child = "let n = 0; process.on('SIGINT', () => { n++; setTimeout(() => { console.log('got ' + n); process.exit(5); }, 300); }); console.log('ready'); setInterval(() => {}, 1000);"
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], sys.argv[2], 'exec', '--', sys.argv[1], '-e', child])
text = b''
sent = False
while True:
    try: data = os.read(fd, 1024)
    except OSError: break
    if not data: break
    text += data
    if b'ready' in text and not sent:
        sent = True
        os.write(fd, b'\\x03')
print(text.decode().replace('\\r', ''), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;
    const { stdout } = spawnSync('python3', ['-c', script, process.execPath, CARVOS], {
      encoding: 'utf8',
      cwd: tempFolder(),
    });
    expect(stdout).toContain('got 1\n');
    expect(stdout).toMatch(/ 5\n$/);
  });
});

describe('what is left', () => {
  test('the whole tree ends with the command, also what ignores SIGTERM', async () => {
    const stubborn = `sh -c "trap '' TERM; echo stubborn \\$\\$; : > ready; while :; do sleep 0.1; done" &`;
    const wait = 'until [ -e ready ]; do sleep 0.05; done';
    const { code, stdout } = await run(sh(`${stubborn} sleep 300 & echo "polite $!"; ${wait}; exit 4`));
    expect(code).toBe(4);
    const pids = [...stdout.matchAll(/(?:stubborn|polite) (\d+)/g)].map(([, pid]) => Number(pid));
    expect(pids).toHaveLength(2);
    await gone(...pids);
  });

  test('Ctrl-C while what is left is being ended gives the code at once, and it ends all the same', async () => {
    const stubborn = `sh -c "trap 'echo asked' TERM; echo pid \\$\\$; : > ready; while :; do sleep 0.1; done" &`;
    const program = spawnExec(sh(`${stubborn} until [ -e ready ]; do sleep 0.05; done; exit 4`));
    const [, pid] = await program.waitForText(/pid (\d+)/);
    await program.waitForText(/asked/);
    expect(await program.end('SIGINT')).toEqual({ code: 4, signal: null });
    expect(program.stderr).not.toContain('carvos');
    await gone(Number(pid));
  });

  test('killed with SIGKILL, the command and its children go too, and the next run has its port', async () => {
    const port = await freePort();
    const server = `require('node:http').createServer((_, r) => r.end('ok')).listen(${port}, '127.0.0.1', () => console.log('pid', process.pid))`;
    const folder = tempFolder();
    const temp = tempFolder();
    const serving = sh(`echo "$CARVOS_URL"; '${process.execPath}' -e "${server}"; :`);
    const first = spawnExec(serving, folder, { TMPDIR: temp });
    const [, url, pid] = await first.waitForText(/(http:\S+)\npid (\d+)/);
    // What ends the command then is started right after it: where the gateway answers, that is there.
    await fetch(`${url}/healthz`);
    first.kill('SIGKILL');
    await gone(Number(pid));
    const second = spawnExec(serving, folder, { TMPDIR: temp });
    await second.waitForText(/pid \d+/);
    await second.end('SIGTERM');
    expect(existsSync(join(folder, '.carvos'))).toBe(false);
    expect(readdirSync(temp)).toEqual([]);
  });

  test('several at once do not collide', async () => {
    const runs = await Promise.all(
      Array.from({ length: 6 }, () => run(['--', 'python3', PYTHON_CHILD], { cwd: import.meta.dirname })),
    );
    expect(runs.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(Array(6).fill(0));
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(6);
  }, 120_000);
});
