import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, spawnProgram } from '../support/program.ts';

/** Runs a command once nobody reads the pipe any more that its standard error is. */
const SCRIPT = `exec 3>&1
{ trap '' PIPE; while echo x; do :; done 2>/dev/null; "$0" "$@" 2>&1 >/dev/null; echo "code $?" >&3; } | true`;

test.each<[number, string[]]>([
  [2, ['status']],
  [2, ['no-such-command']],
  [2, ['verify', '--no-such-flag']],
  [5, ['send', 'candidate.created', '--url', '9', '--verbose']],
  [7, ['exec', '--', 'sh', '-c', 'exit 7']],
])('whoever reads standard error no more changes no exit code: %i of %j', async (code, args) => {
  const program = spawnProgram('sh', ['-c', SCRIPT, process.execPath, CARVOS, ...args], {
    cwd: tempFolder(),
  });
  expect((await program.ended).stdout).toBe(`code ${code}\n`);
});
