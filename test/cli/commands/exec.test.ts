import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli, runProgram } from '../../support/program.ts';
import { PYTHON_CHILD, run, sh, startReceiver } from './run-exec.ts';

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

  test('a file that is no program is one, a folder of its name is none, as for a shell', async () => {
    // Of a folder the system says what it says of one on the PATH that may not be looked into: EACCES.
    const folder = tempFolder({ notes: '' });
    mkdirSync(join(folder, 'pytset'));
    const env = { PATH: `${process.env.PATH}${delimiter}${folder}` };
    const tried = async (name: string) => {
      const { code, stderr } = await runCli(['exec', '--', name], { cwd: tempFolder(), env });
      return [code, stderr.split('\n')[0]];
    };
    expect(await tried('pytset')).toEqual([127, 'error: there is no command pytset']);
    expect(await tried('notes')).toEqual([126, 'error: cannot run notes: EACCES']);
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
      'carvos() { "$node" "$file" "$@"; }; node=$0 file=$1; carvos send candidate.created --wait >/dev/null 2>&1; carvos status --json';
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

test('its output may go to whoever stops reading', async () => {
  const { stdout } = await runProgram(
    'sh',
    ['-c', `'${process.execPath}' '${CARVOS}' exec -- seq 1 100000 2>/dev/null | head -1`],
    { cwd: tempFolder() },
  );
  expect(stdout).toBe('1\n');
});
