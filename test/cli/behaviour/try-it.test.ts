import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli } from '../../support/program.ts';

const secrets = (id: string) => ({
  id,
  apiKey: `key-${id}`,
  incomingSecret: `in-${id}`,
  outgoingSecret: `out-${id}`,
});
const member = { userId: 'u-1', name: 'U', email: 'u@x.example' };

test.each([
  ['no config', null],
  [
    'two ATSs, of which the second has a workspace',
    [secrets('one'), { ...secrets('two'), workspaces: [{ clientId: 'c', name: 'C', members: [member] }] }],
  ],
  [
    'two workspaces, of which the second has a member',
    [
      {
        ...secrets('one'),
        workspaces: [
          { clientId: 'a', name: 'A' },
          { clientId: 'b', name: 'B', members: [member] },
        ],
      },
    ],
  ],
  ['two ATSs without a workspace', [secrets('one'), secrets('two')]],
])('what dev says to try works as it is printed: %s', async (_what, ats) => {
  const cwd = tempFolder();
  if (ats !== null) writeFileSync(join(cwd, 'carvos.config.json'), JSON.stringify({ ats }));
  const { program } = await startDev(cwd, ['--db', ':memory:'], { npm_config_user_agent: '' });
  await program.waitForText(/in another terminal/);
  const [, said] = /Try it in another terminal, in this folder: (.*)/.exec(program.stdout)!;
  const bin = tempFolder();
  writeFileSync(join(bin, 'carvos'), `#!/bin/sh\nexec '${process.execPath}' '${CARVOS}' "$@"\n`);
  chmodSync(join(bin, 'carvos'), 0o755);
  const env = { PATH: `${bin}${delimiter}${process.env.PATH}` };
  const { stdout } = await promisify(execFile)('sh', ['-ec', said!.split(', then ').join('\n')], {
    cwd,
    env,
  });
  expect(stdout).toContain('202  candidate.created');
  await program.waitForText(/← outgoing {2}candidate\.created .* 200 /);
});

test('an upload that is stored leaves a line in dev, and .carvos is ignored by git', async () => {
  const cwd = tempFolder();
  const { program } = await startDev(cwd, []);
  writeFileSync(join(cwd, 'cv.pdf'), '%PDF-1.4\n%%EOF\n');
  const sent = await runCli(['send', 'candidate.created', '--cv', 'cv.pdf'], { cwd });
  const [, id] = /carv_file_id (\S+)/.exec(sent.stdout)!;
  const [line] = await program.waitForText(/upload stored: .*/);
  expect(line).toBe(
    `upload stored: cv.pdf, application/pdf, 15 bytes, for acme-corp of demo-ats: carv_file_id ${id}`,
  );
  expect(readFileSync(join(cwd, '.carvos/.gitignore'), 'utf8')).toBe('*\n');
});

test('what is missing is told together', async () => {
  const { code, stderr } = await runCli(['workspace', 'add', '--name', 'x'], { cwd: tempFolder() });
  expect(code).toBe(2);
  expect(stderr).toContain('error: missing: <client-id>, --admin-name <name>, --admin-email <email>\n');
  const diff = await runCli(['diff'], { cwd: tempFolder() });
  expect(diff.stderr).toContain('error: missing: <before>, <after>\n');
  const surplus = await runCli(['send', 'candidate.created', '--wait', '5s'], { cwd: tempFolder() });
  expect([surplus.code, surplus.stderr]).toEqual([
    2,
    expect.stringContaining('error: nothing is known to do with "5s" here\n'),
  ]);
});
