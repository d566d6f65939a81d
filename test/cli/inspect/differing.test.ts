import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli } from '../../support/program.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';
import { openTerminal } from '../../support/tmux.ts';

const noTmux = !havePrograms('what carvos inspect says of a 401', 'tmux');

test.skipIf(noTmux)('of a 401 the screen says that the gateway has another secret than .env', async () => {
  const cwd = tempFolder();
  const receiver = await startTestReceiver(() => 401);
  writeFileSync(join(cwd, '.env'), 'CARVOS_OUTGOING_SECRET=the-one-in-the-file\n');
  await startDev(cwd, ['--speed', 'manual', '--webhook-url', receiver.url]);
  const rotated = await runCli(['config', 'rotate', 'outgoing-secret', '--json'], { cwd });
  expect(rotated.code).toBe(0);
  expect((await runCli(['send', 'candidate.created'], { cwd })).code).toBe(0);
  const terminal = openTerminal(cwd, `"${process.execPath}" "${CARVOS}" inspect`);
  await terminal.waitFor(/▶ ← .*✗ 401/);
  terminal.press('Enter', '2');
  await terminal.waitFor(/another outgoing secret/);
});
