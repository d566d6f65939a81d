import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ScenariosDocument } from '../../../src/contract/output/running.ts';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { startRecordingServer } from '../../support/receiver.ts';
import { hmacHex } from '../../support/sign.ts';

/** Answers 401 with what it computed: over the body with other spaces. */
async function startSpacing() {
  return await startRecordingServer(({ headers, body }) => {
    const [, t] = /^t=(\d+)/.exec(String(headers['x-webhook-signature'])) ?? [];
    const spaced = JSON.stringify(JSON.parse(body.toString()), null, 2);
    const computed = hmacHex('demo-outgoing-secret', `${t}.${spaced}`);
    return { status: 401, body: `{"computed":"${computed}"}` };
  });
}

test('why a receiver refused, and the trace, stand in terminal, JUnit and JSON alike', async () => {
  const folder = tempFolder();
  const { url } = await startSpacing();
  writeFileSync(
    join(folder, 'flow.yaml'),
    'steps:\n  - send: candidate.created\n    expect: { outcome: delivered }\n',
  );
  await startDev(folder, ['--db', ':memory:', '--speed', 'max']);
  const args = ['run', 'flow.yaml', '--webhook-url', url, '--timeout', '60s', '--junit', 'report.xml'];
  const screen = await runCli(args, { cwd: folder });
  expect(screen.code).toBe(1);
  const xml = readFileSync(join(folder, 'report.xml'), 'utf8');
  const { stdout } = await runCli([...args, '--json'], { cwd: folder });
  const [step] = (JSON.parse(stdout) as ScenariosDocument).scenarios[0]!.steps;
  for (const text of [screen.stdout, xml, step!.why.join('\n')])
    expect(text).toMatch(/candidate\.created dlv_\w+: why: body_reserialized\. /);
  for (const text of [screen.stdout, xml, step!.trace.join('\n')]) {
    expect(text).toMatch(/carvos trace [0-9a-f-]{36}/);
    expect(text).toMatch(/1\/5 .* 401/);
  }
  expect(xml).toMatch(/<system-out>carvos trace /);
});

test('why the gateway refused is said in the words of dev; it is a refusal, unless another status is expected', async () => {
  const folder = tempFolder();
  const flow = 'steps:\n  - send: candidate.created\n    misbehave: stale\n';
  writeFileSync(join(folder, 'flow.yaml'), flow);
  writeFileSync(join(folder, 'other.yaml'), `${flow}    status: 422\n`);
  expect((await runCli(['run', 'other.yaml'], { cwd: folder })).code).toBe(1);
  const { code, stdout } = await runCli(['run', 'flow.yaml'], { cwd: folder });
  expect(code).toBe(4);
  expect(stdout).toContain('the gateway answered 401, not 2xx');
  expect(stdout).toMatch(/too old|t lies|old/);
});
