import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { SAME_SIGNAL_MS } from '../terminal/io.ts';
import { clientVariables } from '../tls/client-variables.ts';
import { endGroup, guardGroup, HAS_GROUPS, signalGroup } from './process-group.ts';

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
  /** What it printed on standard output and error, where these are pipes. */
  readonly printed: Promise<[string, string]>;
  /** Passes a signal on to its whole process group; twice within half a second is once. */
  signal(signal: NodeJS.Signals): void;
  /** Ends whatever of its process group is left. */
  endTree(): Promise<void>;
}

export interface ChildOptions {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** All that it prints goes to our standard error, or into pipes, and it reads nothing; by default it has our own three. */
  output?: 'error' | 'pipe';
  /** The command could not be started; `message` says why. */
  onFailure(message: string): void;
}

/**
 * Starts a command, by default with our own standard input, output and error. It is the head of a process group of its
 * own: a signal from the terminal reaches it only through us, so never twice, and what it leaves behind can be
 * ended with it.
 */
export function startChild(words: readonly string[], options: ChildOptions): Child {
  const [command, ...args] = words as [string, ...string[]];
  const child: ChildProcess = spawn(command, args, {
    cwd: options.cwd,
    env: options.env as NodeJS.ProcessEnv,
    stdio: STDIO[options.output ?? 'inherit'],
    detached: HAS_GROUPS,
  });
  const { pid } = child;
  const stopGuard = pid !== undefined && HAS_GROUPS ? guardGroup(pid) : () => {};
  const lastAt = new Map<NodeJS.Signals, number>();

  return {
    ended: new Promise((resolve) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        if (child.pid !== undefined) return; // a signal could not be sent
        const found = error.code !== 'ENOENT';
        options.onFailure(
          found ? `cannot run ${command}: ${error.code ?? error.message}` : `there is no command ${command}`,
        );
        resolve(found ? NOT_EXECUTABLE : NOT_FOUND);
      });
      // Not `close`: a grandchild may hold the output open.
      child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal!] ?? 0)));
    }),
    printed: Promise.all([read(child.stdout), read(child.stderr)]),
    signal(signal) {
      const now = performance.now();
      const before = lastAt.get(signal);
      if (pid === undefined || (before !== undefined && now - before < SAME_SIGNAL_MS)) return;
      lastAt.set(signal, now);
      if (!HAS_GROUPS) child.kill(signal);
      else signalGroup(pid, signal);
    },
    async endTree() {
      if (pid !== undefined && HAS_GROUPS) await endGroup(pid);
      else child.kill();
      stopGuard();
    },
  };
}

async function read(stream: Readable | null): Promise<string> {
  return stream === null ? '' : await text(stream);
}

/** The words that run a command line in the shell of the system. */
export function shellWords(command: string): string[] {
  return process.platform === 'win32' ? ['cmd', '/d', '/s', '/c', command] : ['sh', '-c', command];
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
