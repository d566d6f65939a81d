import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli } from '../../support/program.ts';

const version = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')).version;

describe('the frame', () => {
  it('prints the version of package.json', async () => {
    expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('lists every command in its help', async () => {
    const { code, stdout } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
  });

  it('shows the help on standard error and ends with 2 when no command is given', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: carvos <command>');
  });

  it.each(['init', 'send', 'trigger', 'sign', 'verify', 'events', 'env'])(
    'shows examples in the help of %s',
    async (name) => {
      const { code, stdout } = await runCli([name, '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain('Examples:');
      for (const flag of ['--config', '--json', '--color', '--verbose']) expect(stdout).toContain(flag);
    },
  );

  it('suggests the nearest command, and option', async () => {
    const command = await runCli(['evnets']);
    expect(command.code).toBe(2);
    expect(command.stderr).toContain('Did you mean events?');
    const option = await runCli(['events', '--smaple']);
    expect(option.code).toBe(2);
    expect(option.stderr).toContain('Did you mean --sample?');
  });

  it('refuses a value that a flag does not have', async () => {
    const { code, stderr } = await runCli(['events', '--color', 'sometimes']);
    expect(code).toBe(2);
    expect(stderr).toContain('auto, always, never');
  });

  it('colours only when asked, and NO_COLOR beats FORCE_COLOR', async () => {
    const coloured = async (args: string[], env: Record<string, string> = {}) =>
      (await runCli(['events', ...args], { env })).stdout.includes('\x1b[');
    expect(await coloured([])).toBe(false);
    expect(await coloured(['--color', 'always'], { NO_COLOR: '1' })).toBe(true);
    expect(await coloured([], { FORCE_COLOR: '1' })).toBe(true);
    expect(await coloured([], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(await coloured(['--color', 'never'], { FORCE_COLOR: '1' })).toBe(false);
  });

  it('is quiet when the reader of its output goes away', async () => {
    // `true` is long gone when the first byte is written.
    const script = '{ "$0" "$1" events; echo "$?" >&2; } | true';
    const child = spawn('sh', ['-c', script, process.execPath, CARVOS]);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('0\n');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends with its code on %s', async (signal, code) => {
    // It waits for the end of its input, so it is surely still running.
    const child = spawn(process.execPath, [CARVOS, 'sign', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
    // The signal must not come before the handlers are there: writing until the pipe is drained tells.
    await new Promise<void>((resolve) => child.stdin.write(Buffer.alloc(1_000_000), () => resolve()));
    child.kill(signal);
    const ended = await new Promise((resolve) => child.on('close', resolve));
    expect(ended).toBe(code);
  });

  it('says what to do when it is not built', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'bin'));
    copyFileSync(CARVOS, join(folder, 'bin/carvos.cjs'));
    const child = spawn(process.execPath, [join(folder, 'bin/carvos.cjs'), '--version']);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(2);
    expect(stderr).toContain('npm run build');
  });

  it('keeps compiled code in the cache folder of the user, and none where there is no home folder', async () => {
    const preload = join(
      tempFolder({
        'preload.cjs': `require('node:module').enableCompileCache = (folder) => process.stderr.write(folder);
          if (process.env.HOME === 'unknown') require('node:os').homedir = () => { throw new Error('ENOENT'); };`,
      }),
      'preload.cjs',
    );
    const keptIn = async (env: Record<string, string>) => {
      const none = { HOME: '', XDG_CACHE_HOME: undefined, NODE_COMPILE_CACHE: undefined };
      const { code, stdout, stderr } = await runCli(['--version'], {
        env: { ...none, ...env, NODE_OPTIONS: `--require="${preload}"` },
      });
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
      return stderr;
    };
    expect(await keptIn({ XDG_CACHE_HOME: '/x' })).toBe('/x/carvos/compiled');
    expect(await keptIn({ HOME: '/h', XDG_CACHE_HOME: 'relative' })).toMatch(/^\/h\/.*carvos\/compiled$/);
    expect(await keptIn({ HOME: '' })).toBe('');
    // As where HOME is not set and the system does not know the user: a container's `--user 12345`.
    expect(await keptIn({ HOME: 'unknown' })).toBe('');
    expect(await keptIn({ HOME: 'unknown', XDG_CACHE_HOME: '/x' })).toBe('/x/carvos/compiled');
  });
});
