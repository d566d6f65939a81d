import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { startTestReceiver, unusedUrl } from '../../support/receiver.ts';

const FLOW = 'name: the flow\nsteps:\n  - send: candidate.created\n    expect: { outcome: delivered }\n';

test.each<[string, () => Promise<string>, RegExp]>([
  ['nothing listens', unusedUrl, /Nothing listens on 127\.0\.0\.1:\d+/],
  [
    'it answers 404',
    async () => (await startTestReceiver(() => 404)).url,
    /404: the receiver says that nothing answers at/,
  ],
])('a delivery that failed says why, on the screen and in JUnit: %s', async (_what, start, why) => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'flow.yaml'), FLOW);
  const args = [
    'run',
    'flow.yaml',
    '--webhook-url',
    await start(),
    '--junit',
    'report.xml',
    '--timeout',
    '3s',
  ];
  const { code, stdout } = await runCli(args, { cwd });
  expect([code, stdout]).toEqual([1, expect.stringMatching(why)]);
  expect(stdout).toMatch(/failed {2}the flow {2}1 step {2}/);
  const report = readFileSync(join(cwd, 'report.xml'), 'utf8');
  expect(report).toMatch(why);
  // The gateway is gone: no command can ask it.
  expect(stdout + report).not.toContain('carvos trace');
});

test('beside a dev the command that shows more is named', async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'flow.yaml'), FLOW);
  const receiver = await startTestReceiver(() => 500);
  await startDev(cwd, ['--db', ':memory:', '--speed', 'max', '--webhook-url', receiver.url]);
  const { stdout } = await runCli(
    ['run', 'flow.yaml', '--webhook-url', receiver.url, '--junit', 'report.xml', '--timeout', '60s'],
    { cwd },
  );
  const [, reference] = /carvos trace ([0-9a-f-]{36})/.exec(stdout) ?? [];
  expect(readFileSync(join(cwd, 'report.xml'), 'utf8')).toContain(`carvos trace ${reference}`);
  expect((await runCli(['trace', reference!], { cwd })).code).toBe(0);
});
