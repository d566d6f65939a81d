import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli, startCarvos } from '../../support/program.ts';
import { startTestReceiver } from '../../support/receiver.ts';

const DEV = ['--db', ':memory:', '--speed', 'max'];

test('what a step cannot do fails that step, and the run ends beside a dev', async () => {
  const cwd = tempFolder();
  await startDev(cwd, DEV);
  const flows = {
    'a.yaml': 'steps: [{ snapshot: nowhere/state.db }]\n',
    'b.yaml': 'vars: { url: "http://[::1" }\nsteps: [{ request: "GET ${url}" }]\n',
    'c.yaml': 'steps: [{ request: GET ftp://localhost/x }]\n',
    'd.yaml': 'steps: [{ request: GET /healthz, headers: { X-Odd: "a\\nb" } }]\n',
    'e.yaml': 'steps: [{ request: GET /healthz }]\n',
  };
  for (const [name, text] of Object.entries(flows)) writeFileSync(join(cwd, name), text);
  const { code, stdout, stderr } = await runCli(['run', ...Object.keys(flows), '--json'], { cwd });
  expect([code, stderr]).toEqual([2, '']);
  const { scenarios } = JSON.parse(stdout) as { scenarios: { steps: { text: string }[] }[] };
  expect(scenarios.map(({ steps }) => steps[0]!.text)).toEqual([
    'cannot write nowhere/state.db: no such folder',
    'request: "http://[::1" is not a target',
    'request: "ftp://localhost/x" is not a target',
    'request: Invalid character in header content ["X-Odd"]',
    '200',
  ]);
});

test('a request goes to host and port without http:// too', async () => {
  const receiver = await startTestReceiver(() => 204);
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'flow.yaml'), `steps: [{ request: "GET ${new URL(receiver.url).host}/x" }]\n`);
  expect((await runCli(['run', 'flow.yaml'], { cwd })).stdout).toContain('204');
});

test('what is not there is called a file or a folder', async () => {
  const { code, stderr } = await runCli(['run', 'flows'], { cwd: tempFolder() });
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/there is no file or folder flows\n {2}next: name/),
  ]);
});

test('a word that cannot be is answered with those that can', async () => {
  const cwd = tempFolder({
    'flow.yaml': 'name: scored\nsteps: [{ request: GET /healthz }]\n',
    'wrong.yaml': 'steps: [{ expect: { outcome: deliverd } }]\n',
  });
  const only = await runCli(['run', 'flow.yaml', '--only', 'x'], { cwd });
  expect([only.code, only.stderr]).toEqual([2, expect.stringContaining('next: choose from scored')]);
  const wrong = await runCli(['run', 'wrong.yaml'], { cwd });
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('next: choose one of pending, delivered'),
  ]);
});

test('where no temporary folder can be made, that is said', async () => {
  const cwd = tempFolder({ file: '' });
  writeFileSync(join(cwd, 'flow.yaml'), 'steps: [{ run: "echo ${run.folder}" }]\n');
  // The processes that tests share have a use for such a folder of their own.
  const program = startCarvos(['run', 'flow.yaml'], { cwd, env: { TMPDIR: join(cwd, 'file') } });
  const { code, stdout } = await program.ended;
  expect([code, stdout]).toEqual([2, expect.stringContaining('cannot make a temporary folder: ')]);
});

test('a recording that cannot be written says why', async () => {
  const cwd = tempFolder({ file: '' });
  await startDev(cwd, DEV);
  const sent = await runCli(['send', 'candidate.created', '--wait', '--json'], { cwd });
  const { reference_id } = JSON.parse(sent.stdout) as { reference_id: string };
  const { code, stderr } = await runCli(['run', '--record', 'file/flow.yaml', reference_id], { cwd });
  expect([code, stderr]).toEqual([2, 'error: cannot write file/flow.yaml: a part of its path is a file\n']);
});
