import { clearTimeout, setTimeout } from 'node:timers';

// Captured at import, so that a test suite's fake timers cannot freeze it.
const now = performance.now.bind(performance);

/** Longest wait that a timer takes, in milliseconds: a longer one ends at once. */
export const LONGEST_MS = 2 ** 31 - 1;
/** A timer that comes so much too late says that this process stood still. */
export const STANDSTILL_MS = 250;
/** Of a wait that is cut into steps, only the one in which it stood still is longer than it says. */
const STEP_MS = 1000;

/**
 * A limit on the time of somebody else. What this process itself stood still, stopped from a keyboard or without a
 * processor or its disk, is not their time: timers come before what was received meanwhile, so that gets its turn first.
 *
 * @param ms wall milliseconds; `null` for no limit.
 * @returns the function that calls it off.
 */
export function limitTime(ms: number | null, onOver: () => void): () => void {
  if (ms === null) return () => {};
  let left = ms;
  let isLast = false;
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    const step = Math.min(left, STEP_MS);
    const due = now() + step;
    timer = setTimeout(() => {
      left -= step;
      if (left > 0) return wait();
      if (isLast || now() - due < STANDSTILL_MS) return onOver();
      isLast = true;
      left = STANDSTILL_MS;
      wait();
    }, step);
  };
  wait();
  return () => clearTimeout(timer);
}

/** The same for what a signal ends, which aborts with `reason`. */
export function limitBySignal(ms: number | null, reason?: Error) {
  const over = new AbortController();
  return { signal: over.signal, callOff: limitTime(ms, () => over.abort(reason)) };
}
