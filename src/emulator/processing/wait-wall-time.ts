import { setTimeout } from 'node:timers/promises';

/** Waits by the wall clock, also under a test suite's fake timers. Rejects with the signal's reason when it is aborted first. */
export async function waitWallTime(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
