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
export interface ScheduleClock {
  /** Schedule milliseconds since the database was made. */
  now(): number;
  readonly mode: ClockMode;
  readonly speed: Speed;
  setSpeed(speed: Speed): void;
  pause(): void;
  resume(): void;
  /** Moves forward to `time`; never back. */
  jumpTo(time: number): void;
  /** Puts it to any time, also back: when the database it belongs to was replaced. */
  reset(time: number): void;
  /** Stops ticking until the returned function is called; for moves that go step by step. */
  hold(): () => void;
  /** Real milliseconds until `due` at the present speed: 0 when past, `null` when it does not come by itself. */
  realUntil(due: number): number | null;
  /** Called after every change of speed, mode or position that is not plain ticking. */
  onChange(listener: () => void): void;
  close(): void;
}

/** @param monotonic a clock in milliseconds that never steps back; given by tests. */
export function createScheduleClock(
  startAt: number,
  initialSpeed: Speed,
  monotonic = monotonicNow,
): ScheduleClock {
  let position = startAt;
  let seenAt = monotonic();
  let speed = initialSpeed;
  let paused = false;
  let holds = 0;
  const listeners: (() => void)[] = [];

  const rate = () => (typeof speed === 'number' && !paused && holds === 0 ? speed : 0);
  const settle = () => {
    const at = monotonic();
    position += Math.min(at - seenAt, MAX_GAP_MS) * rate();
    seenAt = at;
  };
  const change = (apply: () => void) => {
    settle();
    apply();
    for (const listener of listeners) listener();
  };
  const ticker = setInterval(settle, TICK_MS);
  ticker.unref();

  return {
    now() {
      settle();
      return position;
    },
    get mode() {
      if (paused) return 'paused';
      return typeof speed === 'number' ? 'running' : speed;
    },
    get speed() {
      return speed;
    },
    setSpeed: (next) =>
      change(() => {
        speed = next;
      }),
    pause: () =>
      change(() => {
        paused = true;
      }),
    resume: () =>
      change(() => {
        paused = false;
      }),
    jumpTo: (time) =>
      change(() => {
        position = Math.max(position, time);
      }),
    reset: (time) =>
      change(() => {
        position = time;
      }),
    hold() {
      let released = false;
      change(() => {
        holds++;
      });
      return () => {
        if (released) return;
        released = true;
        change(() => {
          holds--;
        });
      };
    },
    realUntil(due) {
      settle();
      if (due <= position) return 0;
      const current = rate();
      return current > 0 ? (due - position) / current : null;
    },
    onChange(listener) {
      listeners.push(listener);
    },
    close: () => clearInterval(ticker),
  };
}
