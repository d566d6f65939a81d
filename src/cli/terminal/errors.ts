import { asCalled } from '../../files/called-as.ts';
import { neutralize } from './neutralize.ts';

/** Exit codes that scripts depend on. `exec` ends with its child's instead. */
export const EXIT = {
  ok: 0,
  /** The receiver did not accept, or an expectation or probe does not hold. */
  notMet: 1,
  /** Usage, configuration or input file is wrong; or a running gateway is needed and there is none. */
  usage: 2,
  /** A signature does not verify. */
  signature: 3,
  /** The gateway answered, but not 2xx. */
  refused: 4,
  /** Refused connection, reset, DNS, TLS. */
  unreachable: 5,
  /** Gave up waiting. */
  timeout: 6,
  /** A bug in carvos. */
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

/** How a command ends that a signal ended; SIGHUP counts as SIGTERM. */
export function exitOfSignal(signal: NodeJS.Signals): number {
  return signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
}

/**
 * Of several: the earlier it went wrong, the worse. Wrong input was never sent, then comes what did not
 * arrive, what was refused, what did not hold, and last what is not known yet.
 */
const WORST_FIRST: readonly number[] = [
  EXIT.usage,
  EXIT.unreachable,
  EXIT.refused,
  EXIT.notMet,
  EXIT.timeout,
  EXIT.ok,
];

export function worstExit(a: number, b: number): number {
  return WORST_FIRST.indexOf(a) < WORST_FIRST.indexOf(b) ? a : b;
}

type Where = string | (() => Promise<string>);

export interface ErrorDetails {
  /** Where it is wrong: file and line, flag, or URL. A function where finding that out takes loading something. */
  where?: Where;
  next?: string;
  /** 2 by default. */
  exitCode?: number;
  cause?: unknown;
}

/**
 * An error that the user can do something about. Recognized by its `exitCode`, never by its class:
 * the entry and the lazily loaded commands are separate bundles, each with its own copy of it.
 */
export class CliError extends Error {
  readonly exitCode: number;
  readonly where: Where | undefined;
  readonly next: string | undefined;

  constructor(what: string, details: ErrorDetails = {}) {
    super(what, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CliError';
    this.exitCode = details.exitCode ?? EXIT.usage;
    this.where = details.where;
    this.next = details.next;
  }
}

export type ErrorLike = Error & {
  exitCode?: unknown;
  where?: Where | undefined;
  next?: unknown;
  code?: unknown;
  /** The command whose help tells more, where it is not the first word alone. */
  helpOf?: unknown;
};

/** Whether this is an error for the user to read, from whichever bundle. */
export function isCliError(error: unknown): error is ErrorLike & { exitCode: number } {
  return error instanceof Error && typeof (error as ErrorLike).exitCode === 'number';
}

/** Where it is wrong, once that is found out. */
export async function whereOf({ where }: ErrorLike): Promise<string | undefined> {
  return typeof where === 'function' ? await where() : where;
}

/** What is wrong, where, and what to do next, as lines for standard error. */
export async function describeError(error: ErrorLike): Promise<string> {
  const { message, next } = error;
  // What a file, an event or a server said can stand in it.
  return neutralize(errorText(message, await whereOf(error), typeof next === 'string' ? next : undefined));
}

/** The same from its parts. */
export function errorText(message: string, where: string | undefined, next: string | undefined): string {
  const lines = [`error: ${asCalled(message)}`];
  if (typeof where === 'string') lines.push(`  at: ${where}`);
  if (next !== undefined) lines.push(`  next: ${asCalled(next)}`);
  return lines.join('\n');
}

/** The name that was probably meant, or `undefined` when none is near. */
function nearest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    // No fewer changes than characters too many: a name of 100,000 is not compared at all.
    if (Math.abs(name.length - candidate.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` Did you mean X?`, or nothing. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const found = nearest(name, candidates);
  return found === undefined ? '' : ` Did you mean ${found}?`;
}

/** `. Did you mean X?` after a sentence, for what was asked for and is none of these; or nothing. */
export function slipIn(name: string | undefined, known: readonly string[]): string {
  const meant = name === undefined || known.includes(name) ? '' : didYouMean(name, known);
  return meant === '' ? '' : `.${meant}`;
}

/** Optimal string alignment: a swap of neighbours, the commonest slip, costs one. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1]!;
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, rows[i - 2]![j - 2]! + 1);
      }
      row.push(value);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
