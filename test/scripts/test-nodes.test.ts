import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { runProgram } from '../support/program.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/test-nodes.mjs');
const run = (args: string[], env = {}) => runProgram(process.execPath, [SCRIPT, ...args], { env });

test('a registry that cannot be reached is a failure, and says that nothing was tested', async () => {
  const { code, stderr } = await run(['24', '--part', 'first'], {
    npm_config_registry: 'http://127.0.0.1:1',
    npm_config_cache: tempFolder(),
    npm_config_fetch_retries: '0',
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/node-\w+-\w+@24 could not be fetched from the npm registry: nothing was tested/);
});

test.each([
  [['--part', 'nothing'], /no part nothing: there are e2e, first/],
  [['test/no-such.test.ts'], /no test\/no-such\.test\.ts here/],
])('%j is refused before anything is fetched', async (args, says) => {
  const { code, stderr } = await run(args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) });
});
