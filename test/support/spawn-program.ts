import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

export interface SpawnSettings {
  cwd?: string;
  /** Added to this process's environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>;
  /** Written to standard input, which is then closed. */
  input?: string | Uint8Array;
}

/** How a program ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running child process with everything it has printed so far. */
export interface Program {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Waits until standard output or error matches; fails with all that was printed when it does not in time. */
  waitForText(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Waits until a condition holds. It is asked again whenever something is printed, and all 25 ms. */
  waitUntil<T>(condition: () => T | null | undefined | false, what: string, timeoutMs?: number): Promise<T>;
  waitForExit(timeoutMs?: number): Promise<Exit>;
  kill(signal?: NodeJS.Signals): void;
}

/** Starts a program. It is killed when the test ends, if it still runs then. */
export function spawnProgram(command: string, args: string[], settings: SpawnSettings = {}): Program {
  const child = spawn(command, args, {
    cwd: settings.cwd,
    env: { ...process.env, ...settings.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of [...watchers]) watcher();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      output[name] += text;
      notify();
    });
  }
  child.stdin.on('error', () => {}); // a program that ends without reading its input is no fault here
  child.stdin.end(settings.input);

  let exit: Exit | null = null;
  const ended = endOf(child).then((how) => {
    exit = how;
    notify();
    return how;
  });
  onTestFinished(async () => {
    if (exit === null) child.kill('SIGKILL');
    await ended;
  });

  const describeState = () =>
    `${command} ${args.join(' ')} (${exit ? `ended with ${exit.signal ?? exit.code}` : 'still runs'})\n` +
    `--- stdout\n${output.stdout}\n--- stderr\n${output.stderr}`;

  function waitUntil<T>(
    condition: () => T | null | undefined | false,
    what: string,
    timeoutMs = 20_000,
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

  return {
    get pid() {
      return child.pid ?? -1;
    },
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    waitForText: (pattern, timeoutMs) =>
      waitUntil(() => pattern.exec(output.stdout) ?? pattern.exec(output.stderr), String(pattern), timeoutMs),
    waitUntil,
    waitForExit: (timeoutMs) => waitUntil(() => exit, 'its end', timeoutMs),
    kill: (signal = 'SIGTERM') => {
      child.kill(signal);
    },
  };
}

/** Runs a program to its end. */
export async function runProgram(
  command: string,
  args: string[],
  settings: SpawnSettings = {},
): Promise<Exit & { stdout: string; stderr: string }> {
  const program = spawnProgram(command, args, settings);
  const exit = await program.waitForExit(60_000);
  return { ...exit, stdout: program.stdout, stderr: program.stderr };
}

function endOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    // `close` comes after the last output. A program that could not be started only has an error.
    child.on('close', (code, signal) => resolve({ code, signal }));
    child.on('error', () => resolve({ code: 127, signal: null }));
  });
}
