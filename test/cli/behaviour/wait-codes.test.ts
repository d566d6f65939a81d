import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

// What the exit code of a command says that waits for what it causes: as `send --wait` does.

const WORKSPACE = [
  'workspace',
  'add',
  'w2',
  '--name',
  'W',
  '--admin-name',
  'A',
  '--admin-email',
  'a@b.example',
];
const MEMBER = [
  'workspace',
  'member-add',
  'acme-corp',
  '--user-id',
  'u2',
  '--name',
  'U',
  '--email',
  'u@b.example',
];
const WAITING: Record<string, string[]> = {
  'meeting record --wait': ['meeting', 'record', '--wait'],
  'workspace add --via webhook --wait': [...WORKSPACE, '--via', 'webhook', '--wait'],
  'workspace add --via rest --wait': [...WORKSPACE, '--via', 'rest', '--wait'],
  'workspace member-add --via rest --wait': [...MEMBER, '--via', 'rest', '--wait'],
};

/** A gateway that REST calls reach as well. */
async function startGateway(...args: Parameters<typeof startDemoGateway>) {
  const gateway = await startDemoGateway(...args);
  writeFileSync(join(gateway.cwd, '.env'), 'CARVOS_API_KEY=key-of-demo-ats\n');
  return gateway;
}

test.each(Object.entries(WAITING))('%s: 0, 1, 6, 5 and 2', async (_name, args) => {
  const accepted = await startGateway();
  expect(await accepted.carvos(...args)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^delivered {2}\S+ {2}outgoing/m),
  });

  const failing = await startGateway(() => 500, { speed: 'max' });
  expect(await failing.carvos(...args)).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^exhausted {2}\S+ {2}outgoing .* 5 attempts$/m),
  });

  const standing = await startGateway(() => 500);
  const gaveUp = await standing.carvos(...args, '--timeout', '2s');
  expect(gaveUp).toMatchObject({ code: 6, stderr: expect.stringContaining('gave up after 2s') });
  expect(gaveUp.stderr).toContain('when the clock moves (carvos clock)');

  await standing.emulator.close();
  expect((await standing.carvos(...args)).code).toBeOneOf([2, 5]);
  const none = await runCli(args, { cwd: tempFolder() });
  expect([none.code, none.stdout]).toEqual([2, '']);
});

test('a request that is refused is not waited for: 4, with what the gateway says', async () => {
  const { carvos } = await startGateway();
  for (const via of ['webhook', 'rest']) {
    const twice = await carvos(
      'workspace',
      'add',
      'acme-corp',
      ...WORKSPACE.slice(3),
      '--via',
      via,
      '--wait',
    );
    expect(twice).toMatchObject({ code: 4, stdout: expect.stringContaining('409') });
    expect(twice.stderr).toContain('next:');
    const absent = await carvos(
      'workspace',
      'member-add',
      'nobody',
      ...MEMBER.slice(3),
      '--via',
      via,
      '--wait',
    );
    expect(absent).toMatchObject({ code: 4, stdout: expect.stringContaining('404') });
  }
  const unknown = await carvos('meeting', 'record', '--application', 'none', '--wait');
  expect(unknown).toMatchObject({ code: 4, stderr: expect.stringContaining('There is no application none') });
});

test('workspace --via says what send says, as it happens, and in the same JSON', async () => {
  const { carvos } = await startGateway();
  const text = await carvos(...WORKSPACE, '--via', 'rest', '--wait');
  expect(text.stdout).toMatch(
    /202 {2}workspace\.created {2}incoming[^\n]*\n {2}reference_id \S+\n {2}event_id evt-/,
  );
  expect(text.stdout).toMatch(/← outgoing +workspace\.provisioned .*\n[\s\S]*delivered/);
  const { stdout } = await carvos(...MEMBER, '--via', 'rest', '--wait', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    via: 'rest',
    direction: 'incoming',
    event: 'workspace.member_added',
    status: 202,
    error: null,
    wait: { until: 'settled', done: true, met: true },
    deliveries: [{ event: 'workspace.member_added', state: 'delivered', why: null }],
  });
});
