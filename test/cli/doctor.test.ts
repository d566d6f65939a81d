import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadValidConfig } from '../../src/cli/config/load.ts';
import { checkPort } from '../../src/cli/doctor/folder.ts';
import { abortsOn, checkNode } from '../../src/cli/doctor/installation.ts';
import { startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, ROOT, runCli, runProgram } from '../support/program.ts';
import { serveHttp, unusedUrl } from '../support/receiver.ts';

interface Report {
  ok: boolean;
  findings: { check: string; state: string; what: string; mend?: string }[];
}

async function examine(cwd: string, env: Record<string, string> = {}, cli = CARVOS) {
  const path = { PATH: '/usr/bin:/bin', ...env };
  const { code, stdout, stderr } =
    cli === CARVOS
      ? await runCli(['doctor', '--json'], { cwd, env: path })
      : await runProgram(process.execPath, [cli, 'doctor', '--json'], { cwd, env: path });
  expect(stderr).toBe('');
  const report = JSON.parse(stdout) as Report;
  const find = (check: string) => report.findings.find((one) => one.check === check);
  return { code, ok: report.ok, find, wrong: report.findings.filter(({ state }) => state === 'wrong') };
}

const configFile = (fields: object) => ({ 'carvos.config.json': JSON.stringify(fields) });
const FREE = configFile({ port: 0 });

test('nothing is wrong with an installation that works', async () => {
  const { code, ok, wrong, find } = await examine(tempFolder(FREE));
  expect(wrong).toEqual([]);
  expect([code, ok]).toEqual([0, true]);
  expect(find('database')).toMatchObject({ state: 'ok', what: expect.stringContaining('SQLite 3.') });
  expect(find('clock')).toMatchObject({ state: 'skipped' });
});

test('a person reads a line for each, and what to do', async () => {
  const cwd = tempFolder(FREE);
  const env = { PATH: '/usr/bin:/bin', HTTP_PROXY: 'http://proxy.example:3128' };
  const { code, stdout } = await runCli(['doctor'], { cwd, env });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ok +database +better-sqlite3 loads/m);
  expect(stdout).toMatch(/^wrong +proxy .*HTTP_PROXY/m);
  expect(stdout).toMatch(/^ +next: export NO_PROXY=localhost,127\.0\.0\.1 /m);
  expect(stdout).not.toContain('proxy.example');
});

test.each(['21.7.3', '18.20.8', '25.5.0'])('Node %s is of no line that is tested', (version) => {
  expect(checkNode(version)).toMatchObject({ state: 'wrong', mend: expect.stringContaining('24, 26') });
});

test.each([
  ['is missing', () => {}, /npm install-scripts approve better-sqlite3/],
  [
    'is for another machine',
    (folder: string) => {
      mkdirSync(join(folder, 'build/Release'), { recursive: true });
      writeFileSync(join(folder, 'build/Release/better_sqlite3.node'), 'not a library');
    },
    /npm rebuild better-sqlite3/,
  ],
])('an addon that %s', async (_how, put, mend) => {
  const home = tempFolder();
  const modules = join(home, 'node_modules');
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(join(ROOT, name), join(home, name), { recursive: true });
  mkdirSync(modules);
  const original = join(ROOT, 'node_modules/better-sqlite3');
  for (const name of ['lib', 'package.json'])
    cpSync(join(original, name), join(modules, 'better-sqlite3', name), { recursive: true });
  for (const name of ['bindings', 'file-uri-to-path'])
    cpSync(join(ROOT, 'node_modules', name), join(modules, name), { recursive: true });
  put(join(modules, 'better-sqlite3'));
  const { code, find } = await examine(tempFolder(FREE), {}, join(home, 'bin/carvos.cjs'));
  expect(code).toBe(1);
  expect(find('database')).toMatchObject({ state: 'wrong', mend: expect.stringMatching(mend) });
});

test.each([
  ['24.18.1', 'RemoveEnvironmentCleanupHook', false],
  ['24.19.0', 'RemoveEnvironmentCleanupHook', true],
  ['24.21.0', 'RemoveEnvironmentCleanupHook', true],
  ['24.21.0', 'AddEnvironmentCleanupHook', false],
  ['24.22.0', 'RemoveEnvironmentCleanupHook', false],
  ['26.12.1', 'RemoveEnvironmentCleanupHook', false],
])('on Node %s an addon that calls %s aborts: %s', (version, symbol, aborts) => {
  expect(abortsOn(version, () => Buffer.from(`\x7fELF\0${symbol}\0`))).toBe(aborts);
});

test('two versions on the PATH', async () => {
  const folders = ['9.9.9', '0.1.0'].map((version) => {
    const folder = tempFolder({ carvos: `#!/bin/sh\necho ${version}\n` });
    chmodSync(join(folder, 'carvos'), 0o755);
    return folder;
  });
  const { wrong } = await examine(tempFolder(FREE), { PATH: `${folders.join(':')}:/usr/bin:/bin` });
  expect(wrong).toEqual([
    expect.objectContaining({
      check: 'versions',
      what: expect.stringContaining(`${folders[0]}/carvos is 9.9.9`),
    }),
  ]);
  expect(wrong[0]!.what).not.toContain(folders[1]);
});

test('a link to the same carvos is no second one', async () => {
  const folder = tempFolder();
  chmodSync(CARVOS, 0o755);
  symlinkSync(CARVOS, join(folder, 'carvos'));
  const node = join(process.execPath, '..');
  expect((await examine(tempFolder(FREE), { PATH: `${folder}:${node}:/usr/bin:/bin` })).wrong).toEqual([]);
});

test('proxies that are told to leave loopback alone are right', async () => {
  const env = { https_proxy: 'http://proxy.example:3128', no_proxy: 'localhost,127.0.0.1' };
  expect((await examine(tempFolder(FREE), env)).find('proxy')).toMatchObject({ state: 'ok' });
});

test('a proxy for https:// alone is right beside a gateway at http://, and wrong beside one at https://', async () => {
  const env = { HTTPS_PROXY: 'http://proxy.example:3128' };
  expect((await examine(tempFolder(FREE), env)).find('proxy')).toEqual({
    check: 'proxy',
    state: 'ok',
    what: 'HTTPS_PROXY, not for http://, which the gateway speaks',
  });
  const tls = { ...env, CARVOS_URL: 'https://localhost:4010', CARVOS_CONTROL_TOKEN: 'x' };
  expect((await examine(tempFolder(FREE), tls)).find('proxy')).toMatchObject({ state: 'wrong' });
  const both = { ALL_PROXY: 'http://proxy.example:3128' };
  expect((await examine(tempFolder(FREE), both)).find('proxy')).toMatchObject({ state: 'wrong' });
});

test('a config file with a mistake is one of the findings', async () => {
  const { code, wrong } = await examine(tempFolder(configFile({ port: 'many' })));
  expect(code).toBe(1);
  expect(wrong).toEqual([
    expect.objectContaining({
      check: 'config',
      what: expect.stringMatching(/not valid: .*carvos\.config\.json:1 +port: /),
    }),
  ]);
});

test('a file where the folder of the database should be', async () => {
  const cwd = tempFolder({ ...FREE, '.carvos': '' });
  expect((await examine(cwd)).find('folder')).toMatchObject({
    state: 'wrong',
    mend: expect.stringContaining('--db'),
  });
});

test('secrets that other users can read', async () => {
  const cwd = tempFolder({ ...FREE, '.env': 'CARVOS_API_KEY=x\n' });
  chmodSync(join(cwd, '.env'), 0o644);
  const { find } = await examine(cwd);
  expect(find('folder')).toMatchObject({ state: 'wrong', mend: `chmod go= ${join(cwd, '.env')}` });
  await runProgram('sh', ['-c', find('folder')!.mend!]);
  expect((await examine(cwd)).wrong).toEqual([]);
});

test('a port that another program has, and that of the own gateway', async () => {
  const { port } = await serveHttp(() => {});
  const { wrong } = await examine(tempFolder(configFile({ port })));
  expect(wrong).toEqual([
    expect.objectContaining({ check: 'port', what: `another program has 127.0.0.1:${port}` }),
  ]);

  const cwd = tempFolder();
  const dev = await startDev(cwd, []);
  writeFileSync(join(cwd, 'carvos.config.json'), JSON.stringify({ port: Number(new URL(dev.url).port) }));
  const own = await examine(cwd);
  expect(own.wrong).toEqual([]);
  expect(own.find('gateway')).toMatchObject({ what: `runs at ${dev.url}` });
});

test('where nobody chose the port, dev takes the next free one', async () => {
  const { port } = await serveHttp(() => {});
  const io = { cwd: tempFolder(), env: {} };
  const config = await loadValidConfig(io, {});
  expect(await checkPort(io, { ...config, port }, false)).toMatchObject({
    state: 'ok',
    what: `another program has 127.0.0.1:${port}: carvos dev takes the next free one`,
  });
});

test('what a gateway that was killed left behind', async () => {
  const cwd = tempFolder(FREE);
  const dev = await startDev(cwd, []);
  await dev.program.end('SIGKILL');
  const { find } = await examine(cwd);
  expect(find('gateway')).toMatchObject({ state: 'wrong', what: expect.stringContaining('is stale') });
  expect(find('gateway')!.mend).toContain(join(cwd, '.carvos/emulator.json'));
});

test('a gateway whose process number another program has by now', async () => {
  const cwd = tempFolder(FREE);
  const dev = await startDev(cwd, []);
  await dev.program.end('SIGKILL');
  const file = join(cwd, '.carvos/emulator.json');
  const left = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...left, pid: process.pid }));
  const { wrong } = await examine(cwd);
  expect(wrong).toMatchObject([
    { check: 'gateway', what: `${file}: cannot reach the gateway at ${left.url} (refused)` },
  ]);
  expect(wrong[0]!.mend).toContain('process number');
});

test.each([
  ['agrees', 0, 'ok', /agrees/],
  ['is ahead', 600_000, 'wrong', /(59\d|60\d) s ahead of this machine's/],
  ['is behind', -600_000, 'wrong', /(59\d|60\d) s behind this machine's/],
])('the clock of a receiver that %s', async (_how, offsetMs, state, what) => {
  const { url } = await serveHttp((_request, response) => {
    response
      .setHeader('Date', new Date(Date.now() + offsetMs).toUTCString())
      .writeHead(405)
      .end();
  });
  const config = configFile({ port: 0, ats: [{ id: 'demo-ats', webhookUrl: `${url}/hook` }] });
  const { code, find } = await examine(tempFolder(config));
  expect(find('clock')).toMatchObject({ state, what: expect.stringMatching(what) });
  expect(code).toBe(state === 'ok' ? 0 : 1);
});

test('the receiver that a flag of dev names is asked, not that of the config file', async () => {
  const { url } = await serveHttp((_request, response) => {
    response
      .setHeader('Date', new Date(Date.now() - 600_000).toUTCString())
      .writeHead(405)
      .end();
  });
  const cwd = tempFolder(configFile({ port: 0, ats: [{ id: 'demo-ats', webhookUrl: await unusedUrl() }] }));
  await startDev(cwd, ['--db', ':memory:', '--webhook-url', url]);
  const { find } = await examine(cwd);
  expect(find('clock')).toMatchObject({ state: 'wrong', what: expect.stringContaining(url) });
});

test('a receiver that does not run is no fault of the installation', async () => {
  const config = configFile({ port: 0, ats: [{ id: 'demo-ats', webhookUrl: await unusedUrl() }] });
  const { code, find } = await examine(tempFolder(config));
  expect([code, find('clock')!.state]).toEqual([0, 'skipped']);
});
