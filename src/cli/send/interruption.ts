import { setMaxListeners } from 'node:events';
import { clearTimeout, setTimeout } from 'node:timers';
import type { Io, Signal } from '../terminal/io.ts';

/** Requests that are in flight when it is interrupted may end for so long. */
const GRACE_MS = 1000;
/** npm hands on each Ctrl-C twice, within a millisecond. */
const SECOND_SIGNAL_MS = 500;

export interface Interruption {
  readonly signal: Signal | null;
  stop: AbortSignal;
  giveUp: AbortSignal;
  end(): void;
}

/** The first signal ends waiting and, a little later, requests, so that what was sent can be said. The second ends all. */
export function listenForSignals(io: Io): Interruption {
  const stop = new AbortController();
  const giveUp = new AbortController();
  for (const { signal } of [stop, giveUp]) setMaxListeners(0, signal);
  let timer: NodeJS.Timeout | undefined;
  let signal: Interruption['signal'] = null;
  io.onSignal = (received) => {
    if (signal !== null) return;
    signal = received;
    stop.abort();
    timer = setTimeout(() => giveUp.abort(), GRACE_MS);
    setTimeout(() => {
      io.onSignal = null;
    }, SECOND_SIGNAL_MS).unref();
  };
  return {
    get signal() {
      return signal;
    },
    stop: stop.signal,
    giveUp: giveUp.signal,
    end: () => clearTimeout(timer),
  };
}
