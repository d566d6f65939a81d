import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

test('an address of a webhook is taken as it is, and what is not the webhook goes beside it', async () => {
  const address = 'http://127.0.0.1:1/base/v1/webhooks/other?key=1';
  const urlOf = async (...args: string[]) => {
    const { stdout } = await runCli(
      ['send', 'candidate.created', '--url', address, '--dry-run', '--json', ...args],
      { cwd: tempFolder() },
    );
    return JSON.parse(stdout).url;
  };
  expect(await urlOf()).toBe(address);
  expect(await urlOf('--via', 'rest')).toBe('http://127.0.0.1:1/base/v1/candidates');
});

test('a CARVOS_URL that is none is said to be none', async () => {
  const env = { CARVOS_URL: '127.0.0.1:1', CARVOS_CONTROL_TOKEN: 'a-token' };
  const { code, stderr } = await runCli(['status'], { cwd: tempFolder(), env });
  expect([code, stderr]).toEqual([2, expect.stringContaining('not an http:// or https:// URL: 127.0.0.1:1')]);
});
