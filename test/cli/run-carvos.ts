import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'bin/carvos.cjs');
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

export interface Running {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves with the standard output once it contains `text`; rejects when the process ends before. */
  waitFor(text: string | RegExp): Promise<string>;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Starts the built `carvos` in a process of its own, killed after the test. */
export function startCarvos(args: string[], options: { cwd: string; env?: Record<string, string> }): Running {
  if (!existsSync(join(root, 'dist/cli.cjs'))) throw new Error('run npm run build first: dist/ is missing');
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: options.cwd,
    env: { PATH, HOME, ...options.env },
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    changed();
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    changed();
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code, stdout, stderr });
    });
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    waitFor(text) {
      return new Promise((resolve, reject) => {
        const look = () => {
          if (typeof text === 'string' ? !stdout.includes(text) : !text.test(stdout)) return;
          listeners.delete(look);
          resolve(stdout);
        };
        listeners.add(look);
        look();
        void ended.then(({ code }) =>
          reject(new Error(`ended with ${code} before ${text}:\n${stdout}\n${stderr}`)),
        );
      });
    },
  };
}

/** Runs `carvos` to its end. */
export function runCarvos(args: string[], options: { cwd: string; env?: Record<string, string> }) {
  const { child, ended } = startCarvos(args, options);
  child.stdin?.end();
  return ended;
}
