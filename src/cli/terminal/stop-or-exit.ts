import { exitOfSignal } from './errors.ts';
import { SAME_SIGNAL_MS, type Signal } from './io.ts';

/**
 * For `io.onSignal`: the first signal asks for an end, a later one ends the process at once. The same that comes twice
 * within half a second, from the terminal and from npm, is one.
 */
export function stopOrExit(stop: (signal: Signal) => void): (signal: Signal) => void {
  let first: number | undefined;
  return (signal) => {
    const now = performance.now();
    if (first === undefined) {
      first = now;
      stop(signal);
    } else if (now - first >= SAME_SIGNAL_MS) process.exit(exitOfSignal(signal));
  };
}
