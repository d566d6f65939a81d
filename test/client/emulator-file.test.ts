import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import {
  claimEmulatorFile,
  emulatorFilePath,
  findEmulator,
  pageFilePath,
  readEmulatorFile,
  removeEmulatorFile,
  writeEmulatorFile,
} from '../../src/client/emulator-file.ts';
import type { ClockView, StatusView } from '../../src/contract/control.ts';
import { tempFolder } from '../support/folder.ts';
import { runCli } from '../support/program.ts';
import { serveHttp } from '../support/receiver.ts';

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});

const content = (pid = process.pid) => ({
  url: 'http://127.0.0.1:4010',
  token: 'tok',
  pid,
  started_at: '2026-11-23T10:00:00Z',
});

const CLOCK: ClockView = { version: 2, mode: 'max', speed: null, schedule_ms: 0, pending: 0, next: null };
const STATUS = {
  version: 2,
  carvos: '0.1.0',
  gateway_id: 'gw',
  url: 'http://127.0.0.1:4010',
  pid: 1,
  database: ':memory:',
  started_at: '2026-11-23T10:00:00.000Z',
  events: 0,
  jobs: { queued: 0, running: 0, done: 0, failed: 0 },
  deliveries: { pending: 0, delivered: 0, exhausted: 0 },
  clock: CLOCK,
  assumptions: { relied_on: 0, total: 0 },
  facts: [],
  ats: [],
} satisfies StatusView;

/** A server that answers by the token, or 401. */
async function answering(statuses: Record<string, number>): Promise<string> {
  const serving = await serveHttp((request, response) => {
    response.writeHead(statuses[request.headers.authorization ?? ''] ?? 401).end(JSON.stringify(STATUS));
  });
  return `${serving.url}`;
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return child.pid!;
}

test('written for its owner only, found from folders below, removed', () => {
  mkdirSync(join(folder, '.carvos'), { mode: 0o755 });
  const path = writeEmulatorFile(folder, content());
  expect(statSync(join(folder, '.carvos')).mode & 0o777).toBe(0o700);
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const below = join(folder, 'app', 'src');
  mkdirSync(below, { recursive: true });
  expect(findEmulator(below, {})).toEqual({ found: true, url: 'http://127.0.0.1:4010', token: 'tok', path });

  // With the page that `carvos open` left, which holds the token too.
  writeFileSync(pageFilePath(path), '');
  removeEmulatorFile(folder);
  expect(readdirSync(join(folder, '.carvos'))).toEqual(['.gitignore']);
  expect(findEmulator(below, {})).toMatchObject({ found: false, reason: 'missing' });
});

test('a file that was readable to others becomes its owner’s when written again', () => {
  mkdirSync(join(folder, '.carvos'));
  writeFileSync(emulatorFilePath(folder), '{}', { mode: 0o644 });
  writeEmulatorFile(folder, content());
  expect(statSync(emulatorFilePath(folder)).mode & 0o777).toBe(0o600);
});

test('the file of a process that is gone is said to be stale, and does not hide a live one further up', async () => {
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  const pid = await deadPid();
  writeEmulatorFile(inner, content(pid));
  const lookup = findEmulator(inner, {});
  expect(lookup).toMatchObject({ found: false, reason: 'stale' });
  expect(!lookup.found && lookup.message).toContain(`process ${pid}`);

  const live = writeEmulatorFile(folder, content());
  expect(findEmulator(inner, {})).toMatchObject({ found: true, path: live });
  // Nor does one that is cut off in the middle, nor what is no folder.
  writeFileSync(emulatorFilePath(inner), '{"url":"http://127');
  expect(findEmulator(inner, {})).toMatchObject({ found: true, path: live });
  rmSync(join(inner, '.carvos'), { recursive: true });
  writeFileSync(join(inner, '.carvos'), '');
  expect(findEmulator(inner, {})).toMatchObject({ found: true, path: live });
  removeEmulatorFile(folder);
  expect(findEmulator(inner, {})).toMatchObject({ found: false, reason: 'missing' });
});

test('a file of another process is left alone, and a broken one is said to be broken', async () => {
  const path = writeEmulatorFile(folder, content(await deadPid()));
  removeEmulatorFile(folder);
  expect(existsSync(path)).toBe(true);
  for (const broken of [
    '{"url":',
    '',
    '[]',
    'null',
    ...[{ url: 'no address' }, { token: 7 }, { pid: '7' }].map((part) =>
      JSON.stringify({ ...content(), ...part }),
    ),
  ]) {
    writeFileSync(path, broken);
    expect(findEmulator(folder, {})).toMatchObject({ found: false, reason: 'unreadable' });
  }
});

test.skipIf(process.platform === 'win32')('a pipe in its place is not waited for', async () => {
  mkdirSync(join(folder, '.carvos'));
  execFileSync('mkfifo', [emulatorFilePath(folder)]);
  const run = await runCli(['status'], { cwd: folder });
  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read') });
});

test("another user's file is not called broken: its gateway may well run", () => {
  const path = writeEmulatorFile(folder, content());
  const { readFileSync } = fs;
  onTestFinished(() => {
    fs.readFileSync = readFileSync;
    syncBuiltinESMExports();
  });
  // What the system answers to all but root.
  fs.readFileSync = (() => {
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  }) as unknown as typeof readFileSync;
  syncBuiltinESMExports();
  expect(findEmulator(folder, {})).toMatchObject({
    reason: 'unreadable',
    message: `${path} cannot be read: permission denied`,
    next: expect.stringContaining('be the user who started it'),
  });
});

test('the environment wins over the file, and half of it is not enough', () => {
  writeEmulatorFile(folder, content());
  expect(findEmulator(folder, { CARVOS_URL: 'http://gw:4010', CARVOS_CONTROL_TOKEN: 'other' })).toEqual({
    found: true,
    url: 'http://gw:4010',
    token: 'other',
    path: null,
  });
  // A gateway's URL alone, which an ATS's own settings may hold, hides nothing.
  expect(findEmulator(folder, { CARVOS_URL: 'http://gw:4010' })).toMatchObject({ found: true, token: 'tok' });
  removeEmulatorFile(folder);
  expect(findEmulator(folder, { CARVOS_URL: 'http://gw:4010' })).toMatchObject({
    found: false,
    reason: 'incomplete-environment',
  });
});

test('a second emulator leaves the file of a live one alone, and takes over that of a dead one', async () => {
  // Process 1 is always there.
  const other = { ...content(1), url: await answering({ 'Bearer tok': 200 }) };
  writeEmulatorFile(folder, other);
  expect(await claimEmulatorFile(folder, content())).toMatchObject({ pid: 1 });
  expect(findEmulator(folder, {})).toMatchObject({ found: true });
  removeEmulatorFile(folder);
  expect(existsSync(emulatorFilePath(folder))).toBe(true);

  writeEmulatorFile(folder, content(await deadPid()));
  expect(await claimEmulatorFile(folder, content())).toBeNull();
});

test('one that lives and is too busy to answer keeps its file; a broken file is nobody’s', async () => {
  const { url } = await serveHttp(() => {});
  const path = writeEmulatorFile(folder, { ...content(1), url });
  expect(await claimEmulatorFile(folder, content())).toMatchObject({ pid: 1 });
  writeFileSync(path, '{"url":');
  expect(await claimEmulatorFile(folder, content())).toBeNull();
  expect(findEmulator(folder, {})).toMatchObject({ found: true, token: 'tok' });
});

test('a file that another emulator writes in the moment of a removal stays', () => {
  const path = writeEmulatorFile(folder, content());
  const { readFileSync } = fs;
  onTestFinished(() => {
    fs.readFileSync = readFileSync;
    syncBuiltinESMExports();
  });
  fs.readFileSync = ((...args: Parameters<typeof readFileSync>) => {
    const text = readFileSync(...args);
    fs.readFileSync = readFileSync;
    syncBuiltinESMExports();
    writeEmulatorFile(folder, content(1));
    return text;
  }) as typeof readFileSync;
  syncBuiltinESMExports();
  removeEmulatorFile(folder);
  expect(readEmulatorFile(path)).toMatchObject({ pid: 1 });
  expect(readdirSync(join(folder, '.carvos')).sort()).toEqual(['.gitignore', 'emulator.json']);
});

test.each([
  ['nothing listens there', async () => 'http://127.0.0.1:1'],
  ['another program has the address', () => answering({ 'Bearer other': 200 })],
  ['it is our own address', async () => content().url],
  ['it is no address', async () => 'x'],
])('a file whose process number lives on in another program is taken over: %s', async (_, urlOf) => {
  writeEmulatorFile(folder, { ...content(1), url: await urlOf() });
  expect(await claimEmulatorFile(folder, content())).toBeNull();
  expect(findEmulator(folder, {})).toMatchObject({ found: true, url: content().url });
});
