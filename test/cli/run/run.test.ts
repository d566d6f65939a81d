import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MATCHERS } from '../../../src/contract/matcher.ts';
import { STEP_KINDS } from '../../../src/contract/scenario.ts';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli, runProgram } from '../../support/program.ts';
import { freePort, startTestReceiver } from '../../support/receiver.ts';
import { judgeSignature } from '../../support/sign.ts';

const SCENARIOS = join(import.meta.dirname, '../../../fixtures/scenarios');

/** Writes a scenario and runs it with the built program. */
async function run(steps: string, ...args: string[]) {
  const folder = tempFolder();
  writeFileSync(join(folder, 'flow.yaml'), `name: the flow\nsteps:\n${steps}`);
  return {
    folder,
    ...(await runCli(['run', 'flow.yaml', ...args], { cwd: folder, env: { TMPDIR: folder } })),
  };
}

test('a report that cannot be written is said before anything runs', async () => {
  const { code, stdout, stderr } = await run(
    '  - send: candidate.created\n',
    '--junit',
    'flow.yaml/report.xml',
  );
  expect([code, stdout, stderr]).toEqual([
    2,
    '',
    expect.stringContaining('cannot write flow.yaml/report.xml'),
  ]);
});

describe('the scenarios of the package', () => {
  test('all pass, side by side, with a gateway of their own', async () => {
    const folder = tempFolder();
    const args = ['run', SCENARIOS, '--parallel', '4', '--junit', 'out/report.xml'];
    const { code, stdout } = await runCli(args, { cwd: folder, env: { TMPDIR: folder } });
    expect([code, stdout.split('\n').at(-2)]).toEqual([0, '12 of 12 scenarios passed']);
    // Read by a parser that is not ours.
    const script = `
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
print(root.tag, len(root), sum(len(suite) for suite in root), root.attrib["failures"])
# What the schema of Jenkins, the one that is most often checked against, has at each element.
known = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped", "file"},
    "testcase": {"name", "time", "classname"},
}
for element in root.iter():
    assert set(element.attrib) <= known[element.tag], (element.tag, element.attrib)`;
    const judged = await runProgram('python3', ['-c', script, join(folder, 'out/report.xml')]);
    expect(judged.stdout).toMatch(/^testsuites 12 \d\d 0\n$/);
  });

  test('hold every kind of step', () => {
    const text = readdirSync(SCENARIOS)
      .map((name) => readFileSync(join(SCENARIOS, name), 'utf8'))
      .join('\n');
    for (const kind of STEP_KINDS) expect(text, kind).toMatch(new RegExp(`(- |{ ")${kind}"?:`));
    for (const matcher of MATCHERS.filter((one) => !['gt', 'lte', 'contains'].includes(one)))
      expect(text, matcher).toContain(`${matcher}:`);
  });
});

test('of a command that fails the end of both outputs is told, and no secret that it was given', async () => {
  const names = 'API_KEY INCOMING_SECRET OUTGOING_SECRET CONTROL_TOKEN';
  const script = `for n in ${names}; do printenv CARVOS_$n; done; echo why; echo more >&2; exit 3`;
  const { code, stdout, folder } = await run(`  - run: "${script}"\n`, '--junit', 'report.xml');
  expect(code).toBe(1);
  expect(stdout).toMatch(/ended with 3 .*\n +flow\.yaml:3\n( +\[secret\]\n){4} +why\n +more\n/);
  const xml = readFileSync(join(folder, 'report.xml'), 'utf8');
  expect(xml.match(/\[secret\]/g)).toHaveLength(4);
  expect(stdout + xml).not.toMatch(/demo-(?:api-key|incoming|outgoing)/);
  const asked = await run("  - request: 'GET /nowhere?token=not-for-you'\n");
  expect([asked.code, asked.stdout]).toEqual([
    1,
    expect.stringMatching(/nowhere\?token=hidden answered 404/),
  ]);
});

test('of a folder only what can be a scenario is taken, so that a project can be named as a whole', async () => {
  const folder = tempFolder({
    'carvos.config.json': '{}',
    'carvos.facts.json': '{"version":1}',
    'package.json': '{}',
    '.hidden.yaml': 'nothing: here',
  });
  for (const [name, text] of [
    ['node_modules/one', 'nothing: here'],
    ['.github/workflows', 'on: push'],
    ['flows', 'steps:\n  - none: { event: vacancy.created, for: 10ms }\n'],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'flow.yaml'), text);
  }
  const { code, stdout, stderr } = await runCli(['run', '.'], { cwd: folder });
  expect([code, stderr, stdout]).toEqual([0, '', expect.stringContaining('1 of 1 scenarios passed')]);
});

describe('what does not hold', () => {
  test.each([
    ['send', '  - send: candidate.created\n    expect: { data.no_such.field: 1 }\n', '60s'],
    // Which waits for what may come to the end.
    ['expect', '  - expect: { event: candidate.created, data.no_such.field: 1 }\n', '3s'],
  ])('%s says of a field that is not there that it is not there', async (_step, asked, limit) => {
    const { code, stdout } = await run(`  - send: candidate.created\n${asked}`, '--timeout', limit);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('not  data.no_such.field=1  (it is not there)'),
    ]);
  });

  test('says expected, got and the nearest delivery; screen, JUnit and exit code say the same step', async () => {
    const steps = `  - send: vacancy.created
    expect: { outcome: delivered }
  - send: candidate.created
    name: Jane is scored
    expect: { status: success, data.first_name: Nobody, attempts: { gte: 9 } }
  - send: vacancy.created
`;
    const { code, stdout, folder } = await run(steps, '--junit', 'report.xml', '--timeout', '60s');
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ Jane is scored {2}no delivery is as expected/);
    expect(stdout).toMatch(/flow\.yaml:5\n {4}the nearest is dlv_\w+:/);
    expect(stdout).toContain('not  data.first_name="Nobody"  (it is "Sanne")');
    expect(stdout).toContain('not  attempts gte 9  (it is 1)');
    expect(stdout).toContain('ok   status="success"');
    // The gateway is gone afterwards, so what `trace` would say stands here.
    expect(stdout).toMatch(/reference [0-9a-f-]{36}\n.*accepted {2}candidate\.created/);
    expect(stdout).not.toContain('carvos trace');
    expect(stdout).toContain('failed  the flow  2 steps, 1 not run');
    const xml = readFileSync(join(folder, 'report.xml'), 'utf8');
    expect(xml).toMatch(
      /<testcase name="Jane is scored"[^>]*><failure message="no delivery is as expected, and no more will come">flow\.yaml:5&#10;/,
    );
    expect(xml).toMatch(/<system-out>reference [0-9a-f-]{36}&#10;accepted {2}candidate\.created/);
    expect(xml).toContain('<skipped/>');
  });

  test.each([
    ['a send', '  - send: candidate.created\n'],
    [
      'a rerun',
      `  - fault: { kind: wrong-schema, on: ai, count: 3 }
  - send: candidate.created
    expect: { status: failed, outcome: exhausted }
    save: { reference: reference_id }
  - rerun: "\${reference}"\n`,
    ],
    ['a meeting', '  - meeting: {}\n'],
  ])(
    '%s is said at once where all that it caused is over, however long it might wait',
    async (_what, steps) => {
      const asked = '    expect: { outcome: delivered }\n    timeout: 1h\n';
      const { code, stdout } = await run(`  - fault: { kind: status-500 }\n${steps}${asked}`);
      expect([code, stdout]).toEqual([
        1,
        expect.stringContaining('no delivery is as expected, and no more will come'),
      ]);
      expect(stdout).toContain('not  outcome="delivered"  (it is "exhausted, failure")');
    },
  );

  test.each([
    ['an answer', '  - send: candidate.created\n    status: 409\n', 'the gateway answered 202, not 409', 1],
    ['a command', '  - run: exit 3\n', 'the command ended with 3', 1],
    [
      'what must not be there',
      '  - send: candidate.created\n    expect: { outcome: delivered }\n  - none: { event: candidate.created }\n',
      'there is one: dlv_',
      1,
    ],
    [
      'a saved value',
      '  - send: candidate.created\n    save: { x: no.such }\n',
      'save: there is no no.such',
      1,
    ],
    ['a fault that is none', '  - fault: { kind: nonsense }\n', 'kind', 4],
    ['nobody to ask', '  - request: GET http://127.0.0.1:1/\n', '127.0.0.1:1', 5],
    ['a command that does not end', '  - run: sleep 60\n    timeout: 300ms\n', 'did not end within 300ms', 6],
  ])('%s', async (_name, steps, message, exit) => {
    const { code, stdout } = await run(steps, '--timeout', '60s');
    expect(stdout).toContain(message);
    expect(code).toBe(exit);
  });

  test('what another event caused is not the nearest', async () => {
    const asked = '    expect: { outcome: delivered }\n';
    const { code, stdout } = await run(
      `  - send: candidate.created\n${asked}  - fault: { kind: never, on: ai }\n  - send: vacancy.created\n${asked}    timeout: 300ms\n`,
    );
    expect(stdout).toContain('no delivery is as expected');
    expect(stdout).toContain('there was no delivery');
    expect(stdout).toMatch(/AI job +(?:queued|running)/);
    expect(code).toBe(1);
  });

  test('a wrong file ends with 2, and nothing is sent', async () => {
    const { code, stdout, stderr } = await run('  - send: candidate.created\n  - sned: x\n');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('flow.yaml:4:5');
  });
});

test('a scenario that stops in the middle leaves nothing for the next: no fault, no attempt, the clock as it was', async () => {
  const folder = tempFolder();
  const begun =
    'steps:\n  - clock: { speed: manual }\n  - fault: { kind: status-500 }\n  - send: candidate.created\n';
  writeFileSync(join(folder, 'a.yaml'), `${begun}  - expect: { attempts: 9 }\n    timeout: 300ms\n`);
  writeFileSync(join(folder, 'b.yaml'), readFileSync(join(SCENARIOS, 'schedule.yaml')));
  writeFileSync(
    join(folder, 'c.yaml'),
    'steps:\n  - clock: next\n  - fault: { kind: status-500, first: 2 }\n  - send: candidate.created\n    expect: { attempts: 3 }\n',
  );
  const { stdout } = await runCli(['run', 'a.yaml', 'b.yaml', 'c.yaml', '--timeout', '60s'], {
    cwd: folder,
    env: {
      TMPDIR: folder,
    },
  });
  expect(stdout.split('\n').at(-2)).toBe('2 of 3 scenarios passed, 1 failed');
  expect(stdout).toContain('✓ 1 clock next  0 attempts made');
});

test('beside a dev it uses that gateway and its receiver, which knows one secret and takes every scenario', async () => {
  const receiver = await startTestReceiver();
  const folder = tempFolder();
  const { url, token } = await startDev(folder, ['--db', ':memory:', '--webhook-url', receiver.url]);
  mkdirSync(join(folder, 'flows'));
  for (const name of ['a', 'b'])
    writeFileSync(
      join(folder, 'flows', `${name}.yaml`),
      'steps:\n  - send: candidate.created\n    expect: { outcome: delivered }\n',
    );
  const { code } = await runCli(['run', 'flows', '--parallel', '2'], { cwd: folder });
  expect(code).toBe(0);
  expect(receiver.received).toHaveLength(2);
  for (const received of receiver.received)
    expect(judgeSignature(received, 'demo-outgoing-secret').signed).toBe(true);
  const status = (await (
    await fetch(`${url}/_carvos/v1/status`, { headers: { authorization: `Bearer ${token}` } })
  ).json()) as { events: number };
  expect(status.events).toBe(2);
});

test('--start runs the ATS under test with the secrets, waits for it, and ends it', async () => {
  const folder = tempFolder();
  const port = String(await freePort());
  writeFileSync(
    join(folder, 'ats.cjs'),
    `require('node:http').createServer((q, s) => { q.resume(); s.statusCode = process.env.CARVOS_OUTGOING_SECRET ? 200 : 500; s.end(); })
      .listen(${port}, '127.0.0.1');`,
  );
  writeFileSync(
    join(folder, 'flow.yaml'),
    'steps:\n  - send: candidate.created\n    expect: { outcome: delivered }\n',
  );
  const args = ['run', 'flow.yaml', '--start', 'node ats.cjs', '--wait-for', port, '--webhook-url', port];
  const { code, stdout } = await runCli(args, { cwd: folder });
  expect([code, stdout.split('\n').at(-2)]).toEqual([0, '1 of 1 scenarios passed']);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
});
