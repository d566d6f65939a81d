import { setMaxListeners } from 'node:events';
import { clearTimeout, setTimeout } from 'node:timers';
import { exitOfSignal } from '../terminal/errors.ts';
import { type Io, SAME_SIGNAL_MS, type Signal } from '../terminal/io.ts';

/** Requests that are in flight when it is interrupted may end for so long. */
const GRACE_MS = 1000;

export interface Signals {
  /** No more waiting. */
  stop: AbortSignal;
  /** Not even for the answer to a request. */
  giveUp: AbortSignal;
}

/**
 * Runs what a signal may interrupt. The first one ends waiting and, a little later, requests, so that what was sent can be
 * said, and sets the exit code. The second ends all.
 */
export async function runUntilSignal(io: Io, task: (signals: Signals) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const giveUp = new AbortController();
  for (const { signal } of [stop, giveUp]) setMaxListeners(0, signal);
  let timer: NodeJS.Timeout | undefined;
  let first: Signal | null = null;
  io.onSignal = (received) => {
    if (first !== null) return;
    first = received;
    stop.abort();
    timer = setTimeout(() => giveUp.abort(), GRACE_MS);
    setTimeout(() => {
      io.onSignal = null;
    }, SAME_SIGNAL_MS).unref();
  };
  try {
    await task({ stop: stop.signal, giveUp: giveUp.signal });
    if (first !== null) io.exitCode = exitOfSignal(first);
  } finally {
    clearTimeout(timer);
  }
}
