import { clearInterval, setInterval } from 'node:timers';
import { STANDSTILL_MS } from '../../transport/limit-time.ts';
import { InFlight, type Placed } from '../in-flight.ts';
import { monotonicNow } from '../time/wall.ts';

const SWEEP_MS = 20;

export interface Limited extends Placed {
  /** By the monotonic clock. */
  readonly deadline: number;
  /** Ends it, as its time is up. */
  expire(): void;
  /** Takes the time in which this process stood still for none. */
  forgive(stoodMs: number): void;
}

/**
 * Ends what goes over its time, to 20 ms.
 *
 * @param monotonic given by tests.
 */
export function createSweep(monotonic = monotonicNow) {
  const running = new InFlight<Limited>();
  let sweeper: NodeJS.Timeout | undefined;
  let sweptAt = 0;
  /** What was received while this process stood still is read only now, and that time was not the receivers'. */
  const forgive = () => {
    const now = monotonic();
    const stoodMs = now - sweptAt - SWEEP_MS;
    if (stoodMs > STANDSTILL_MS) for (const one of running) one.forgive(stoodMs);
    sweptAt = now;
  };
  // Each is looked at: they are in order of their deadlines only when all have the same limit.
  const sweep = () => {
    forgive();
    for (const one of running) if (one.deadline <= sweptAt) one.expire();
  };
  return {
    add(one: Limited): void {
      running.add(one);
      if (sweeper !== undefined) return;
      sweptAt = monotonic();
      sweeper = setInterval(sweep, SWEEP_MS);
    },
    remove(one: Limited): void {
      running.remove(one);
      if (running.count > 0) return;
      clearInterval(sweeper);
      sweeper = undefined;
    },
    /** To be called before a deadline is looked at between two sweeps. */
    forgive,
  };
}
