import { expect, test } from 'vitest';
import { startDemoGateway } from '../../support/demo-gateway.ts';
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

test('CARVOS_URL may be as short as a flag', async () => {
  const { emulator } = await startDemoGateway();
  const { port, host } = new URL(emulator.url);
  const CARVOS_CONTROL_TOKEN = emulator.controlToken;
  for (const CARVOS_URL of [port, host, `localhost:${port}`, ` ${emulator.url}/ `]) {
    const settings = { cwd: tempFolder(), env: { CARVOS_URL, CARVOS_CONTROL_TOKEN } };
    for (const args of [['status'], ['send', 'candidate.created', '--wait'], ['open', '--print']]) {
      const { code, stderr } = await runCli(args, settings);
      expect([CARVOS_URL, args[0], code, stderr]).toEqual([CARVOS_URL, args[0], 0, expect.any(String)]);
    }
    const { stdout } = await runCli(['doctor', '--json'], settings);
    const { findings } = JSON.parse(stdout) as { findings: object[] };
    expect(findings).toContainEqual(expect.objectContaining({ check: 'gateway', state: 'ok' }));
  }
});

test('a CARVOS_URL that is none is said to be none, with what it may be', async () => {
  const env = { CARVOS_URL: 'tcp://127.0.0.1:1', CARVOS_CONTROL_TOKEN: 'a-token' };
  const { code, stderr } = await runCli(['status'], { cwd: tempFolder(), env });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/CARVOS_URL: .* is not a target\n.*or a port/)]);
  const { stdout } = await runCli(['doctor'], { cwd: tempFolder(), env });
  expect(stdout).toMatch(/^wrong +gateway +CARVOS_URL and CARVOS_CONTROL_TOKEN: /m);
});
