import { clearTimeout, setTimeout } from 'node:timers';
import type { Io } from '../terminal/io.ts';
import type { Child } from './run-child.ts';

/** A command that has got a signal may take so long until it is said what is waited for. */
const PATIENCE_MS = 2000;
/** So many signals within so long kill the command, as with `docker run`: it may mind one, and mean something else by two. */
const KILLING = 3;
const KILLING_WITHIN_MS = 5000;

/**
 * Passes on every signal that asks for an end, until the command has ended. Signals are caught before it
 * starts: one that comes right then would end us and leave it.
 *
 * @param run starts the command; no signal is handled before it returns.
 */
export async function followSignals(
  io: Io,
  run: () => Child,
  note: (text: string) => void,
): Promise<{ child: Child; exitCode: number }> {
  let child: Child | undefined;
  let telling: NodeJS.Timeout | undefined;
  let passed: number[] = [];
  const pass = (signal: NodeJS.Signals) => {
    if (child?.signal(signal) !== true) return;
    const now = performance.now();
    passed = [...passed.filter((at) => now - at < KILLING_WITHIN_MS), now];
    if (passed.length === KILLING) child.signal('SIGKILL');
    telling ??= setTimeout(
      () =>
        note(
          `carvos: the command got ${signal} and still runs; three Ctrl-C within ${KILLING_WITHIN_MS / 1000} s kill it`,
        ),
      PATIENCE_MS,
    );
  };
  io.onSignal = pass;
  // Ctrl-\, which the entry does not handle.
  process.on('SIGQUIT', pass);
  child = run();
  const exitCode = await child.ended;
  clearTimeout(telling);
  process.off('SIGQUIT', pass);
  return { child, exitCode };
}
