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

test.skipIf(!pythonHas('pytest'))('test_carvos.py passes, and fails where the secret is wrong', async () => {
  const cwd = copyToFolder(join(SUITES, 'test_carvos.py'));
  const pytest = ['python3', '-m', 'pytest', '-q', '-p', 'no:cacheprovider'];
  expect(await exec(cwd, [], ...pytest)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 passed'),
  });
  expect((await exec(cwd, [], 'env', 'CARVOS_INCOMING_SECRET=wrong', ...pytest)).code).toBe(1);
});

// JUnit and PHPUnit themselves are not needed: the few names that the examples take from them stand here.

const JUNIT = {
  'Test.java': `package org.junit.jupiter.api;
@java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME) public @interface Test {}`,
  'Assertions.java': `package org.junit.jupiter.api;
public class Assertions {
  public static void assertEquals(int a, int b, String m) { if (a != b) throw new AssertionError(a + " != " + b + ": " + m); }
  public static void assertTrue(boolean a, String m) { if (!a) throw new AssertionError(m); }
}`,
  'Run.java': `public class Run {
  public static void main(String[] none) throws Exception { new CarvosTest().ourReceiverAcceptsACandidate(); }
}`,
};

test.skipIf(!havePrograms('CarvosTest.java', 'javac', 'java', 'python3'))(
  'CarvosTest.java compiles and passes, and fails where the receiver refuses',
  async () => {
    const cwd = copyToFolder(join(SUITES, 'CarvosTest.java'), join(QUICK, 'receiver.py'));
    for (const [name, text] of Object.entries(JUNIT)) writeFileSync(join(cwd, name), text);
    const files = ['CarvosTest.java', ...Object.keys(JUNIT)];
    const compiled = await runProgram('javac', ['-d', 'classes', ...files], { cwd });
    expect(compiled.stderr).toBe('');
    const port = String(await freePort());
    const run = (secret: string) => {
      const script = `PORT=${port} ${secret} python3 receiver.py & java -cp classes Run`;
      return exec(cwd, ['--webhook-url', port, '--wait-for', port], 'sh', '-c', script);
    };
    const passed = await run('');
    expect(passed.code, passed.stderr).toBe(0);
    const failed = await run('CARVOS_OUTGOING_SECRET=wrong');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('AssertionError');
  },
);

const PHPUNIT = `<?php
namespace PHPUnit\\Framework {
  class TestCase {
    function assertSame($wanted, $given) {
      if ($wanted !== $given) { fwrite(STDERR, json_encode([$wanted, $given])); exit(1); }
    }
  }
}
namespace {
  require 'CarvosTest.php';
  (new CarvosTest())->testOurReceiverAcceptsACandidate();
}`;

test.skipIf(!havePrograms('CarvosTest.php', 'php'))(
  'CarvosTest.php passes, and fails where the receiver refuses',
  async () => {
    const cwd = copyToFolder(join(SUITES, 'CarvosTest.php'), join(QUICK, 'receiver.php'));
    writeFileSync(join(cwd, 'run.php'), PHPUNIT);
    const port = String(await freePort());
    const run = (secret: string) => {
      const script = `${secret} php -S 127.0.0.1:${port} receiver.php & php run.php`;
      return exec(cwd, ['--webhook-url', port, '--wait-for', port], 'sh', '-c', script);
    };
    const passed = await run('');
    expect(passed.code, passed.stderr).toBe(0);
    const failed = await run('CARVOS_OUTGOING_SECRET=wrong');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('[["delivered"],["exhausted"]]');
  },
);
