import { expect, test } from 'vitest';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

// Where a token is asked for, it is said where that of a gateway is which runs for another folder.

const PLACE =
  'its token is the CARVOS_CONTROL_TOKEN that it was started with, or else the one in .carvos/emulator.json of its folder';
const WAIT = ['send', 'candidate.created', '--wait'];

test('a gateway of another folder, named by its URL alone', async () => {
  const { emulator, receiver } = await startDemoGateway();
  const elsewhere = tempFolder();
  const run = (args: string[], env: Record<string, string> = {}) => runCli(args, { cwd: elsewhere, env });
  for (const [args, env] of [
    [[...WAIT, '--url', emulator.url], {}],
    [WAIT, { CARVOS_URL: emulator.url }],
    [['status'], { CARVOS_URL: emulator.url }],
    [['status'], {}],
  ] as const) {
    const { code, stderr } = await run([...args], env);
    expect([code, stderr]).toEqual([2, expect.stringContaining(PLACE)]);
  }
  expect(receiver.received).toHaveLength(0);
  const { code } = await run(WAIT, { CARVOS_URL: emulator.url, CARVOS_CONTROL_TOKEN: emulator.controlToken });
  expect(code).toBe(0);
});

test('a gateway of another folder, while one runs here too', async () => {
  const [here, other] = [await startDemoGateway(), await startDemoGateway()];
  const env = { CARVOS_URL: other.emulator.url };
  const status = await runCli(['status'], { cwd: here.cwd, env });
  expect([status.code, status.stderr]).toEqual([2, expect.stringContaining(`token of that one: ${PLACE}`)]);
  const waited = await runCli(WAIT, { cwd: here.cwd, env });
  expect([waited.code, waited.stderr]).toEqual([
    2,
    expect.stringContaining(`CARVOS_CONTROL_TOKEN: ${PLACE}`),
  ]);
  expect([...here.receiver.received, ...other.receiver.received]).toEqual([]);
});

test('the token of one folder for the gateway of another', async () => {
  const [here, other] = [await startDemoGateway(), await startDemoGateway()];
  const env = { CARVOS_URL: other.emulator.url, CARVOS_CONTROL_TOKEN: here.emulator.controlToken };
  for (const args of [['status'], ['deliveries'], ['deliveries', 'show', 'dlv_1']]) {
    const { code, stderr } = await runCli(args, { cwd: here.cwd, env });
    expect([code, stderr]).toEqual([4, expect.stringContaining(PLACE)]);
    expect(stderr).toContain('the gateway does not accept the control token');
    expect(stderr).not.toContain(here.emulator.controlToken);
  }
});
