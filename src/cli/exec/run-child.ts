import type { ChildProcess, StdioOptions } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import spawn from 'cross-spawn';
import { SAME_SIGNAL_MS } from '../terminal/io.ts';
import { clientVariables } from '../tls/client-variables.ts';
import { endGroup, guardGroup, HAS_GROUPS, signalGroup } from './process-group.ts';

/** Somebody who prints for ever is not listened to for ever. */
const MOST_TURNS = 1000;
/** As shells have it. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

const STDIO = {
  inherit: 'inherit',
  error: ['ignore', 2, 2],
  pipe: ['ignore', 'pipe', 'pipe'],
} satisfies Record<string, StdioOptions>;

export interface Child {
  /** Its exit code: its own, 128 + n for a signal, 127 where there is no such command. */
  readonly ended: Promise<number>;
  /**
   * What it printed on standard output and error, where these are pipes. To be asked after `endTree`: what left its group
   * lives on and may hold them open, so they are read as far as something is there, and closed.
   */
  printed(): Promise<[string, string]>;
  /** Passes a signal on to its whole process group; twice within half a second is once. Returns whether it was passed on. */
  signal(signal: NodeJS.Signals): boolean;
  /** Ends whatever of its process group is left. Returns why something still is; `null` when nothing is. */
  endTree(): Promise<string | null>;
}

export interface ChildOptions {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** All that it prints goes to our standard error, or into pipes, and it reads nothing; by default it has our own three. */
  output?: 'error' | 'pipe';
  /** The command could not be started; `message` says why. */
  onFailure(message: string): void;
}

/** The system says EACCES also of a command that is nowhere, where the PATH has a folder that may not be looked into. */
function isFound(command: string, { cwd, env }: ChildOptions): boolean {
  if (command.includes('/')) return true;
  const paths = (env.PATH ?? '').split(delimiter).map((folder) => resolve(cwd, folder, command));
  return paths.some((path) => {
    try {
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}

/**
 * Starts a command, by default with our own standard input, output and error. It is the head of a process group of its
 * own: a signal from the terminal reaches it only through us, so never twice, and what it leaves behind can be
 * ended with it.
 *
 * @param words the command and its arguments; a text is a line for the shell of the system.
 */
export function startChild(words: readonly string[] | string, options: ChildOptions): Child {
  const shell = typeof words === 'string';
  const [command, ...args] = (shell ? [words] : words) as [string, ...string[]];
  // On Windows `npm` and others are scripts, which Node alone does not find.
  const child: ChildProcess = spawn(command, args, {
    shell,
    cwd: options.cwd,
    env: options.env as NodeJS.ProcessEnv,
    stdio: STDIO[options.output ?? 'inherit'],
    detached: HAS_GROUPS,
  });
  const { pid } = child;
  const stopGuard = pid !== undefined && HAS_GROUPS ? guardGroup(pid) : () => {};
  const lastAt = new Map<NodeJS.Signals, number>();
  const outputs = [collect(child.stdout), collect(child.stderr)] as const;

  return {
    ended: new Promise((resolve) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        if (child.pid !== undefined) return; // a signal could not be sent
        const found = error.code === 'EACCES' ? isFound(command, options) : error.code !== 'ENOENT';
        options.onFailure(
          found ? `cannot run ${command}: ${error.code ?? error.message}` : `there is no command ${command}`,
        );
        resolve(found ? NOT_EXECUTABLE : NOT_FOUND);
      });
      // Not `close`: a grandchild may hold the output open.
      child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal!] ?? 0)));
    }),
    async printed() {
      const chunks = () => outputs[0].chunks.length + outputs[1].chunks.length;
      let seen = -1;
      for (let turns = 0; turns < MOST_TURNS && seen !== chunks(); turns++) {
        seen = chunks();
        // What lies in a pipe is read between two of these.
        await nextTurn();
        await nextTurn();
      }
      return [outputs[0].take(), outputs[1].take()];
    },
    signal(signal) {
      const now = performance.now();
      const before = lastAt.get(signal);
      if (pid === undefined || (before !== undefined && now - before < SAME_SIGNAL_MS)) return false;
      lastAt.set(signal, now);
      return HAS_GROUPS ? signalGroup(pid, signal) : child.kill(signal);
    },
    async endTree() {
      const left = pid !== undefined && HAS_GROUPS ? await endGroup(pid) : null;
      if (!HAS_GROUPS) child.kill();
      // Of what is left the guard takes care: it is told to when this process ends.
      if (left === null) stopGuard();
      return left;
    },
  };
}

/** Keeps what comes out of a pipe, so that nobody who prints waits for us. */
function collect(stream: Readable | null) {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    chunks,
    take() {
      stream?.destroy();
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}

type Env = Readonly<Record<string, string | undefined>>;

/** As every client understands them, with and without brackets and dots. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]', '.localhost'];

/**
 * The environment of the command: with the gateway's variables, no proxy for loopback, and what lets clients trust
 * the gateway's certificate.
 */
export function childEnv(env: Env, gateway: object, caFile: string | undefined): Env {
  const noProxy = withLoopback(env.NO_PROXY ?? env.no_proxy);
  const trust = caFile === undefined ? {} : clientVariables(caFile, env);
  return { ...env, NO_PROXY: noProxy, no_proxy: noProxy, ...gateway, ...trust };
}

function withLoopback(given: string | undefined): string {
  const listed = (given ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (listed.includes('*')) return '*';
  return [...new Set([...listed, ...LOOPBACK])].join(',');
}
