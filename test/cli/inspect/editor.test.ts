import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli } from '../../support/program.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';
import { openTerminal } from '../../support/tmux.ts';

const noTmux = !havePrograms('the editor of carvos inspect', 'tmux', 'sed');

test.skipIf(noTmux)('without $EDITOR and $VISUAL e opens vi, with the terminal as it was', async () => {
  const cwd = tempFolder();
  const receiver = await startTestReceiver(({ body }) => (body.includes('by vi') ? 200 : 500));
  await startDev(cwd, ['--speed', 'manual', '--webhook-url', receiver.url]);
  // A vi that waits for a key, as the real one does.
  mkdirSync(join(cwd, 'bin'));
  const vi = join(cwd, 'bin', 'vi');
  writeFileSync(
    vi,
    `#!/bin/sh\necho "this is vi"\nread answer\nsed -i 's/"first_name": "[^"]*"/"first_name": "'"$answer"'"/' "$1"\n`,
  );
  chmodSync(vi, 0o700);
  const environment = `env -u EDITOR -u VISUAL PATH="${cwd}/bin:$PATH"`;
  const terminal = openTerminal(cwd, `${environment} "${process.execPath}" "${CARVOS}" inspect`);
  await terminal.waitFor(/No deliveries yet/);
  expect((await runCli(['send', 'candidate.created'], { cwd })).code).toBe(0);
  await terminal.waitFor(/▶ ← .*✗ 500/);
  terminal.press('e');
  await terminal.waitFor(/^this is vi$/m);
  expect(terminal.modes().cursor).toBe(true);
  terminal.press('by vi', 'Enter');
  await terminal.waitFor(/✓ replayed as dlv_\S+: ✓ 200/);
  expect(receiver.received.at(-1)!.body.toString()).toContain('"first_name":"by vi"');
});
