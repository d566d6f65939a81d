import { existsSync, lstatSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { candidateCreated, postWebhook, startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli, runProgram, startCarvos } from '../../support/program.ts';

const ARGS = ['--db', 'carvos.db', '--speed', 'max'];

test('a database that is none is refused in plain words', async () => {
  const cwd = tempFolder({ 'text.db': 'this is no database, but long enough to be looked at. '.repeat(50) });
  const text = await runCli(['dev', '--port', '0', '--db', 'text.db'], { cwd });
  expect(text.code).toBe(2);
  expect(text.stderr).toMatch(/text\.db is not a database that SQLite can read: move it away/);
  expect(text.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  expect(existsSync(join(cwd, '.carvos', 'emulator.json'))).toBe(false);
});

test('snapshot save, reset and restore: there and back', async () => {
  const cwd = tempFolder();
  const dev = await startDev(cwd, ARGS);
  for (let i = 0; i < 3; i++) await postWebhook(dev, candidateCreated(`c-${i}`));
  const wait = async (events: number) =>
    expect
      .poll(async () => JSON.parse((await runCli(['status', '--json'], { cwd })).stdout))
      .toMatchObject({ events, deliveries: { pending: 0, delivered: events } });
  await wait(3);

  const saved = await runCli(['snapshot', 'save', 'state.db'], { cwd });
  expect(saved).toMatchObject({ code: 0 });
  expect(saved.stdout).toMatch(/^saved state\.db, \d+ KiB, with secrets/);
  const file = join(cwd, 'state.db');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await runCli(['snapshot', 'save', 'state.db'], { cwd });
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('exists already')]);
  const bare = await runCli(['snapshot', 'save', 'bare.db', '--without-secrets', '--json'], { cwd });
  expect(JSON.parse(bare.stdout)).toMatchObject({ version: 2, secrets: false, bytes: expect.any(Number) });
  const db = new Database(join(cwd, 'bare.db'), { readonly: true });
  expect(db.prepare('SELECT count(*) FROM secret').pluck().get()).toBe(0);
  expect(db.prepare('SELECT count(*) FROM event').pluck().get()).toBe(3);
  db.close();

  const asked = await runCli(['reset'], { cwd });
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('add --yes')]);
  await wait(3);
  const reset = await runCli(['reset', '--yes', '--json'], { cwd });
  expect(JSON.parse(reset.stdout)).toMatchObject({ events: 0 });

  const unasked = await runCli(['snapshot', 'restore', 'state.db'], { cwd });
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('add --yes')]);
  const restored = await runCli(['snapshot', 'restore', 'state.db', '--yes'], { cwd });
  expect(restored).toMatchObject({ code: 0 });
  expect(restored.stdout).toContain('3 incoming events, deliveries: 0 pending, 3 delivered');
  expect((await postWebhook(dev, candidateCreated('after'))).status).toBe(202);
  await wait(4);

  writeFileSync(join(cwd, 'junk.db'), 'junk');
  const junk = await runCli(['snapshot', 'restore', 'junk.db', '--yes'], { cwd });
  expect([junk.code, junk.stderr]).toEqual([2, expect.stringContaining('This is not a snapshot of carvos')]);
  const missing = await runCli(['snapshot', 'restore', 'nowhere.db'], { cwd });
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('no such file')]);
  await wait(4);

  await runCli(['reset', '--yes'], { cwd });
  await postWebhook(dev, candidateCreated('only'));
  await wait(1);
  await runCli(['snapshot', 'save', 'one.db'], { cwd });
  const one = await runCli(['snapshot', 'restore', 'one.db', '--yes'], { cwd });
  expect(one.stdout).toContain('restored one.db: 1 incoming event, deliveries');
});

test.skipIf(!existsSync('/proc/self/mem'))('a snapshot file that cannot be read is named', async () => {
  const cwd = tempFolder();
  await startDev(cwd, ARGS);
  const { code, stderr } = await runCli(['snapshot', 'restore', '/proc/self/mem', '--yes'], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining('cannot read /proc/self/mem: ')]);
});

test('--force replaces a file, and nothing else that has the name', async () => {
  const cwd = tempFolder();
  await startDev(cwd, ARGS);
  const socket = createServer().listen(join(cwd, 'state.sock'));
  onTestFinished(() => void socket.close());
  symlinkSync('state.sock', join(cwd, 'link'));
  for (const name of ['state.sock', 'link']) {
    const saved = await runCli(['snapshot', 'save', name, '--force'], { cwd });
    expect([saved.code, saved.stderr]).toEqual([2, expect.stringContaining('is not a file')]);
  }
  expect(lstatSync(join(cwd, 'state.sock')).isSocket()).toBe(true);
  expect(lstatSync(join(cwd, 'link')).isSymbolicLink()).toBe(true);
});

test('without a gateway snapshot and reset say so, and leave no file', async () => {
  const cwd = tempFolder();
  const saved = await runCli(['snapshot', 'save', 'x.db'], { cwd });
  expect([saved.code, saved.stderr]).toEqual([2, expect.stringContaining('no gateway is running')]);
  expect(existsSync(join(cwd, 'x.db'))).toBe(false);
  expect((await runCli(['reset', '--yes'], { cwd })).code).toBe(2);
});

test('inFlight in the config file: checked, and half of it is enough', async () => {
  const wrong = tempFolder({ 'carvos.config.json': '{\n  "inFlight": { "perReceiver": 0, "overal": 5 }\n}' });
  const refused = await runCli(['dev', '--port', '0', '--db', ':memory:'], { cwd: wrong });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/inFlight\.perReceiver: must be a whole number from 1 to 10000/);
  expect(refused.stderr).toMatch(/overal.*Did you mean overall\?/s);

  const cwd = tempFolder();
  writeFileSync(join(cwd, 'carvos.config.json'), '{ "inFlight": { "perReceiver": 3 } }');
  const dev = await startDev(cwd, ['--db', ':memory:']);
  expect((await postWebhook(dev, candidateCreated('one'))).status).toBe(202);
});

test('where no snapshot can be made, the folder and what to do are said', async () => {
  const cwd = tempFolder({ blocked: '', 'state.db': 'not looked at' });
  const env = { TMPDIR: join(cwd, 'blocked') };
  for (const act of [
    ['save', 'saved.db'],
    ['restore', 'state.db', '--yes'],
  ]) {
    const args = ['exec', '--', process.execPath, CARVOS, 'snapshot', ...act];
    const { code, stderr } = await startCarvos(args, { cwd, env }).ended;
    expect(stderr).toContain(
      `No snapshot can be made in ${env.TMPDIR} (ENOTDIR): set TMPDIR of the gateway to a folder that it can write to`,
    );
    expect(code).toBe(4);
  }
  expect(existsSync(join(cwd, 'saved.db'))).toBe(false);
});

test('on a terminal reset and restore ask, and only yes does it', async () => {
  const cwd = tempFolder({ 'state.db': '' });
  const dev = await startDev(cwd, ARGS);
  await postWebhook(dev, candidateCreated('kept'));
  const events = async () => JSON.parse((await runCli(['status', '--json'], { cwd })).stdout).events;
  // Python gives it a terminal, types an answer when it is asked, and ends with its exit code.
  const answer = (text: string, command = ['reset']) =>
    runProgram('python3', ['-c', TERMINAL, text, process.execPath, CARVOS, ...command], { cwd });
  // Ctrl-C and Ctrl-D are no as well.
  for (const key of ['n', '\x03', '\x04']) {
    const no = await answer(key);
    expect([no.code, no.stdout]).toEqual([1, expect.stringContaining('nothing was changed')]);
  }
  const no = await answer('n', ['snapshot', 'restore', 'state.db']);
  expect([no.code, no.stdout]).toEqual([1, expect.stringContaining('nothing was changed')]);
  expect(await events()).toBe(1);
  const yes = await answer('y');
  expect([yes.code, yes.stdout]).toEqual([0, expect.stringContaining('is empty again: demo-ats')]);
  expect(await events()).toBe(0);
});

const TERMINAL = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, typed = b"", False
while True:
    try:
        part = os.read(fd, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    if not typed and b"[y/N]" in seen:
        os.write(fd, sys.argv[1].encode() + b"\\n")
        typed = True
print(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
