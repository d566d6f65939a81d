import { CliError } from '../terminal/errors.ts';
import { readDuration } from '../text/duration.ts';

/** A flag that takes a duration; gives milliseconds. */
export const durationFlag = (name: string) => (text: string) => parseDuration(text, name);

/**
 * Reads `90s`, `5m`, `1h30m`, `250ms`.
 *
 * @param name the flag or field, for the error.
 * @returns milliseconds.
 * @throws CliError (exit 2).
 */
export function parseDuration(text: string, name: string): number {
  const ms = readDuration(text);
  if (ms !== null) return ms;
  throw new CliError(`${name}: ${JSON.stringify(text)} is not a duration`, {
    next: 'write it like 90s, 5m, 2h or 1h30m',
  });
}
