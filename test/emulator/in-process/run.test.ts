import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ScenarioError } from '../../../src/emulator/index.ts';
import { PATIENT, startDelivering, startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { runProgram } from '../../support/program.ts';
import { startTestReceiver } from '../../support/receiver.ts';

const SCENARIOS = join(import.meta.dirname, '../../../fixtures/scenarios');

test('the scenarios of the package run in process, side by side', async () => {
  const { emulator } = await startTestEmulator({ speed: 'max' });
  const { passed, failed, scenarios } = await emulator.run(SCENARIOS, { parallel: 4, ...PATIENT });
  expect([passed, failed, scenarios.length]).toEqual([12, 0, 12]);
});

test('a receiver of the first ATS gets what they cause, signed with its secret', async () => {
  const { receiver, emulator } = await startDelivering({ speed: 'max' });
  await emulator.run(join(SCENARIOS, 'scored.yaml'), PATIENT);
  expect(receiver.received.length).toBeGreaterThanOrEqual(3);
});

test('the first ATS is the configured one, also where a run before added others: its webhook URL may have changed', async () => {
  const [before, after] = [await startTestReceiver(), await startTestReceiver()];
  const { emulator, control } = await startTestEmulator({ speed: 'max' }, before.url);
  const scored = join(SCENARIOS, 'scored.yaml');
  await emulator.run(scored, PATIENT);
  const { length } = before.received;
  expect((await control.status()).ats.map(({ id }) => id)[0]).toBe('test-ats');
  emulator.setWebhookUrl(after.url);
  await emulator.run(scored, PATIENT);
  expect(before.received.length).toBe(length);
  expect(after.received.length).toBeGreaterThanOrEqual(3);
});

test('a failure throws with what the command would print; a wrong file with its place', async () => {
  const { emulator } = await startTestEmulator({ speed: 'max' });
  const folder = tempFolder();
  const file = join(folder, 'flow.yaml');
  writeFileSync(file, 'steps:\n  - send: candidate.created\n    expect: { data.first_name: Nobody }\n');
  const failed: unknown = await emulator.run(file, { timeout: 60_000 }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ScenarioError);
  const { message, run } = failed as ScenarioError;
  expect(message).toContain('not  data.first_name="Nobody"  (it is "Sanne")');
  expect(run).toMatchObject({ failed: 1, scenarios: [{ ok: false, exit_code: 1 }] });
  writeFileSync(file, 'steps:\n  - sned: x\n');
  await expect(emulator.run(file)).rejects.toMatchObject({
    message: expect.stringMatching(/flow\.yaml:2:5: there is no step sned/),
    run: null,
  });
  expect(emulator.status().events).toBe(1);
});

test.each([
  ['import', "const { startEmulator } = await import('./dist/index.js');"],
  [
    'require',
    "const { startEmulator } = (await import('node:module')).createRequire(import.meta.url)('./dist/index.cjs');",
  ],
])('the built library finds the runner, by %s', async (_way, load) => {
  const script = `${load}
const emulator = await startEmulator();
const { passed } = await emulator.run('fixtures/scenarios/scored.yaml', { timeout: 60_000 });
await emulator.close();
console.log(passed);`;
  const { code, stdout, stderr } = await runProgram(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(SCENARIOS, '../..'),
  });
  expect([code, stdout, stderr]).toEqual([0, '1\n', '']);
});
