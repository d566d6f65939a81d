import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { onTestFinished } from 'vitest';
import { type Call, type Child, canShare, startWarm } from './warm-program.ts';

export const ROOT = join(import.meta.dirname, '../..');
/** The built program. */
export const CARVOS = join(ROOT, 'bin/carvos.cjs');

export interface SpawnSettings {
  cwd?: string;
  /** Added to this process's environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>;
  /** Written to standard input, which is then closed. `open`: the test writes, and ends it. */
  input?: string | Uint8Array;
  open?: boolean;
}

/** How a program ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Result extends Exit {
  stdout: string;
  stderr: string;
  /** The bytes of standard output. */
  raw: Buffer;
}

const STOPPED_WITHIN_MS = 3000;

/** A running child process with everything it has printed so far. */
export interface Program {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<Result>;
  /** Waits until standard output or error matches; fails with all that was printed when it does not in time. */
  waitForText(pattern: RegExp | string, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Waits until a condition holds. It is asked again whenever something is printed, and all 25 ms. */
  waitUntil<T>(condition: () => T | null | undefined | false, what: string, timeoutMs?: number): Promise<T>;
  waitForExit(timeoutMs?: number): Promise<Exit>;
  kill(signal?: NodeJS.Signals): void;
  /** Signals it, and waits for its end. */
  end(signal: NodeJS.Signals, timeoutMs?: number): Promise<Exit>;
}

/** Starts a program. It is killed when the test ends, if it still runs then. */
export function spawnProgram(command: string, args: string[], settings: SpawnSettings = {}): Program {
  const child = spawn(command, args, {
    cwd: settings.cwd,
    env: { ...process.env, ...settings.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {}); // a program that ends without reading its input is no fault here
  if (!settings.open) child.stdin.end(settings.input);
  return watchProgram(child, `${command} ${args.join(' ')}`);
}

/**
 * A child process or a call of a warm one, which ends when the test does.
 *
 * @param gently it is asked to end first: a process that others can use is left whole.
 */
export function watchProgram(child: Child, called: string, gently = false): Program {
  const raw: Buffer[] = [];
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of [...watchers]) watcher();
  };
  // Once all that is there was read: who waits for one stream finds what was printed on the other before.
  let isToNotify = false;
  const notifySoon = () => {
    if (isToNotify) return;
    isToNotify = true;
    setImmediate(() => {
      isToNotify = false;
      notify();
    });
  };
  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new StringDecoder('utf8');
    child[name].on('data', (piece: Buffer) => {
      if (name === 'stdout') raw.push(piece);
      output[name] += decoder.write(piece);
      notifySoon();
    });
  }

  let exit: Exit | null = null;
  const ended = endOf(child).then((how) => {
    exit = how;
    notify();
    return { ...how, ...output, raw: Buffer.concat(raw) };
  });
  onTestFinished(async () => {
    if (exit === null) child.kill(gently ? 'SIGTERM' : 'SIGKILL');
    const limit = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await ended;
    clearTimeout(limit);
  });

  const describeState = () =>
    `${called} (${exit ? `ended with ${exit.signal ?? exit.code}` : 'still runs'})\n` +
    `--- stdout\n${output.stdout}\n--- stderr\n${output.stderr}`;

  function waitUntil<T>(
    condition: () => T | null | undefined | false,
    what: string,
    timeoutMs = 60_000,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        watchers.delete(check);
        clearTimeout(timer);
        clearInterval(poll);
        act();
      };
      const check = () => {
        const found = condition();
        if (found !== null && found !== undefined && found !== false) finish(() => resolve(found));
        else if (exit) finish(() => reject(new Error(`ended before ${what}: ${describeState()}`)));
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`waited ${timeoutMs} ms for ${what}: ${describeState()}`))),
        timeoutMs,
      );
      // Not everything that is waited for is printed: files, for one.
      const poll = setInterval(check, 25);
      watchers.add(check);
      check();
    });
  }

  const waitForExit = (timeoutMs?: number) => waitUntil(() => exit, 'its end', timeoutMs);
  return {
    get pid() {
      return child.pid ?? -1;
    },
    stdin: child.stdin,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    ended,
    waitForText: (text, timeoutMs) => {
      const pattern = typeof text === 'string' ? new RegExp(text.replace(/[^\w\s]/g, '\\$&')) : text;
      return waitUntil(
        () => pattern.exec(output.stdout) ?? pattern.exec(output.stderr),
        String(text),
        timeoutMs,
      );
    },
    waitUntil,
    waitForExit,
    kill: (signal = 'SIGTERM') => {
      child.kill(signal);
    },
    end(signal, timeoutMs) {
      child.kill(signal);
      return waitForExit(timeoutMs);
    },
  };
}

/** Runs a program to its end; the test's own limit bounds it. */
export function runProgram(command: string, args: string[], settings: SpawnSettings = {}): Promise<Result> {
  return spawnProgram(command, args, settings).ended;
}

/** A developer's own settings must not decide what a test sees. */
const KEPT = ['PATH', 'HOME', 'NODE_V8_COVERAGE'];
const CLEAN_ENV = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => !KEPT.includes(name))
    .map((name) => [name, undefined]),
);

/** Starts the built `carvos`, with nothing but `PATH` and `HOME` of this process's environment. */
export function startCarvos(args: string[], settings: SpawnSettings = {}): Program {
  if (!existsSync(join(ROOT, 'dist/cli.cjs'))) throw new Error('dist is missing: run npm run build first');
  const env = { ...CLEAN_ENV, ...settings.env };
  return spawnProgram(process.execPath, [CARVOS, ...args], { cwd: ROOT, ...settings, env });
}

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  stdin?: string | Uint8Array;
  /** It is told that its output goes to a terminal, where it shares a process. */
  terminal?: boolean;
}

/** Runs `carvos` to its end, where it can in a process that has run it before: see `warm-program.ts`. */
export function runCli(
  args: string[],
  { stdin = '', terminal, ...settings }: CliOptions = {},
): Promise<Result> {
  const call = { ...callCarvos(args, settings), input: stdin, terminal };
  return canShare(call) ? runWarm(call) : startCarvos(args, { ...settings, input: stdin }).ended;
}

/** Starts `carvos` as `runCli` does: it is asked to end when the test ends, and the process serves the next. */
export function startWarmCarvos(args: string[], settings: Pick<CliOptions, 'cwd' | 'env'>): Program {
  const call = callCarvos(args, settings);
  return canShare(call) ? watchProgram(startWarm(call), args.join(' '), true) : startCarvos(args, settings);
}

/** Runs a call to its end, in a process that ran others. */
export function runWarm(call: Call): Promise<Result> {
  return watchProgram(startWarm(call), call.args.join(' ')).ended;
}

function callCarvos(args: string[], { cwd = ROOT, env }: Pick<CliOptions, 'cwd' | 'env'>): Call {
  const all = Object.entries({ ...process.env, ...CLEAN_ENV, ...env });
  const kept = all.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { program: CARVOS, args, cwd, env: Object.fromEntries(kept), input: '' };
}

function endOf(child: Child): Promise<Exit> {
  return new Promise((resolve) => {
    // `close` comes after the last output. A program that could not be started only has an error.
    child.on('close', (code, signal) => resolve({ code, signal }));
    child.on('error', () => resolve({ code: 127, signal: null }));
  });
}
