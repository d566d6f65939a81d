import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, runCli } from '../support/program.ts';
import { startTestReceiver } from '../support/receiver.ts';
import { havePrograms } from '../support/require-program.ts';
import { openTerminal, type Terminal } from '../support/tmux.ts';

const noTmux = !havePrograms('carvos inspect in a real terminal', 'tmux', 'sed');
const INSPECT = `node "${CARVOS}" inspect; echo "ended $?"`;

/** An editor that changes the first name. */
function editor(folder: string): string {
  const file = join(folder, 'editor.sh');
  writeFileSync(file, `#!/bin/sh\nsed -i 's/"first_name": "[^"]*"/"first_name": "Edited"/' "$1"\n`);
  chmodSync(file, 0o700);
  return file;
}

async function expectRestored(terminal: Terminal, code: number) {
  await terminal.waitFor(new RegExp(`ended ${code}`));
  await expect.poll(terminal.modes).toEqual({ alternate: false, cursor: true, wrap: true });
  // The shell gets lines again, and shows what is typed.
  terminal.press('echo back', 'Enter');
  await terminal.waitFor(/^back$/m);
}

test.skipIf(noTmux)('a delivery appears, fails, is replayed edited, and succeeds', async () => {
  const cwd = tempFolder();
  const receiver = await startTestReceiver(({ body }) => (body.includes('Edited') ? 200 : 500));
  const dev = await startDev(cwd, ['--speed', 'manual', '--webhook-url', receiver.url]);
  const terminal = openTerminal(cwd, `EDITOR='"${editor(cwd)}"' ${INSPECT}`);
  await terminal.waitFor(/No deliveries yet/);
  expect(terminal.modes()).toEqual({ alternate: true, cursor: false, wrap: false });

  terminal.press('s');
  await terminal.waitFor(/Send a sample event/);
  terminal.press('candidate.cr', 'Enter');
  await terminal.waitFor(/▶ ← \S+ candidate\.created +acme-corp ✗ 500 +1\/5 .*1m \(‖\)/);
  terminal.press('Enter');
  await terminal.waitFor(/\[1 request\]/);
  terminal.press('3');
  await terminal.waitFor(/✗──1m──◉──5m──○/);
  terminal.press('n');
  await terminal.waitFor(/✗──1m──✗──5m──◉/);

  terminal.press('e');
  await terminal.waitFor(/✓ replayed as dlv_\S+: ✓ 200/);
  expect(receiver.received.at(-1)!.body.toString()).toContain('Edited');
  terminal.press('Escape');
  await terminal.waitFor(/▶ ← .*1\/5/);
  terminal.press('g');
  await terminal.waitFor(/▶ ← \S+ candidate\.created +acme-corp ✓ 200 +rep/);

  terminal.press('/');
  terminal.press('edited');
  await terminal.waitFor(/filter: \/edited.* \d+ found/);
  terminal.press('Enter');
  terminal.press('o');
  await terminal.waitFor(/only success/);
  terminal.press('Escape');
  await expect.poll(terminal.text).not.toMatch(/filter:/);

  for (const [columns, rows] of [
    [40, 12],
    [160, 40],
    [80, 24],
  ] as const) {
    terminal.resize(columns, rows);
    const body = columns === 160 ? '│ .*3 attempts[\\s\\S]*▶ ← ' : '▶ ← ';
    await terminal.waitFor(new RegExp(`^carvos ● live[\\s\\S]*${body}[\\s\\S]*\\n\\? help`));
  }

  dev.program.kill('SIGKILL');
  await terminal.waitFor(/LOST, reconnecting/);
  await startDev(cwd, ['--speed', 'manual', '--webhook-url', receiver.url]);
  await terminal.waitFor(/● live/);
  expect((await runCli(['send', 'vacancy.created'], { cwd })).code).toBe(0);
  await terminal.waitFor(/▶ ← \S+ vacancy\.created/);
  terminal.press('q');
  await expectRestored(terminal, 0);
});

test.skipIf(noTmux)('the terminal is as it was, however it ends', async () => {
  const cwd = tempFolder();
  await startDev(cwd, ['--speed', 'manual']);
  const terminal = openTerminal(cwd, INSPECT);
  await terminal.waitFor(/No deliveries yet/);
  terminal.press('C-c');
  await expectRestored(terminal, 0);
  for (const [signal, code] of [
    ['TERM', 143],
    ['INT', 130],
  ] as const) {
    rmSync(join(cwd, 'pid'), { force: true });
    terminal.press(`clear; sh -c 'echo $$ > pid; exec node "${CARVOS}" inspect'; echo "ended $?"`, 'Enter');
    await terminal.waitFor(/No deliveries yet/);
    // Keys without a meaning, and one that shows that they were read: what was not would be the shell's.
    terminal.press('x', '\\', 'F5', 'C-z', 'M-x', '?');
    await terminal.waitFor(/Here, the list/);
    process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), `SIG${signal}`);
    await expectRestored(terminal, code);
  }
});

test.skipIf(noTmux)('dev --tui is the gateway with the screen; leaving it stops the gateway', async () => {
  const cwd = tempFolder();
  const terminal = openTerminal(cwd, `node "${CARVOS}" dev --tui --port 0; echo "ended $?"`);
  await terminal.waitFor(/● live/);
  expect((await runCli(['send', 'candidate.created', '--wait'], { cwd })).code).toBe(0);
  await terminal.waitFor(/▶ ← \S+ candidate\.created +acme-corp ✓ 200/);
  terminal.press('q');
  await expectRestored(terminal, 0);
  expect((await runCli(['status'], { cwd })).code).toBe(2);
});

test.skipIf(noTmux)('without an emulator the database is shown, read-only, until one starts', async () => {
  const cwd = tempFolder();
  const dev = await startDev(cwd, []);
  await runCli(['send', 'candidate.created', '--wait'], { cwd });
  await dev.program.end('SIGTERM');
  const terminal = openTerminal(cwd, `NO_COLOR=1 ${INSPECT}`);
  await terminal.waitFor(/READ-ONLY, from the file[\s\S]*▶ ← \S+ candidate\.created/);
  terminal.press('r');
  await terminal.waitFor(/✗ read-only: this is the database file/);
  await startDev(cwd, []);
  await terminal.waitFor(/● live[\s\S]*▶ ← \S+ candidate\.created/);
  terminal.press('q');
  await expectRestored(terminal, 0);
});

test('without a terminal it says which command gives the same as JSON', async () => {
  const { code, stderr, stdout } = await runCli(['inspect'], { cwd: tempFolder() });
  expect(code).toBe(2);
  expect(stderr).toContain('carvos deliveries --json');
  expect(stdout).toBe('');
  expect((await runCli(['dev', '--tui', '--port', '0'], { cwd: tempFolder() })).code).toBe(2);
});
