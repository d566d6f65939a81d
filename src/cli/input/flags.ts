import { DIRECTION_WORDS, readDirection } from '../../contract/control/direction.ts';
import { EVENT_DIRECTIONS } from '../../contract/event-names.ts';
import { toUtf8 } from '../../files/decode-text.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';
import { type Io, nameOf, readBody } from '../terminal/io.ts';
import { DURATION_FORMS, readDuration } from '../text/duration.ts';

/** A word that completion offers, with what it means where that helps. */
export interface Word {
  word: string;
  about?: string;
}

export type Words = readonly string[] | Readonly<Record<string, string>>;

/** Known to every copy of this file: commands are built in groups. */
const OFFERED = Symbol.for('carvos: words that completion offers');

/**
 * Gives a flag or argument the words that completion offers for it. The words stand with the parser, where
 * commander keeps it, so that there is no second list.
 *
 * @param words names, or names with what each means.
 */
export function offering<P extends (text: string, before: never) => unknown>(words: Words, parse: P): P {
  const list = Array.isArray(words)
    ? words.map((word): Word => ({ word }))
    : Object.entries(words).map(([word, about]): Word => ({ word, about }));
  return Object.assign(parse.bind(null) as P, { [OFFERED]: list });
}

/** For a flag that is read later, or that also takes other values. */
export function suggest(words: Words): (text: string) => string {
  return offering(words, (text: string) => text);
}

/** What was given with {@link offering}. */
export function offeredBy(parse: unknown): readonly Word[] {
  return (parse as { [OFFERED]?: Word[] } | undefined)?.[OFFERED] ?? [];
}

/**
 * The body of `sign` and `verify`: a file, `-`, or standard input when it is not a terminal.
 *
 * @throws CliError (exit 2).
 */
export async function readInput(io: Io, source: string | undefined): Promise<Buffer> {
  if (source === undefined && io.stdin.isTTY === true) {
    throw new CliError('there is no body', { next: 'give a file, or - to type it here' });
  }
  const bytes = await readBody(io, source ?? '-');
  const { was } = toUtf8(bytes);
  if (was !== null) io.warn?.(`${nameOf(source ?? '-')} is ${was}: its bytes are taken as they are`);
  return bytes;
}

/**
 * A time as Unix seconds: written so, or as ISO 8601.
 *
 * @throws CliError (exit 2).
 */
export function parseTime(text: string, name: string): number {
  if (/^[0-9]{1,12}$/.test(text)) return Number(text);
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? readTime(text) : Number.NaN;
  if (!Number.isNaN(ms)) return Math.floor(ms / 1000);
  throw new CliError(`${name}: ${JSON.stringify(text)} is not a time`, {
    next: 'give Unix seconds (1768472880) or ISO 8601 (2026-01-15T10:28:00Z)',
  });
}

/** Local where it names no zone: `Date.parse` takes a day alone for one of UTC. */
function readTime(text: string): number {
  return Date.parse(/^\d{4}-\d{2}(?:-\d{2})?$/.test(text) ? `${text.padEnd(10, '-01')}T00:00` : text);
}

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
    next: DURATION_FORMS,
  });
}

/**
 * `--since`: an age or a time. An age beyond 1970 is older than all there is.
 *
 * @returns ISO 8601.
 * @throws CliError (exit 2).
 */
export function parseSince(text: string): string {
  const time = /^[0-9]{4}-/.test(text)
    ? readTime(text)
    : Math.max(0, Date.now() - (readDuration(text) ?? Number.NaN));
  if (Number.isNaN(time)) {
    throw new CliError(`--since: ${JSON.stringify(text)} is neither an age nor a time`, {
      next: 'write it like 10m or 2026-11-23T10:00:00Z',
    });
  }
  return new Date(time).toISOString();
}

/** A flag that may be repeated, each value of which is read by `parse`. */
export function repeatable<T>(parse: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), parse(text)];
}

export const collect = repeatable((text) => text);

/**
 * A secret as a flag. Empty is no secret: a variable was not set.
 *
 * @throws CliError (exit 2).
 */
export function readSecret(value: string): string {
  if (value !== '') return value;
  throw new CliError('--secret is empty', {
    next: 'check that the variable which it should come from is set',
  });
}

export const collectSecrets = repeatable(readSecret);

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

/**
 * An argument that is one of some names.
 *
 * @param what what has the name, for the error: `there is no WHAT NAME`.
 * @throws CliError (exit 2).
 */
export function oneNamed<T extends string>(
  what: string,
  names: readonly T[],
  about?: Words,
): (text: string) => T {
  return offering(about ?? names, (text: string) => {
    if ((names as readonly string[]).includes(text)) return text as T;
    throw new CliError(`there is no ${what} ${text}.${didYouMean(text, names)}`, {
      next: `choose one of ${names.join(', ')}`,
    });
  });
}

/** `--direction`: also in the words of the delivery log (contract, section 6). */
export const parseDirection = offering(EVENT_DIRECTIONS, (value: string) =>
  readDirection(oneOf('--direction', DIRECTION_WORDS)(value)),
);

/** `--direction` of a list, as commander takes it. */
export const DIRECTION_FLAG = [
  '--direction <direction>',
  'only incoming (ATS → CarvOS) or outgoing (CarvOS → ATS)',
  parseDirection,
] as const;

/**
 * `--port`.
 *
 * @throws CliError (exit 2).
 */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && port <= 65_535) return port;
  throw new CliError(`--port: ${JSON.stringify(text)} is not a port from 0 to 65535`);
}

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
