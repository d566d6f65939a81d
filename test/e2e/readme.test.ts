import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addGlobalOptions } from '../../src/cli/command-line/globals.ts';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { createIo } from '../../src/cli/terminal/io.ts';
import { CARVOS } from '../support/dev-process.ts';
import { runProgram } from '../support/spawn-program.ts';
import { tempFolder } from '../support/temp-folder.ts';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

/** What stands in the README's blocks of a language. */
function blocks(language: string): string[] {
  return [...README.matchAll(/^```([a-z]+)\n([\s\S]*?)^```$/gm)]
    .filter(([, named]) => named === language)
    .map(([, , text]) => text!);
}

const block = (language: string, beginning: string) =>
  blocks(language).find((text) => text.includes(beginning)) ??
  expect.fail(`no ${language} with ${beginning}`);

/** Commands of the README's shell blocks and YAML, as words. */
const CALLS = [...blocks('sh'), ...blocks('yaml')]
  .flatMap((text) => text.replaceAll('\\\n', ' ').split('\n'))
  .flatMap((line) => [...line.matchAll(/npx carvos ([^#|<>&)]*)/g)].map(([, rest]) => rest!.trim()))
  .filter((call) => call !== '');

describe('the README', () => {
  test.each([...new Set(CALLS)])('names flags that exist: carvos %s', async (call) => {
    const words = call.split(/\s+/);
    const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
    const [name = '', ...rest] = own;
    expect(Object.keys(COMMANDS)).toContain(name);
    let command = new Command(name);
    (await COMMANDS[name]!.load()).define(command, createIo());
    addGlobalOptions(command);
    const child = command.commands.find((one) => one.name() === rest[0]);
    const fallback = command.commands.find(
      (one) => (command as unknown as { _defaultCommandName: string })._defaultCommandName === one.name(),
    );
    command = child ?? fallback ?? command;
    const flags = rest.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]!);
    const known = command.options.map(({ long }) => long);
    expect(known).toEqual(expect.arrayContaining(flags));
  });

  const pythonHas = (module: string) => {
    const has = spawnSync('python3', ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;
    if (!has) process.stderr.write(`\n!!! SKIPPED: an example of the README. Python has no ${module}.\n\n`);
    return has;
  };

  test.skipIf(!pythonHas('yaml'))('its workflows are YAML, and run the tests with exec', async () => {
    const parse = async (text: string) => {
      const script =
        'import json, sys, yaml; print(json.dumps({str(k): v for k, v in yaml.safe_load(sys.stdin).items()}))';
      const { code, stdout, stderr } = await runProgram('python3', ['-c', script], { input: text });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout);
    };
    const github = await parse(block('yaml', '# .github/workflows/'));
    const steps: { run?: string; uses?: string }[] = github.jobs.integration.steps;
    expect(steps.every(({ run, uses }) => (run === undefined) !== (uses === undefined))).toBe(true);
    expect(steps.filter(({ run }) => run?.startsWith('npx carvos exec'))).toHaveLength(1);
    const gitlab = await parse(block('yaml', '# .gitlab-ci.yml'));
    expect(gitlab.carvos.script).toEqual([expect.stringMatching(/^npx carvos exec .*-- python3 -m pytest$/)]);
  });

  test.skipIf(!pythonHas('pytest'))(
    'its pytest example passes, and fails where the secret is wrong',
    async () => {
      const cwd = tempFolder();
      writeFileSync(join(cwd, 'test_carvos.py'), block('python', '# test_carvos.py'));
      const pytest = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'];
      const run = async (env: Record<string, string> = {}) => {
        const wanted = Object.entries(env).map(([name, value]) => `${name}=${value}`);
        const args = ['exec', '--', 'env', ...wanted, 'python3', ...pytest];
        return runProgram(process.execPath, [CARVOS, ...args], { cwd });
      };
      expect(await run()).toMatchObject({ code: 0, stdout: expect.stringContaining('2 passed') });
      expect((await run({ CARVOS_INCOMING_SECRET: 'wrong' })).code).toBe(1);
    },
    90_000,
  );
});
