import { limitTime } from '../../transport/limit-time.ts';
import { startChild } from './run-child.ts';

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
  const child = startChild(command, { cwd, env, output: 'pipe', onFailure() {} });
  let isLate = false;
  const callOff = limitTime(timeoutMs, () => {
    isLate = true;
    void child.endTree();
  });
  const onAbort = () => void child.endTree();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const exit = await child.ended;
    await child.endTree();
    const [stdout, stderr] = await child.printed();
    return { exit, stdout, stderr, isLate };
  } finally {
    callOff();
    signal.removeEventListener('abort', onAbort);
  }
}
