import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { isAlive } from '../../support/is-alive.ts';
import { CARVOS } from '../../support/program.ts';
import { havePrograms } from '../../support/require-program.ts';
import { openTerminal, type Terminal } from '../../support/tmux.ts';

const missing = !havePrograms('how carvos inspect leaves a real terminal', 'tmux', 'stty');

/** The terminal's own account of itself: raw mode, echo, signals, control characters. */
async function sttyOf(terminal: Terminal, cwd: string, name: string): Promise<string> {
  terminal.press(`stty -a > ${name} && echo "kept ${name}"`, 'Enter');
  await terminal.waitFor(new RegExp(`^kept ${name}$`, 'm'));
  // The size is no mode.
  return readFileSync(join(cwd, name), 'utf8').replace(/rows \d+; columns \d+;/, '');
}

/** Runs the screen, ends it somehow, and compares the terminal with what it was. */
async function leaves(options: {
  command: string;
  shown: RegExp;
  end(terminal: Terminal, pid: number): void | Promise<void>;
  code: number;
  says?: RegExp;
  cwd: string;
}): Promise<void> {
  const { command, shown, end, code, says, cwd } = options;
  rmSync(join(cwd, 'pid'), { force: true });
  const terminal = openTerminal(cwd, 'echo begun');
  await terminal.waitFor(/^begun$/m);
  const before = await sttyOf(terminal, cwd, 'before');
  expect(before).toMatch(/(?<!-)\bicanon\b[\s\S]*(?<!-)\becho\b/);
  terminal.press(`clear; sh -c 'echo $$ > pid; exec ${command}'; echo "ended $?"`, 'Enter');
  await terminal.waitFor(shown);
  await end(terminal, Number(readFileSync(join(cwd, 'pid'), 'utf8')));
  const text = await terminal.waitFor(new RegExp(`^ended ${code}$`, 'm'));
  if (says) expect(text).toMatch(says);
  await expect.poll(terminal.modes).toEqual({ alternate: false, cursor: true, wrap: true });
  expect(await sttyOf(terminal, cwd, 'after')).toBe(before);
}

const INSPECT = `"${process.execPath}" "${CARVOS}" inspect`;
const WAYS: [(terminal: Terminal, pid: number) => void, number][] = [
  [(terminal) => terminal.press('q'), 0],
  [(terminal) => terminal.press('C-c'), 0],
  [(_, pid) => void process.kill(pid, 'SIGINT'), 130],
  [(_, pid) => void process.kill(pid, 'SIGTERM'), 143],
  [(_, pid) => void process.kill(pid, 'SIGHUP'), 143],
];

test.skipIf(missing)('the terminal is as it was, however the screen is left', async () => {
  const cwd = tempFolder();
  await startDev(cwd, ['--speed', 'manual']);
  for (const [end, code] of WAYS)
    await leaves({ cwd, command: INSPECT, shown: /No deliveries yet/, end, code });
});

test.skipIf(missing)(
  'an exception that nobody catches leaves the terminal as it was, and says what it was',
  async () => {
    const cwd = tempFolder();
    await startDev(cwd, ['--speed', 'manual']);
    // A fault from outside: whatever else runs in the process may throw at any time.
    const fault = join(cwd, 'fault.cjs');
    writeFileSync(fault, "process.on('SIGUSR2', () => { throw new Error('thrown from outside'); });");
    await leaves({
      cwd,
      command: `"${process.execPath}" --require "${fault}" "${CARVOS}" inspect`,
      shown: /No deliveries yet/,
      end: (_, pid) => void process.kill(pid, 'SIGUSR2'),
      code: 70,
      says: /error: carvos \S+ has a bug: thrown from outside\n {2}next: run it again with --verbose/,
    });
  },
);

test.skipIf(missing)('a terminal that is closed ends it', async () => {
  const cwd = tempFolder();
  await startDev(cwd, ['--speed', 'manual']);
  const terminal = openTerminal(cwd, `sh -c 'echo $$ > pid; exec ${INSPECT}'`);
  await terminal.waitFor(/No deliveries yet/);
  const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
  terminal.close();
  await expect.poll(() => isAlive(pid)).toBe(false);
});
