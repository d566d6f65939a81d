import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, spawnProgram } from '../support/program.ts';

/** Runs a command once nobody reads the pipe any more that is its standard error, or its standard output. */
const script = (redirected: string) => `exec 3>&1
{ trap '' PIPE; while echo x; do :; done 2>/dev/null; "$0" "$@" ${redirected}; echo "code $?" >&3; } | true`;

const FLOW = 'steps:\n  - send: candidate.created\n    expect: { outcome: delivered }\n  - run: exit 3\n';

const makeFolder = () => tempFolder({ 'body.json': '{}', 'flow.yaml': FLOW });

async function codeOf(redirected: string, args: string[], cwd = makeFolder()): Promise<string> {
  const program = spawnProgram('sh', ['-c', script(redirected), process.execPath, CARVOS, ...args], { cwd });
  return (await program.ended).stdout;
}

test.each<[number, string[]]>([
  [2, ['status']],
  [2, ['no-such-command']],
  [2, ['verify', '--no-such-flag']],
  [5, ['send', 'candidate.created', '--url', '9', '--verbose']],
  [7, ['exec', '--', 'sh', '-c', 'exit 7']],
])('whoever reads standard error no more changes no exit code: %i of %j', async (code, args) => {
  expect(await codeOf('2>&1 >/dev/null', args)).toBe(`code ${code}\n`);
});

test.each([
  [0, ['events']],
  [3, ['verify', 'body.json', '--secret', 's', '--signature', `t=1,v1=${'0'.repeat(64)}`]],
  [1, ['run', 'flow.yaml']],
  [
    1,
    [
      'exec',
      '--',
      process.execPath,
      CARVOS,
      'send',
      'candidate.created',
      '--expect',
      'data.first_name=Nobody',
    ],
  ],
  [5, ['check', '1', '--only', 'accepts-valid']],
])('whoever reads no more has seen enough, and the verdict stays: %i of %j', async (code, args) => {
  expect(await codeOf('2>/dev/null', args)).toBe(`code ${code}\n`);
});

test('run --watch has nobody to tell any more: it ends, and what it started with it', async () => {
  const cwd = makeFolder();
  const start = 'echo $$ >started; exec sleep 300';
  expect(await codeOf('2>/dev/null', ['run', 'flow.yaml', '--watch', '--start', start], cwd)).toBe(
    'code 0\n',
  );
  const pid = Number(readFileSync(join(cwd, 'started'), 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('dev has nobody to tell any more: it ends as at Ctrl-C', async () => {
  const cwd = makeFolder();
  expect(await codeOf('2>/dev/null', ['dev', '--port', '0'], cwd)).toBe('code 0\n');
  expect(existsSync(join(cwd, '.carvos/carvos.db'))).toBe(true);
  for (const left of ['emulator.json', 'carvos.db-wal'])
    expect(existsSync(join(cwd, '.carvos', left)), left).toBe(false);
});
