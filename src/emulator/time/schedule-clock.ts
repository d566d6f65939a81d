import { clearInterval, setInterval } from 'node:timers';
import type { ClockMode } from '../../contract/control.ts';
import type { Speed } from '../settings.ts';
import { monotonicNow } from './wall.ts';

/** A single gap counts at most this much: a laptop that slept must not fire two hours of retries. */
const MAX_GAP_MS = 1000;
const TICK_MS = 250;

/**
 * The clock that retry delays run on (architecture, "Time"). It ticks at `speed` times the wall while
 * running, stands still while paused or held, and jumps on command. Its time starts at zero with the
 * database and survives restarts.
 */
export type ScheduleClock = ReturnType<typeof createScheduleClock>;

/** @param monotonic a clock in milliseconds that never steps back; given by tests. */
export function createScheduleClock(startAt: number, initialSpeed: Speed, monotonic = monotonicNow) {
  const state = { position: startAt, speed: initialSpeed, paused: false, holds: 0 };
  let seenAt = monotonic();
  const listeners: (() => void)[] = [];

  const rate = () =>
    typeof state.speed === 'number' && !state.paused && state.holds === 0 ? state.speed : 0;
  const settle = () => {
    const at = monotonic();
    state.position += Math.min(at - seenAt, MAX_GAP_MS) * rate();
    seenAt = at;
    return state.position;
  };
  const change = (next: Partial<typeof state>) => {
    settle();
    Object.assign(state, next);
    for (const listener of listeners) listener();
  };
  const ticker = setInterval(settle, TICK_MS);

  return {
    /** Schedule milliseconds since the database was made. */
    now: settle,
    get mode(): ClockMode {
      if (state.paused) return 'paused';
      return typeof state.speed === 'number' ? 'running' : state.speed;
    },
    get speed(): Speed {
      return state.speed;
    },
    setSpeed: (speed: Speed): void => change({ speed }),
    pause: (): void => change({ paused: true }),
    resume: (): void => change({ paused: false }),
    /** Moves forward to `time`; never back. */
    jumpTo(time: number): void {
      state.position = Math.max(settle(), time);
      change({});
    },
    /** Puts it to any time, also back: when the database it belongs to was replaced. */
    reset: (position: number): void => change({ position }),
    /** Stops ticking until the returned function is called; for moves that go step by step. */
    hold(): () => void {
      let released = false;
      change({ holds: state.holds + 1 });
      return () => {
        if (released) return;
        released = true;
        change({ holds: state.holds - 1 });
      };
    },
    /** Real milliseconds until `due` at the present speed: 0 when past, `null` when it does not come by itself. */
    realUntil(due: number): number | null {
      const position = settle();
      if (due <= position) return 0;
      const current = rate();
      return current > 0 ? (due - position) / current : null;
    },
    /** Called after every change of speed, mode or position that is not plain ticking. */
    onChange(listener: () => void): void {
      listeners.push(listener);
    },
    close: (): void => clearInterval(ticker),
  };
}
