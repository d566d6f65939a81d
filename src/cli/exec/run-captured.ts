import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { text as readText } from 'node:stream/consumers';
import { endGroup, guardGroup, HAS_GROUPS } from './process-group.ts';

export interface Captured {
  /** Its exit code; 128 + n for signal n. */
  exit: number;
  stdout: string;
  stderr: string;
  /** Ended because its time was over. */
  isLate: boolean;
}

/**
 * Runs a shell command to its end, or to that of its time or of `signal`; then whatever of its process group is left is
 * ended too.
 *
 * @param settings `timeoutMs` in wall milliseconds.
 */
export async function runCaptured(
  command: string,
  settings: {
    cwd: string;
    env: Readonly<Record<string, string | undefined>>;
    timeoutMs: number;
    signal: AbortSignal;
  },
): Promise<Captured> {
  const { cwd, env, timeoutMs, signal } = settings;
  const child = spawn(command, {
    shell: true,
    cwd,
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: HAS_GROUPS,
  });
  const { pid } = child;
  const stopGuard = pid !== undefined && HAS_GROUPS ? guardGroup(pid) : () => {};
  const end = async () => {
    if (pid !== undefined && HAS_GROUPS) await endGroup(pid);
    else child.kill();
  };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void end();
  }, timeoutMs);
  const onAbort = () => void end();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const texts = Promise.all([readText(child.stdout), readText(child.stderr)]);
  try {
    const exit = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, name) => resolve(code ?? 128 + (constants.signals[name!] ?? 0)));
    });
    // What it leaves running may hold its output open.
    await end();
    const [stdout, stderr] = await texts;
    return { exit, stdout, stderr, isLate };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    stopGuard();
  }
}
