import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** A signal that any number may listen to. */
export function createStopSignal(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** Waits by the wall clock that can be cut short, all at once. */
export function createWaits() {
  let stop = createStopSignal();
  return {
    /** @returns whether the time went by; `false` when it was cut short. */
    wait: (ms: number): Promise<boolean> => setTimeout(ms, true, { signal: stop.signal }).catch(() => false),
    cutShort(): void {
      stop.abort();
      stop = createStopSignal();
    },
  };
}
