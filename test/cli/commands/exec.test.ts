import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, type CliOptions, runCli, spawnProgram } from '../../support/program.ts';
import { freePort, serveHttp } from '../../support/receiver.ts';

const PYTHON_CHILD = join(import.meta.dirname, '../../support/exec-child.py');
const run = (args: string[], options: CliOptions = {}) =>
  runCli(['exec', ...args], { cwd: tempFolder(), ...options });
const sh = (script: string) => ['--', 'sh', '-c', script];
/** As the shell of a pipeline starts it, with its output in pipes. */
const spawnExec = (args: string[], cwd = tempFolder()) =>
  spawnProgram(process.execPath, [CARVOS, 'exec', ...args], { cwd });
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    // A zombie that nobody reaps is dead.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
const gone = (...pids: number[]) => expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);

describe('exit codes', () => {
  test.each([
    ['false', ['--', 'false'], 1],
    ['true', ['--', 'true'], 0],
    ['a code of its own', sh('exit 42'), 42],
    ['killed by a signal', sh('kill -TERM $$'), 143],
    ['killed by another', sh('kill -KILL $$'), 137],
    ['no such command', ['--', 'carvos-no-such-command'], 127],
    ['not executable', ['--', '/etc/passwd'], 126],
    ['without the two dashes', ['sh', '-c', 'exit 9'], 9],
  ])('%s', async (_name, args, code) => {
    const { code: got, stderr, stdout } = await run(args);
    expect({ got, stdout }).toEqual({ got: code, stdout: '' });
    expect(stderr).toContain('carvos: 0 deliveries, 0 failed; relied on 0 undocumented behaviours');
  });

  test('an event that was accepted just before the end is reported, once its job is done', async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, 'carvos.config.json'), JSON.stringify({ ai: { rules: [{ delay: '300ms' }] } }));
    const send = ['--', process.execPath, CARVOS, 'send', 'candidate.created'];
    const { code, stderr } = await run(send, { cwd });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('carvos: 1 delivery, 0 failed, 1 not finished;'),
    });
  });

  test('a mistake of the caller is 2, and the command does not run', async () => {
    for (const args of [
      [],
      ['--speed', 'fast', '--', 'echo', 'ran'],
      ['--wait-for', 'x', '--', 'echo', 'ran'],
    ]) {
      const { code, stdout, stderr } = await run(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^error: /);
    }
  });

  test('a command that does not exist is named', async () => {
    expect((await run(['--', 'pytset'])).stderr).toContain('error: there is no command pytset');
  });
});

describe('the command', () => {
  test('in another language: environment, sending, late webhook URL, receiving, asserting', async () => {
    const { code, stdout, stderr } = await run(['--', 'python3', PYTHON_CHILD]);
    expect(stderr).toMatch(
      /^carvos: 1 delivery, 0 failed; relied on \d+ undocumented behaviours \(--verbose names them\)\n$/,
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^ok http:\/\/127\.0\.0\.1:\d+\n$/),
    });
  });

  test('standard input and output are its own, byte for byte', async () => {
    const bytes = Buffer.concat([Buffer.from([0, 0xff, 0x1b, 0x0d, 0x0a]), randomBytes(300_000)]);
    const { code, raw, stderr } = await run(['--', 'cat'], { stdin: bytes });
    expect(code).toBe(0);
    expect(raw.equals(bytes)).toBe(true);
    const failing = await run(sh('printf "out\\n"; printf "\\377\\033[31merr" >&2; exit 3'));
    expect(failing.stdout).toBe('out\n');
    expect(failing.stderr.startsWith('\ufffd\u001b[31merr')).toBe(true);
    expect(stderr.split('\n').filter((line) => !line.startsWith('carvos: '))).toEqual(['']);
  });

  test('its arguments are its own, also those that look like ours', async () => {
    const { stdout } = await run(['--', 'printf', '%s|', '--json', '--', '--help', 'a b']);
    expect(stdout).toBe('--json|--|--help|a b|');
  });

  test('gets an empty database and a fresh token each time, and no file is left', async () => {
    const folder = tempFolder();
    const script =
      'carvos="$0 $1"; $carvos send candidate.created --wait >/dev/null 2>&1; $carvos status --json';
    const receiver = await startReceiver();
    const runs = [];
    for (let i = 0; i < 2; i++) {
      const args = ['--webhook-url', receiver.url, '--', 'sh', '-c', script, process.execPath, CARVOS];
      runs.push(await run(args, { cwd: folder }));
    }
    const [first, second] = runs.map(({ stdout }) => JSON.parse(stdout));
    expect([first.events, second.events]).toEqual([1, 1]);
    expect(first.deliveries).toEqual({ pending: 0, delivered: 1, exhausted: 0 });
    expect(first.clock.mode).toBe('max');
    expect(first.gateway_id).not.toBe(second.gateway_id);
    expect(existsSync(join(folder, '.carvos'))).toBe(false);
  });

  test('does not touch, and is not touched by, a developer’s running gateway', async () => {
    const folder = tempFolder();
    const dev = await startDev(folder, []);
    const before = readFileSync(join(folder, '.carvos/emulator.json'), 'utf8');
    const script = '"$0" "$1" send candidate.created >/dev/null; "$0" "$1" status --json';
    const { stdout } = await run(['--', 'sh', '-c', script, process.execPath, CARVOS], { cwd: folder });
    const inside = JSON.parse(stdout);
    expect(inside.url).not.toBe(dev.url);
    expect(inside.events).toBe(1);
    const status = await fetch(`${dev.url}/_carvos/v1/status`, {
      headers: { Authorization: `Bearer ${dev.token}` },
    });
    expect(((await status.json()) as { events: number }).events).toBe(0);
    expect(readFileSync(join(folder, '.carvos/emulator.json'), 'utf8')).toBe(before);
  });

  test('the config file counts, but for speed, port and database', async () => {
    const folder = tempFolder();
    writeFileSync(
      join(folder, 'carvos.config.json'),
      JSON.stringify({
        port: 4010,
        speed: 3,
        db: 'dev.db',
        ats: [{ id: 'mine', apiKey: 'k-1', incomingSecret: 'in-1', outgoingSecret: 'out-1', workspaces: [] }],
      }),
    );
    const script = 'echo "$CARVOS_ATS_ID $CARVOS_API_KEY $CARVOS_INCOMING_SECRET $CARVOS_OUTGOING_SECRET"';
    const { stdout } = await run(sh(script), { cwd: folder });
    expect(stdout).toBe('mine k-1 in-1 out-1\n');
    expect(existsSync(join(folder, 'dev.db'))).toBe(false);
  });
});

describe('--wait-for', () => {
  test('holds deliveries until that receiver answers; none of the five attempts is lost on it', async () => {
    // A port that is free now, and that the command's server takes late.
    const port = await freePort();
    const server = `
      const http = require('node:http');
      const { spawnSync } = require('node:child_process');
      const [node, carvos, port] = process.argv.slice(1);
      const sent = spawnSync(node, [carvos, 'send', 'candidate.created', '--json'], { encoding: 'utf8' });
      const { reference_id } = JSON.parse(sent.stdout);
      const headers = { Authorization: 'Bearer ' + process.env.CARVOS_CONTROL_TOKEN };
      const trace = async () =>
        (await fetch(process.env.CARVOS_CONTROL_URL + '/references/' + reference_id, { headers })).json();
      (async () => {
        let before;
        do before = await trace(); while (before.deliveries.length === 0);
        http.createServer((request, response) => { request.resume(); response.end('ok'); }).listen(port, '127.0.0.1');
        const url = process.env.CARVOS_CONTROL_URL + '/deliveries/wait?outcome=delivered';
        const found = await (await fetch(url, { headers })).json();
        console.log(before.deliveries[0].attempt_count, found.met, found.delivery.attempt_count);
        process.exit(0);
      })();
    `;
    const { code, stdout, stderr } = await run([
      '--webhook-url',
      `${port}/hook`,
      '--wait-for',
      `${port}`,
      '--',
      process.execPath,
      '-e',
      server,
      process.execPath,
      CARVOS,
      `${port}`,
    ]);
    expect(stderr).toContain('carvos: 1 delivery, 0 failed;');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '0 true 1\n' });
  });

  test('says so when that receiver never answered', async () => {
    const port = await freePort();
    const script = '"$0" "$1" send candidate.created >/dev/null';
    const { stderr } = await run([
      '--webhook-url',
      `${port}`,
      '--wait-for',
      `${port}`,
      '--',
      'sh',
      '-c',
      script,
      process.execPath,
      CARVOS,
    ]);
    expect(stderr).toContain(
      `http://localhost:${port}/ (--wait-for) never answered: nothing listens there; nothing was delivered`,
    );
    expect(stderr).toMatch(/carvos: 1 delivery, 0 failed, 1 not finished;/);
  });
});

test('a proxy does not catch the calls of the command to its gateway', async () => {
  const env = { HTTP_PROXY: 'http://proxy.example:3128', NO_PROXY: 'intranet.example' };
  const { stdout } = await run(sh('echo "$NO_PROXY"; echo "$no_proxy"'), { env });
  const [upper, lower] = stdout.split('\n');
  expect(upper!.split(',')).toEqual(
    expect.arrayContaining(['intranet.example', 'localhost', '127.0.0.1', '::1']),
  );
  expect(lower).toBe(upper);
  expect((await run(sh('echo "$NO_PROXY"'), { env: { NO_PROXY: '*' } })).stdout).toBe('*\n');
});

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
    program.kill('SIGTERM');
    expect(await program.waitForExit()).toEqual({ code: 7, signal: null });
    expect(program.stdout).toBe('ready\ncaught\n');
  });

  test('one that comes twice at once, as npm and the terminal send it, is passed on once', async () => {
    const script = `
      let count = 0;
      process.on('SIGINT', () => {
        if (++count === 1) setTimeout(() => { console.log('got', count); process.exit(0); }, 300);
        console.log('signal');
      });
      console.log('ready'); setInterval(() => {}, 1000);`;
    const program = spawnExec(['--', process.execPath, '-e', script]);
    await program.waitForText(/ready/);
    program.kill('SIGINT');
    // Not earlier: of two that wait at once the system makes one.
    await program.waitForText(/signal/);
    program.kill('SIGINT');
    expect(await program.waitForExit()).toEqual({ code: 0, signal: null });
    expect(program.stdout).toContain('got 1\n');
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
    const stubborn = `sh -c "trap '' TERM; echo stubborn \\$\\$; while :; do sleep 0.1; done" &`;
    const { code, stdout } = await run(sh(`${stubborn} sleep 300 & echo "polite $!"; sleep 0.5; exit 4`));
    expect(code).toBe(4);
    const pids = [...stdout.matchAll(/(?:stubborn|polite) (\d+)/g)].map(([, pid]) => Number(pid));
    expect(pids).toHaveLength(2);
    await gone(...pids);
  });

  test('killed with SIGKILL, the command and its children go too, and the next run has its port', async () => {
    const port = await freePort();
    const server = `require('node:http').createServer((_, r) => r.end('ok')).listen(${port}, '127.0.0.1', () => console.log('pid', process.pid))`;
    const folder = tempFolder();
    const tmpBefore = carvosTemp();
    const first = spawnExec(sh(`'${process.execPath}' -e "${server}"; :`), folder);
    const [, pid] = await first.waitForText(/pid (\d+)/);
    first.kill('SIGKILL');
    await gone(Number(pid));
    const second = spawnExec(sh(`'${process.execPath}' -e "${server}"; :`), folder);
    await second.waitForText(/pid \d+/);
    second.kill('SIGTERM');
    await second.waitForExit();
    expect(existsSync(join(folder, '.carvos'))).toBe(false);
    expect(carvosTemp()).toEqual(tmpBefore);
  });

  test('twenty at once do not collide', async () => {
    const runs = await Promise.all(
      Array.from({ length: 20 }, () => run(['--', 'python3', PYTHON_CHILD], { cwd: import.meta.dirname })),
    );
    expect(runs.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(Array(20).fill(0));
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(20);
  }, 120_000);
});

describe('when it fails', () => {
  const send = '"$0" "$1" send candidate.created --wait >/dev/null 2>&1; exit 1';

  test('the log and a snapshot without secrets', async () => {
    const receiver = await startReceiver(500);
    const folder = tempFolder();
    const args = ['--webhook-url', receiver.url, '--log-on-failure', '--snapshot-on-failure', 'failed.db'];
    const { code, stdout, stderr } = await run([...args, '--', 'sh', '-c', send, process.execPath, CARVOS], {
      cwd: folder,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/→ incoming {2}candidate\.created .* 202/);
    expect(stderr.match(/← outgoing {2}candidate\.created .* 500/g)).toHaveLength(5);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^carvos: 1 delivery, 1 failed; relied on \d+ /);
    const file = join(folder, 'failed.db');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const db = new Database(file, { readonly: true });
    expect(db.prepare('SELECT count(*) AS n FROM delivery').get()).toEqual({ n: 1 });
    expect(db.prepare('SELECT count(*) AS n FROM secret').get()).toEqual({ n: 0 });
    db.close();
    const bytes = readFileSync(file, 'latin1');
    for (const secret of ['demo-incoming-secret', 'demo-outgoing-secret', 'demo-api-key'])
      expect(bytes).not.toContain(secret);
  });

  test('neither when it does not', async () => {
    const folder = tempFolder();
    const { stderr } = await run(['--log-on-failure', '--snapshot-on-failure', 'failed.db', '--', 'true'], {
      cwd: folder,
    });
    expect(stderr.split('\n')).toHaveLength(2);
    expect(existsSync(join(folder, 'failed.db'))).toBe(false);
  });

  test('a snapshot that cannot be written is said, and the code stays', async () => {
    const { code, stderr } = await run(['--snapshot-on-failure', 'no/such/folder.db', ...sh('exit 3')]);
    expect(code).toBe(3);
    expect(stderr).toContain('carvos: cannot write no/such/folder.db: no such file');
  });

  test('without a webhook URL the built-in receiver takes the deliveries, and the last line says so', async () => {
    const { code, stdout, stderr } = await run([
      '--',
      process.execPath,
      CARVOS,
      'send',
      'candidate.created',
      '--wait',
    ]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('carvos: 1 delivery, 0 failed, 1 to the built-in receiver; relied on'),
    });
    expect(stdout).toContain('delivered');
  });

  test('with --wait-for it is not asked in the place of the receiver that is waited for', async () => {
    const receiver = await startReceiver();
    const { stderr } = await run([
      '--wait-for',
      receiver.url,
      '--',
      'sh',
      '-c',
      '"$0" "$1" send candidate.created >/dev/null',
      process.execPath,
      CARVOS,
    ]);
    expect(stderr).toContain('carvos: demo-ats has no webhook URL, so nothing was delivered');
    expect(stderr).toContain('carvos: 1 delivery, 0 failed, 1 not finished;');
  });

  test('--json ends with one object, on standard error', async () => {
    const { stdout, stderr } = await run(['--json', ...sh('echo mine; exit 1')]);
    expect(stdout).toBe('mine\n');
    expect(JSON.parse(stderr)).toEqual({
      version: 2,
      exit_code: 1,
      deliveries: { pending: 0, delivered: 0, exhausted: 0 },
      to_built_in_receiver: 0,
      refused: 0,
      assumptions: [],
    });
  });
});

test('its output may go to whoever stops reading', async () => {
  const child = spawn(
    'sh',
    ['-c', `'${process.execPath}' '${CARVOS}' exec -- seq 1 100000 2>/dev/null | head -1`],
    { cwd: tempFolder() },
  );
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  expect(text).toBe('1\n');
});

async function startReceiver(status = 200): Promise<{ url: string }> {
  const serving = await serveHttp((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status).end());
  });
  return { url: `${serving.url}/hook` };
}

/** What carvos may have left in the folder for temporary files; tests of others have names of their own. */
function carvosTemp(): string[] {
  const { stdout } = spawnSync('ls', [tmpdir()], { encoding: 'utf8' });
  return stdout.split('\n').filter((name) => /^carvos-(?:snapshot|exec)/.test(name));
}
