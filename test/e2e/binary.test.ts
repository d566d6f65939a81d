import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { candidateCreated } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { ROOT, runProgram, spawnProgram } from '../support/program.ts';
import { havePrograms } from '../support/require-program.ts';
import { openTerminal } from '../support/tmux.ts';

// The program that needs no Node, as a user has it: in an empty folder, with a PATH where there is none.
const PROGRAM = join(ROOT, `dist-bin/carvos-${process.platform}-${process.arch}`);
const isBuilt = existsSync(PROGRAM);
if (!isBuilt) {
  process.stderr.write(
    '\n!!! SKIPPED: the program without Node. It is not built; npm run test:binary builds it, which takes minutes.\n\n',
  );
}

/** Nothing of this machine but a home, and a PATH without anything. */
function bare(home: string, more: Record<string, string> = {}) {
  const nothing = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return { ...nothing, HOME: home, PATH: join(home, 'empty'), ...more };
}

function place(files: Record<string, string | Buffer> = {}) {
  const home = tempFolder();
  const cwd = tempFolder(files);
  const run = (args: string[], more: Record<string, string> = {}, input?: string) =>
    runProgram(PROGRAM, args, { cwd, env: bare(home, more), input });
  async function dev(...args: string[]) {
    const program = spawnProgram(PROGRAM, ['dev', '--port', '0', ...args], { cwd, env: bare(home) });
    await program.waitForText(/http:\/\/127\.0\.0\.1:\d+/);
    const file = join(cwd, '.carvos/emulator.json');
    const { url, token } = await program.waitUntil(
      () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null),
      'its file',
    );
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
    return { program, url: url as string, token: token as string };
  }
  return { home, cwd, run, dev };
}

const SEND = ['send', 'candidate.created', '--wait', '--json'];
const sent = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1)!);

describe.skipIf(!isBuilt)('the program without Node', () => {
  test('says its version, signs, and completes, and writes nothing for it', async () => {
    const { home, run } = place();
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
    const signed = await run(['sign', '-', '--secret', 's', '--timestamp', '1'], {}, '{}');
    // By `printf '1.{}' | openssl dgst -sha256 -hmac s`.
    expect(signed.stdout).toBe('t=1,v1=b253639bcd705ed1cda3073f66104f16988bd40272584dea7d0d345ae93e61cc\n');
    const script = readFileSync(join(ROOT, 'dist/completions/carvos.bash'), 'utf8');
    expect((await run(['completion', 'bash'])).stdout).toBe(script);
    expect(readdirSync(home)).toEqual([]);
  });

  test('runs the whole loop, with the library in a folder for its owner', async () => {
    const { home, run, dev } = place();
    await dev('--speed', 'max');
    const { code, stdout } = await run(SEND);
    expect(code, stdout).toBe(0);
    expect(readdirSync(join(home, '.cache/carvos'))).toEqual([
      expect.stringMatching(/^better_sqlite3-[0-9a-f]{64}\.node$/),
    ]);
  });

  test('runs a command with exec, over TLS too', async () => {
    const { run } = place();
    for (const tls of [[], ['--tls']]) {
      const done = await run(['exec', ...tls, '--', PROGRAM, ...SEND]);
      expect(done.code, done.stderr).toBe(0);
      expect(sent(done.stdout)).toMatchObject({
        url: expect.stringMatching(tls.length > 0 ? /^https:/ : /^http:/),
      });
    }
  });

  test('serves the page and its files', async () => {
    const { url } = await place().dev();
    const page = await (await fetch(`${url}/_carvos/portal/`)).text();
    const names = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name!);
    expect(names).toHaveLength(3);
    for (const name of names) {
      const built = readFileSync(join(ROOT, 'dist', name.replace('/_carvos/', '')));
      expect(Buffer.from(await (await fetch(url + name)).arrayBuffer()).equals(built), name).toBe(true);
    }
  });

  test('reads the text of a PDF, and loads a module of the user', async () => {
    const module =
      'import { writeFileSync } from "node:fs";\nexport function process(job) {\n  writeFileSync("cv.txt", job.cv_text ?? "");\n  return { default: true };\n}\n';
    const { cwd, run, dev } = place({
      'ai.mjs': module,
      'carvos.config.json': JSON.stringify({ ai: { module: 'ai.mjs' } }),
      'cv.pdf': readFileSync(join(ROOT, 'fixtures/files/cv-nl.pdf')),
    });
    const { program } = await dev('--speed', 'max');
    const { code, stdout, stderr } = await run([...SEND, '--cv', 'cv.pdf']);
    expect(code, stdout + stderr).toBe(0);
    expect(readFileSync(join(cwd, 'cv.txt'), 'utf8')).toMatch(/Werkervaring/i);
    // The line of a syntax error is found by a process of carvos's own.
    writeFileSync(join(cwd, 'ai.mjs'), 'export function process(job) {\n  return {;\n}\n');
    await program.waitForText(/ai\.mjs:2: SyntaxError/);
  });

  test('reads a snapshot in a process of its own', async () => {
    const { run, dev } = place();
    await dev('--speed', 'max');
    expect((await run(SEND)).code).toBe(0);
    expect((await run(['snapshot', 'save', 'state.db'])).code).toBe(0);
    expect((await run(['reset', '--yes'])).code).toBe(0);
    const restored = await run(['snapshot', 'restore', 'state.db', '--yes']);
    expect(restored.code, restored.stderr).toBe(0);
    expect((await run(['deliveries', '--json'])).stdout).toContain('candidate.created');
  });

  test('looks a name up in a process of its own', async () => {
    const { run } = place({ 'body.json': candidateCreated('c-1') });
    const { code, stderr } = await run([
      'send',
      'body.json',
      '--url',
      'http://no-such.invalid/',
      '--live',
      '--secret',
      's',
    ]);
    expect([code, stderr]).toEqual([
      5,
      expect.stringMatching(/no-such\.invalid: the host name does not resolve/),
    ]);
  });

  test("leaves a user's NODE_OPTIONS to programs of theirs", async () => {
    const { run } = place();
    const options = { NODE_OPTIONS: '--require /nowhere.js' };
    expect((await run(['exec', '--', PROGRAM, ...SEND], options)).code).toBe(0);
  });

  test('says where its library cannot be kept, and what to do', async () => {
    const { cwd, home, run } = place();
    writeFileSync(join(home, 'blocked'), '');
    const blocked = join(home, 'blocked', 'carvos');
    const refused = await run(['exec', '--', PROGRAM, '--version'], {
      XDG_CACHE_HOME: join(home, 'blocked'),
    });
    expect([refused.code, refused.stderr]).toEqual([
      2,
      `error: cannot keep the database's library in ${blocked} (ENOTDIR)\n  next: set CARVOS_CACHE_DIR to another folder of yours\n`,
    ]);
    mkdirSync(join(cwd, 'mine'));
    const taken = await run(['exec', '--', PROGRAM, '--version'], { CARVOS_CACHE_DIR: join(cwd, 'mine') });
    expect(taken.code, taken.stderr).toBe(0);
    expect(readdirSync(join(cwd, 'mine'))).toHaveLength(1);
  });

  test('finds nothing wrong with itself, and gives editors the schema', async () => {
    const { cwd, run } = place({});
    expect((await run(['init'])).code).toBe(0);
    const { $schema } = JSON.parse(readFileSync(join(cwd, 'carvos.config.json'), 'utf8'));
    const copy = readFileSync(join(cwd, $schema), 'utf8');
    expect(copy).toBe(readFileSync(join(ROOT, 'dist/schemas/config.schema.json'), 'utf8'));
    expect((await run(['init', '--force', '--kit', 'pytest'])).code).toBe(0);
    expect(readdirSync(join(cwd, 'tests')).sort()).toEqual(['carvos_kit.py', 'test_carvos.py']);
    writeFileSync(join(cwd, 'carvos.config.json'), '{"port": 0}');
    const { code, stdout } = await run(['doctor']);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('inside the program');
  });

  test.skipIf(!havePrograms('carvos inspect of the program without Node', 'tmux'))(
    'shows the screen, alone and beside the gateway',
    async () => {
      const { home, cwd, dev } = place();
      await dev('--speed', 'max');
      const start = `env -i HOME=${home} PATH=${home} TERM=$TERM ${PROGRAM}`;
      const terminal = openTerminal(cwd, `${start} inspect; echo "ended $?"`);
      await terminal.waitFor(/No deliveries yet/);
      terminal.press('s');
      await terminal.waitFor(/Send a sample event/);
      terminal.press('candidate.cr', 'Enter');
      await terminal.waitFor(/candidate\.created +acme-corp ✓ 200/);
      terminal.press('q');
      await terminal.waitFor(/ended 0/);
      const both = openTerminal(tempFolder(), `${start} dev --tui --port 0; echo "ended $?"`);
      await both.waitFor(/No deliveries yet/);
      both.press('q');
      await both.waitFor(/ended 0/);
    },
  );
});
