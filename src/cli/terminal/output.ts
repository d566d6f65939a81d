import type { Command } from 'commander';
import { OUTPUT_VERSION } from '../../contract/version.ts';
import type { Io } from './io.ts';
import { neutralize, toJson } from './neutralize.ts';

export type ColorMode = 'auto' | 'always' | 'never';

/** Flags that every command has. */
export interface GlobalOptions {
  config?: string;
  json?: boolean;
  color?: ColorMode;
  verbose?: boolean;
}

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

export interface Output {
  /** Whether `--json` was given: then only `document` writes to standard output. */
  readonly json: boolean;
  readonly verbose: boolean;
  readonly paint: Paint;
  /** A line for a person, to standard output; nothing with `--json`. */
  line(text?: string): void;
  /** A line to standard error: progress, hints, warnings. */
  note(text: string): void;
  /** One JSON object on a line of its own, with `version` first; nothing without `--json`. */
  document(value: Record<string, unknown>): void;
  /** Text out of a payload, safe to show. */
  safe(text: string): string;
}

/** How a command talks: from its own flags, those of the commands above it, and the environment. */
export function createOutput(io: Io, command: Command): Output {
  const options = command.optsWithGlobals<GlobalOptions>();
  const json = options.json === true;
  return {
    json,
    verbose: options.verbose === true,
    paint: createPaint(!json && wantsColor(options.color, io.env, io.stdout.isTTY === true)),
    line(text = '') {
      if (!json) io.stdout.write(`${text}\n`);
    },
    note(text) {
      io.stderr.write(`${text}\n`);
    },
    document(value) {
      if (json) io.stdout.write(`${toJson({ version: OUTPUT_VERSION, ...value })}\n`);
    },
    safe: neutralize,
  };
}

/** The flag over NO_COLOR over FORCE_COLOR over whether it is a terminal. */
export function wantsColor(
  mode: ColorMode | undefined,
  env: Readonly<Record<string, string | undefined>>,
  isTTY: boolean,
): boolean {
  if (mode === 'always') return true;
  if (mode === 'never') return false;
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTTY && env.TERM !== 'dumb';
}

/** Colours, or none of them. */
export function createPaint(on: boolean): Paint {
  const wrap = (start: number, end: number) => (text: string) =>
    on ? `\x1b[${start}m${text}\x1b[${end}m` : text;
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    red: wrap(31, 39),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    cyan: wrap(36, 39),
  };
}
