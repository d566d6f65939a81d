import { clearTimeout, setTimeout } from 'node:timers';
import type { ScheduleClock } from '../clock.ts';

/** Most milliseconds that a timer is set for; a longer wait is cut into several. */
const MAX_TIMER_MS = 2 ** 30;
/** Before a receiver's deliveries are claimed again after a claim that failed. */
const PAUSE_AFTER_ERROR_MS = 1000;

/** How many attempts may be under way at once. */
export interface Bounds {
  perReceiver: number;
  overall: number;
}

/**
 * What the engine is given. It knows neither SQL nor HTTP.
 *
 * @typeParam D a claimed delivery.
 */
export interface EngineParts<D> {
  clock: ScheduleClock;
  bounds: Bounds;
  /** Receivers with something pending, after a start. */
  receivers(): string[];
  /** When the receiver's next unclaimed delivery is due, in schedule time. */
  nextDue(receiver: string): number | null;
  /** Takes up to `limit` deliveries due at `now`; durable when resolved. */
  claim(receiver: string, now: number, limit: number): Promise<D[]>;
  /** Makes the attempt and records it. Returns when the delivery is due again, or `null`. Never rejects. */
  attempt(delivery: D): Promise<number | null>;
  /** Something that must not happen went wrong; the engine goes on. */
  onError(error: unknown): void;
}

/** Runs due deliveries. The database is the truth; what is remembered here are hints. */
export interface DeliveryEngine {
  start(): void;
  /** A delivery was stored that is due at `due`. */
  wake(receiver: string, due: number): void;
  /** Attempts under way, claims included. */
  readonly inFlight: number;
  /** Whether something is under way or due now. */
  isBusy(): boolean;
  /** The earliest due time over all receivers, of what is not under way. */
  nextDue(): number | null;
  /** Called when the last thing under way ended and nothing is due. */
  onQuiet(listener: () => void): void;
  /** Stops claiming and waits for what is under way, at most `graceMs` of wall time. */
  stop(graceMs: number): Promise<void>;
}

interface Lane {
  receiver: string;
  inFlight: number;
  claiming: boolean;
  /** Earliest due time as far as known; may be too early, never too late. */
  due: number | null;
}

/**
 * Each receiver has a lane of its own, served in turn, so that one that hangs with any number of rows
 * due costs another nothing. In-flight attempts are bounded per receiver and overall; a lane with
 * nothing in flight may always have one, however many others hang.
 */
export function createDeliveryEngine<D>(parts: EngineParts<D>): DeliveryEngine {
  const { clock, bounds } = parts;
  const lanes = new Map<string, Lane>();
  const quietListeners: (() => void)[] = [];
  let inFlight = 0;
  let running = false;
  let pumpScheduled = false;
  let timer: NodeJS.Timeout | undefined;
  let drained: (() => void) | undefined;
  const pauses = new Set<() => void>();

  const laneOf = (receiver: string): Lane => {
    let lane = lanes.get(receiver);
    if (!lane) {
      lane = { receiver, inFlight: 0, claiming: false, due: null };
      lanes.set(receiver, lane);
    }
    return lane;
  };
  const schedulePump = () => {
    if (pumpScheduled || !running) return;
    pumpScheduled = true;
    // Not queueMicrotask: some test suites' fake timers replace it.
    void Promise.resolve().then(pump);
  };

  function pump(): void {
    pumpScheduled = false;
    if (!running) return;
    const now = clock.now();
    for (const lane of lanes.values()) {
      if (lane.due === null || lane.due > now || lane.claiming) continue;
      const room = Math.min(
        bounds.perReceiver - lane.inFlight,
        Math.max(bounds.overall - inFlight, lane.inFlight === 0 ? 1 : 0),
      );
      if (room > 0) void serve(lane, now, room);
    }
    armTimer();
    if (!isBusy()) for (const listener of quietListeners) listener();
  }

  async function serve(lane: Lane, now: number, room: number): Promise<void> {
    lane.claiming = true;
    // Room is taken before the claim is durable, so that lanes cannot overdraw it together.
    take(lane, room);
    let claimed: D[] = [];
    try {
      const hint = lane.due;
      claimed = await parts.claim(lane.receiver, now, room);
      if (claimed.length < room && lane.due === hint) lane.due = parts.nextDue(lane.receiver);
    } catch (error) {
      parts.onError(error);
      // The database may have recovered by then (a full disk, say); asking at once would only spin.
      await pauseAfterError();
    }
    lane.claiming = false;
    give(lane, room - claimed.length);
    for (const delivery of claimed) void run(lane, delivery);
    // Rotation: who was served goes to the end.
    lanes.delete(lane.receiver);
    lanes.set(lane.receiver, lane);
    schedulePump();
  }

  async function run(lane: Lane, delivery: D): Promise<void> {
    let due: number | null = null;
    try {
      due = await parts.attempt(delivery);
    } catch (error) {
      // It keeps its claim, and the next start makes the attempt again. After a stop that is the plan.
      if (running) parts.onError(error);
    }
    give(lane, 1);
    if (due !== null) lane.due = lane.due === null ? due : Math.min(lane.due, due);
    schedulePump();
  }

  function pauseAfterError(): Promise<void> {
    if (!running) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(pause);
        pauses.delete(end);
        resolve();
      };
      const pause = setTimeout(end, PAUSE_AFTER_ERROR_MS);
      pauses.add(end);
    });
  }

  function endPauses(): void {
    for (const end of [...pauses]) end();
  }

  function take(lane: Lane, count: number): void {
    lane.inFlight += count;
    inFlight += count;
  }

  function give(lane: Lane, count: number): void {
    lane.inFlight -= count;
    inFlight -= count;
    if (inFlight === 0) drained?.();
  }

  function earliest(): number | null {
    let min: number | null = null;
    for (const lane of lanes.values()) {
      if (lane.due !== null && (min === null || lane.due < min)) min = lane.due;
    }
    return min;
  }

  function isBusy(): boolean {
    if (inFlight > 0) return true;
    const due = earliest();
    return due !== null && due <= clock.now();
  }

  function armTimer(): void {
    clearTimeout(timer);
    timer = undefined;
    const now = clock.now();
    let next: number | null = null;
    for (const lane of lanes.values()) {
      // A lane that is due but has no room is woken by the attempt that makes room.
      if (lane.due !== null && lane.due > now && (next === null || lane.due < next)) next = lane.due;
    }
    const wait = next === null ? null : clock.realUntil(next);
    if (wait === null) return;
    timer = setTimeout(schedulePump, Math.min(Math.ceil(wait), MAX_TIMER_MS));
    timer.unref();
  }

  return {
    start() {
      running = true;
      clock.onChange(schedulePump);
      for (const receiver of parts.receivers()) laneOf(receiver).due = parts.nextDue(receiver);
      schedulePump();
    },
    wake(receiver, due) {
      const lane = laneOf(receiver);
      lane.due = lane.due === null ? due : Math.min(lane.due, due);
      schedulePump();
    },
    get inFlight() {
      return inFlight;
    },
    isBusy,
    nextDue: earliest,
    onQuiet(listener) {
      quietListeners.push(listener);
    },
    async stop(graceMs) {
      running = false;
      clearTimeout(timer);
      endPauses();
      if (inFlight === 0) return;
      let limit: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        drained = resolve;
        if (graceMs < MAX_TIMER_MS) limit = setTimeout(resolve, graceMs);
      });
      clearTimeout(limit);
    },
  };
}
