import { DIRECTION_WORDS, readDirection } from '../../contract/control/direction.ts';
import { EVENT_DIRECTIONS } from '../../contract/event-names.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';
import { type Io, readBody } from '../terminal/io.ts';
import { parseDuration } from './duration.ts';
import { offering } from './offer.ts';

/**
 * The body of `sign` and `verify`: a file, `-`, or standard input when it is not a terminal.
 *
 * @throws CliError (exit 2).
 */
export async function readInput(io: Io, source: string | undefined): Promise<Buffer> {
  if (source === undefined && io.stdin.isTTY === true) {
    throw new CliError('there is no body', { next: 'give a file, or - to type it here' });
  }
  return await readBody(io, source ?? '-');
}

/**
 * A time as Unix seconds: written so, or as ISO 8601.
 *
 * @throws CliError (exit 2).
 */
export function parseTime(text: string, name: string): number {
  if (/^[0-9]{1,12}$/.test(text)) return Number(text);
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return Math.floor(ms / 1000);
  throw new CliError(`${name}: ${JSON.stringify(text)} is not a time`, {
    next: 'give Unix seconds (1768472880) or ISO 8601 (2026-01-15T10:28:00Z)',
  });
}

/**
 * `--since`: an age or a time.
 *
 * @returns ISO 8601.
 * @throws CliError (exit 2).
 */
export function parseSince(text: string): string {
  const time = /^[0-9]{4}-/.test(text) ? Date.parse(text) : Date.now() - parseDuration(text, '--since');
  if (Number.isNaN(time)) {
    throw new CliError(`--since: ${JSON.stringify(text)} is neither an age nor a time`, {
      next: 'write it like 10m or 2026-11-23T10:00:00Z',
    });
  }
  return new Date(time).toISOString();
}

/** Collects a flag that may be repeated. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/**
 * A secret as a flag. Empty is no secret: a variable was not set.
 *
 * @throws CliError (exit 2).
 */
export function readSecret(value: string): string {
  if (value !== '') return value;
  throw new CliError('--secret is empty', { next: 'is the variable set that it should come from?' });
}

/** The same where it may be repeated. */
export function collectSecrets(value: string, before: string[] | undefined): string[] {
  return collect(readSecret(value), before);
}

/**
 * A flag with a fixed set of values.
 *
 * @throws CliError (exit 2).
 */
export function oneOf<T extends string>(name: string, allowed: readonly T[]): (value: string) => T {
  return offering(allowed, (value: string) => {
    if ((allowed as readonly string[]).includes(value)) return value as T;
    throw new CliError(
      `${name}: ${JSON.stringify(value)} is not one of ${allowed.join(', ')}.${didYouMean(value, allowed)}`,
    );
  });
}

/** `--direction`: also in the words of the delivery log (contract, section 6). */
export const parseDirection = offering(EVENT_DIRECTIONS, (value: string) =>
  readDirection(oneOf('--direction', DIRECTION_WORDS)(value)),
);

/**
 * A flag that counts something.
 *
 * @throws CliError (exit 2).
 */
export function wholeNumber(name: string, from: number, to: number): (value: string) => number {
  return (value) => {
    const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= from && number <= to) return number;
    throw new CliError(`${name}: ${JSON.stringify(value)} is not a whole number from ${from} to ${to}`);
  };
}
