import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { expectKnownFlags } from '../support/known-flags.ts';
import { CARVOS, runProgram } from '../support/program.ts';
import { freePort } from '../support/receiver.ts';
import { havePrograms } from '../support/require-program.ts';

/** The examples of the guides for test suites and CI, run as a reader would run them. */

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const SUITES = join(FIXTURES, 'test-suites');
const QUICK = join(FIXTURES, 'receivers/quick');

/** A folder with copies of these files. */
function copyToFolder(...files: string[]): string {
  const cwd = tempFolder();
  for (const file of files) copyFileSync(file, join(cwd, file.split('/').at(-1)!));
  return cwd;
}

const pythonHas = (module: string) => {
  const has = spawnSync('python3', ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;
  if (!has) process.stderr.write(`\n!!! SKIPPED: an example of the guides. Python has no ${module}.\n\n`);
  return has;
};

const exec = (cwd: string, flags: string[], ...words: string[]) =>
  runProgram(process.execPath, [CARVOS, 'exec', ...flags, '--', ...words], { cwd });

describe('whole-test.sh', () => {
  const able = havePrograms('the whole test in shell', 'python3');
  const prepare = async () => {
    const cwd = copyToFolder(join(SUITES, 'whole-test.sh'), join(QUICK, 'receiver.py'));
    const port = String(await freePort());
    const script = readFileSync(join(cwd, 'whole-test.sh'), 'utf8')
      .replace('python3', `PORT=${port} python3`)
      .replaceAll('npx carvos', `'${process.execPath}' '${CARVOS}'`);
    const run = (text: string) => {
      writeFileSync(join(cwd, 'whole-test.sh'), text);
      return exec(cwd, ['--webhook-url', port, '--wait-for', port], 'sh', 'whole-test.sh');
    };
    return { script, run };
  };

  test.skipIf(!able)('is six lines that pass, and fails where an expectation does not hold', async () => {
    const { script, run } = await prepare();
    expect(script.trimEnd().split('\n')).toHaveLength(6);
    const passed = await run(script);
    expect(passed.code, passed.stderr).toBe(0);
    expect(passed.stderr).toContain('carvos: 3 deliveries, 0 failed');
    const failed = await run(script.replace('attempts=3', 'attempts=1'));
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('not  attempts=1');
  });
});

describe('CI files', () => {
  const parse = async (file: string) => {
    const script =
      'import json, sys, yaml; print(json.dumps({str(k): v for k, v in yaml.safe_load(sys.stdin).items()}))';
    const input = readFileSync(join(FIXTURES, 'ci', file), 'utf8');
    const { code, stdout, stderr } = await runProgram('python3', ['-c', script], { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };

  test.skipIf(!pythonHas('yaml'))('are YAML, and run the tests with exec', async () => {
    const github = await parse('github-actions.yml');
    const steps: { run?: string; uses?: string }[] = github.jobs.integration.steps;
    expect(steps.every(({ run, uses }) => (run === undefined) !== (uses === undefined))).toBe(true);
    const calls = steps.flatMap(({ run }) => (run?.startsWith('npx carvos exec') ? [run] : []));
    expect(calls).toHaveLength(1);
    const gitlab = await parse('gitlab-ci.yml');
    expect(gitlab.carvos.script).toEqual([expect.stringMatching(/^npx carvos exec .*-- python3 -m pytest$/)]);
    for (const call of [...calls, ...gitlab.carvos.script])
      await expectKnownFlags(call.slice('npx carvos '.length));
  });
});
