import { CliError, exitOfSignal } from './errors.ts';
import type { Io } from './io.ts';

/**
 * Waits for `task`, or for a signal.
 *
 * @param left what a signal leaves, for who gave it.
 * @throws what the task throws; CliError (exit 130 or 143) with `left`.
 */
export async function untilSignal<T>(io: Io, task: Promise<T>, left: string, next?: string): Promise<T> {
  const interrupted = new Promise<never>((_resolve, reject) => {
    io.onSignal = (signal) =>
      reject(new CliError(`interrupted: ${left}`, { next, exitCode: exitOfSignal(signal) }));
  });
  return await Promise.race([task, interrupted]).finally(() => {
    io.onSignal = null;
  });
}
