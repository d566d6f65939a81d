import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { candidateCreated, postWebhook, startDevAlone } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, runCli, spawnProgram } from '../support/program.ts';
import { createRandom } from '../support/random.ts';
import { serve } from '../support/receiver.ts';

const KILL = fileURLToPath(new URL('../support/kill-at-rename.cjs', import.meta.url));

/** Everything below a folder, without what a database has beside it while it is open. */
function list(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .filter((name) => !/\.db-(?:wal|shm|lock)$/.test(name))
    .sort();
}
/** While drafts come and go. */
const isDrafting = (...folders: string[]) =>
  folders.some((folder) => readdirSync(folder, { recursive: true }).join().includes('carvos-tmp'));
const drafts = (folder: string) => list(folder).filter((name) => name.includes('carvos-tmp'));

/** Folder of a project, and the system's folder for temporary files as its programs see it. */
function places() {
  const root = tempFolder();
  const cwd = join(root, 'project');
  const temp = join(root, 'tmp');
  for (const folder of [cwd, temp]) mkdirSync(folder);
  return { cwd, temp, env: { TMPDIR: temp } };
}

/** Runs a command that is killed when it would put a file in place. */
async function killAtRename(cwd: string, args: string[], env: Record<string, string>, at: string) {
  const program = spawnProgram(process.execPath, ['--require', KILL, CARVOS, ...args], {
    cwd,
    env: { ...env, KILL_AT: at },
  });
  expect(await program.waitForExit()).toEqual({ code: null, signal: 'SIGKILL' });
}

test.each([
  ['the config file', 'config\\.json$'],
  ['.env', '\\.env$'],
  ['.gitignore', '\\.gitignore$'],
])('init that is killed while it writes %s can be run again, and leaves nothing', async (_, at) => {
  const { cwd, temp, env } = places();
  writeFileSync(join(cwd, '.env'), 'OWN=1\n');
  writeFileSync(join(cwd, '.gitignore'), 'node_modules\n');
  await killAtRename(cwd, ['init'], env, at);
  const [draft] = drafts(cwd);
  expect(statSync(join(cwd, draft!)).isFile()).toBe(true);
  expect(readFileSync(join(cwd, '.env'), 'utf8')).toMatch(/^OWN=1\n/);
  expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toMatch(/^node_modules\n/);
  expect((await runCli(['init', '--force'], { cwd, env })).code).toBe(0);
  expect(list(cwd)).toEqual(['.env', '.gitignore', 'carvos.config.json']);
  expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('node_modules\n.env\n.carvos/\n*.carvos-tmp*\n');
  expect(list(temp)).toEqual([]);
});

test('a save and a rotation that are killed leave nothing after the next one', async () => {
  const { cwd, temp, env } = places();
  expect((await runCli(['init'], { cwd, env })).code).toBe(0);
  const dev = await startDevAlone(cwd, [], env);

  await killAtRename(cwd, ['snapshot', 'save', 'state.db'], env, 'state\\.db$');
  const [left] = drafts(cwd);
  expect(left).toMatch(/^state\.db\.\d+\.[0-9a-f]+\.carvos-tmp$/);
  expect(statSync(join(cwd, left!)).mode & 0o777).toBe(0o600);
  expect((await runCli(['snapshot', 'save', 'state.db'], { cwd, env })).code).toBe(0);
  expect(drafts(cwd)).toEqual([]);

  const rotate = ['config', 'rotate', 'incoming-secret', '--write-env'];
  await killAtRename(cwd, rotate, env, '\\.env$');
  expect(drafts(cwd)).toHaveLength(1);
  expect((await runCli(rotate, { cwd, env })).code).toBe(0);

  expect(await dev.program.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(list(cwd)).toEqual([
    '.carvos/.gitignore',
    '.carvos/carvos.db',
    '.env',
    '.gitignore',
    'carvos.config.json',
    'state.db',
  ]);
  expect(list(temp)).toEqual([]);
});

test('a save in progress leaves nothing when it is told to end, and when it is killed nothing after the next one', async () => {
  const { cwd, temp, env } = places();
  const endless = await serve((_heard, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.sqlite3' });
    response.write(Buffer.alloc(100_000));
  });
  const isBegun = () => drafts(cwd).some((name) => statSync(join(cwd, name)).size > 0);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    const program = spawnProgram(process.execPath, [CARVOS, 'snapshot', 'save', 'state.db'], {
      cwd,
      env: { ...env, CARVOS_URL: endless.url, CARVOS_CONTROL_TOKEN: 'token' },
    });
    await program.waitUntil(isBegun, 'the first bytes');
    program.kill(signal);
    await program.waitForExit();
    expect(drafts(cwd), signal).toHaveLength(signal === 'SIGKILL' ? 1 : 0);
  }
  const again = await runCli(['snapshot', 'save', 'state.db'], { cwd, env });
  expect(again.code).toBe(2); // nothing runs here
  await startDevAlone(cwd, ['--db', ':memory:'], env);
  expect((await runCli(['snapshot', 'save', 'state.db'], { cwd, env })).code).toBe(0);
  expect(drafts(cwd)).toEqual([]);
  // The gateway removes its copy when the last byte has left, which may be after it has arrived.
  await expect.poll(() => list(temp)).toEqual([]);
});

test.each(['own.db', ':memory:'])(
  'a gateway on %s that is killed in saves and restores',
  async (db) => {
    const { cwd, temp, env } = places();
    const random = createRandom(16);
    let left = 0;
    const args = ['--db', db];
    const first = await startDevAlone(cwd, args, env);
    const pad = 'x'.repeat(400_000);
    for (let i = 0; i < 10; i++) await postWebhook(first, candidateCreated(`c-${i}`, { pad }));
    const headers = { authorization: `Bearer ${first.token}` };
    const snapshot = await (await fetch(`${first.url}/_carvos/v1/snapshot`, { headers })).arrayBuffer();
    await first.program.end('SIGKILL');
    for (let round = 0; round < 4 || (left === 0 && round < 12); round++) {
      const dev = await startDevAlone(cwd, args, env);
      const found = [...drafts(cwd), ...drafts(temp)];
      expect(found, `before round ${round}`).toEqual([]);
      const url = `${dev.url}/_carvos/v1/snapshot`;
      const headers = { authorization: `Bearer ${dev.token}` };
      const save = () => fetch(url, { headers }).then((answer) => answer.arrayBuffer());
      const restore = () => fetch(url, { method: 'PUT', headers, body: snapshot });
      // One after the other, until the kill ends it.
      const work = async (): Promise<void> => {
        const ended = await Promise.allSettled([restore(), save()]);
        if (ended.every(({ status }) => status === 'fulfilled')) await work();
      };
      const ended = work();
      // In the middle of a draft, however busy the machine; and at any moment.
      if (round % 2 === 0) await dev.program.waitUntil(() => isDrafting(cwd, temp), 'a draft');
      else await new Promise((resolve) => setTimeout(resolve, random() * 300));
      await dev.program.end('SIGKILL');
      await ended;
      for (const folder of [cwd, temp]) {
        left += drafts(folder).length;
        for (const name of drafts(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
      }
    }
    expect(left, 'kills that left something').toBeGreaterThan(0);
    const last = await startDevAlone(cwd, args, env);
    await last.program.end('SIGTERM');
    const own = '.carvos/.gitignore';
    expect(list(cwd)).toEqual(db === ':memory:' ? [own] : [own, db]);
    expect(list(temp)).toEqual([]);
  },
  120_000,
);
