import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { DIFFERENT } from '../../support/fictional-gateway.ts';
import { tempFolder } from '../../support/folder.ts';
import { ROOT, runCli, runProgram } from '../../support/program.ts';

const RECORDINGS = join(ROOT, 'fixtures/recordings');
const SEEN = [join(RECORDINGS, 'fictional-gateway.har'), join(RECORDINGS, 'fictional-gateway.yaml')];

const refutedIn = (stdout: string): string[] =>
  (JSON.parse(stdout).assumptions as { id: string; verdict: string }[])
    .filter(({ verdict }) => verdict === 'refuted')
    .map(({ id }) => id)
    .sort();

test('check --write makes a file that dev follows, lists and reads again; the exit code says what is not followed', async () => {
  const folder = tempFolder();
  const before = await runCli(['assumptions', 'check', ...SEEN], { cwd: folder });
  expect(before.code).toBe(1);
  expect(before.stdout).toContain('refuted  event-type-header\n  the event-type header is X-Gateway-Event');
  expect(before.stdout).toContain('  carvos: The event-type header is called X-Carv-Event.');
  expect(before.stdout).toMatch(/^\d+ confirmed, 8 refuted, \d+ not seen$/m);

  const written = await runCli(['assumptions', 'check', ...SEEN, '--write'], { cwd: folder });
  expect([written.code, written.stderr]).toEqual([0, '']);
  const file = join(folder, 'carvos.facts.json');
  const text = readFileSync(file, 'utf8');
  for (const said of [
    'Quillfeather',
    'marguerite',
    'vandelay',
    'northwind',
    'v1=',
    '@',
    'Knows bees',
    'cand-77',
  ])
    expect(text.toLowerCase()).not.toContain(said.toLowerCase());
  expect((await runCli(['assumptions', 'check', ...SEEN], { cwd: folder })).code).toBe(0);

  const dev = await startDev(folder, ['--db', ':memory:']);
  const refused = await fetch(`${dev.url}/v1/webhooks/demo-ats`, { method: 'POST', body: '{}' });
  expect(refused.status).toBe(403);
  const status = await runCli(['status'], { cwd: folder });
  expect(status.stdout).toContain('the event-type header is X-Gateway-Event (event-type-header)');
  const list = await runCli(['assumptions'], { cwd: folder });
  expect(list.stdout).toContain('  by carvos.facts.json instead: a file is referenced as resume');

  // It is watched as the config file is; what is none leaves the old facts in force.
  writeFileSync(file, '{\n  "version": 1,\n  "statuses": { "invalid_signature": 418 }\n}\n');
  await dev.program.waitForText(/carvos\.facts\.json changed: facts in force: 1/);
  writeFileSync(file, '{\n  "version": 1,\n  "status": 1\n}\n');
  await dev.program.waitForText(/carvos\.facts\.json:3 {2}there is no field "status" here/);
  const again = await fetch(`${dev.url}/v1/webhooks/demo-ats`, { method: 'POST', body: '{}' });
  expect(again.status).toBe(418);
});

test('a corrupt or foreign facts file ends dev, exec and run with 2 and the line', async () => {
  const folder = tempFolder({
    'carvos.facts.json': '{\n  "name": "another program"\n}',
    'flow.yaml': 'steps:\n  - send: candidate.created\n',
  });
  for (const args of [
    ['dev', '--port', '0'],
    ['exec', '--', 'true'],
    ['run', 'flow.yaml'],
  ]) {
    const { code, stderr } = await runCli(args, { cwd: folder });
    expect([args[0], code]).toEqual([args[0], 2]);
    expect(stderr).toContain(`${join(folder, 'carvos.facts.json')}:2`);
  }
});

test('the contract suite says of carvos with the file that it does as was seen, and its record says so again', async () => {
  const folder = tempFolder();
  await runCli(['assumptions', 'check', ...SEEN, '--write'], { cwd: folder });
  const facts = join(folder, 'carvos.facts.json');
  const record = join(folder, 'record');
  const { code, output } = await runSuite(['facts.contract', '--facts', facts, '--record', record]);
  expect(output).toMatch(/Tests {2}8 passed \(8\)/);
  expect(code).toBe(0);

  const har = readFileSync(join(record, 'facts.har'), 'utf8');
  expect(har).not.toContain('demo-api-key');
  const checked = await runCli(['assumptions', 'check', join(record, 'facts.har'), '--json'], {
    cwd: tempFolder(),
  });
  expect(refutedIn(checked.stdout)).toEqual(DIFFERENT);
}, 180_000);

/** Without what this run of vitest tells its own files. */
async function runSuite(args: string[]): Promise<{ code: number | null; output: string }> {
  const told = Object.keys(process.env).filter((name) => /^(?:VITEST|CARVOS_|NODE_OPTIONS|TEST$)/.test(name));
  const env = { ...Object.fromEntries(told.map((name) => [name, undefined])), NO_COLOR: '1' };
  const script = join(ROOT, 'scripts/contract-suite.mjs');
  const { code, stdout, stderr } = await runProgram(process.execPath, [script, ...args], { cwd: ROOT, env });
  return { code, output: stdout + stderr };
}
