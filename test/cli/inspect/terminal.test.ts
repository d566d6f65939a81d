import { expect, test } from 'vitest';
import { widthOf } from '../../../src/cli/terminal/width.ts';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli } from '../../support/program.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';
import { openTerminal } from '../../support/tmux.ts';

const noTmux = !havePrograms('what carvos inspect does in a real terminal', 'tmux');
// An editor that fails.
const INSPECT = `EDITOR=false "${process.execPath}" "${CARVOS}" inspect`;

/** The screen, in a terminal, with one delivery that failed once. */
async function openFailed() {
  const cwd = tempFolder();
  const receiver = await startTestReceiver((_received, index) => (index === 0 ? 500 : 200));
  const dev = await startDev(cwd, ['--speed', 'manual', '--webhook-url', receiver.url]);
  const terminal = openTerminal(cwd, INSPECT);
  await terminal.waitFor(/No deliveries yet/);
  expect((await runCli(['send', 'candidate.created'], { cwd })).code).toBe(0);
  await terminal.waitFor(/▶ ← .*✗ 500/);
  return { cwd, dev, receiver, terminal };
}

test.skipIf(noTmux)('y and i reach the clipboard of the terminal', async () => {
  const { terminal, receiver } = await openFailed();
  terminal.press('i');
  await terminal.waitFor(/✓ copied dlv_/);
  await expect.poll(terminal.clipboard).toMatch(/^dlv_\w+$/);
  terminal.press('y');
  await terminal.waitFor(/✓ copied dlv_\S+ as a curl command/);
  await expect.poll(terminal.clipboard).toContain(receiver.url);
  expect(terminal.clipboard()).toContain(receiver.received[0]!.headers['x-webhook-signature']);
});

test.skipIf(noTmux)('another URL, the clock and its speed, by keys alone', async () => {
  const { terminal, receiver } = await openFailed();
  const other = await startTestReceiver();
  terminal.press('t');
  await terminal.waitFor(/Replay to/);
  terminal.press(`${other.url}`, 'Enter');
  await terminal.waitFor(/✓ replayed as dlv_\S+: ✓ 200/);
  expect(other.received).toHaveLength(1);
  expect(receiver.received).toHaveLength(1);
  terminal.press('a');
  await terminal.waitFor(/Advance the clock/);
  terminal.press('61s', 'Enter');
  await terminal.waitFor(/✓ the clock .*1 attempt made/);
  expect(receiver.received).toHaveLength(2);
  terminal.press('+');
  await terminal.waitFor(/clock 1×/);
  terminal.press('Space');
  await terminal.waitFor(/clock ‖ paused/);
  terminal.press('Space');
  await terminal.waitFor(/clock 1×/);
  terminal.press('-');
  await terminal.waitFor(/clock ‖ manual/);
});

test.skipIf(noTmux)('at any size each line fits, to the last column, also while it is resized', async () => {
  const { terminal } = await openFailed();
  terminal.press('e');
  await terminal.waitFor(/✗ /);
  for (const [columns, rows] of [
    [40, 12],
    [200, 50],
    [20, 5],
    [140, 30],
    [8, 3],
    [80, 24],
  ] as const) {
    terminal.resize(columns, rows);
    const settled = async () => {
      const lines = terminal.text().replace(/\n$/, '').split('\n');
      expect(lines).toHaveLength(rows);
      expect(lines[0]).toMatch(/^carvos/);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      if (rows >= 5) expect(lines.at(-1)).toMatch(/^\? help/);
    };
    await expect.poll(() => settled().then(() => 'settled', String)).toBe('settled');
  }
  terminal.resize(40, 12);
  terminal.press('/');
  terminal.press('0123456789012345678901234567890123456789');
  // The ellipsis stands in the last column.
  await terminal.waitFor(/^.{39}…$/m);
});

test.skipIf(noTmux)('pasted garbage and wrong keys do no harm', async () => {
  const { terminal, receiver } = await openFailed();
  const sent = receiver.received.length;
  terminal.press('/');
  await terminal.waitFor(/filter: /);
  terminal.paste('\x1b[2J\x1b]0;title\x07\x00漢字\t{"a":\r\n1}\x1b[31m');
  await terminal.waitFor(/^carvos ● live/);
  terminal.press('Escape');
  await expect
    .poll(() => {
      terminal.press('Escape');
      return terminal.text();
    })
    .not.toMatch(/filter:/);
  terminal.press('F1', 'F12', 'C-z', 'C-\\', 'M-,', 'Insert', 'C-Left', 'é', '🙂');
  await terminal.waitFor(/▶ ← .*✗ 500[\s\S]*\n\? help/);
  expect(receiver.received).toHaveLength(sent);
  // r would replay, s would send: but pasted letters are no keys.
  terminal.paste('\x1b[200~rrs\r\x1b[201~');
  await terminal.waitFor(/pasted text does nothing here/);
  expect(receiver.received).toHaveLength(sent);
  terminal.press('/');
  await terminal.waitFor(/filter: /);
  terminal.paste('\x1b[200~candidate\x1b[31m\r\n\x1b[201~');
  await terminal.waitFor(/filter: \/candidate\[31m▏/);
  terminal.press('Escape');
  await expect.poll(terminal.text).not.toMatch(/filter:/);
  terminal.press('?');
  await terminal.waitFor(/more lines/);
  terminal.press('End');
  await terminal.waitFor(/Marks[\s\S]*test event/);
  terminal.press('Escape');
  await terminal.waitFor(/▶ ← .*✗ 500/);
});

test.skipIf(noTmux)('a reset by another terminal is seen, and said', async () => {
  const { terminal, cwd } = await openFailed();
  expect((await runCli(['reset', '--yes'], { cwd })).code).toBe(0);
  await terminal.waitFor(/No deliveries yet[\s\S]*reset: everything before it is gone/);
});
