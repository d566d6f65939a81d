import { clearTimeout, setTimeout } from 'node:timers';
import type { ScheduleClock } from '../time/schedule-clock.ts';
import { createWaits } from '../time/waits.ts';

/** Most milliseconds that a timer is set for; a longer wait is cut into several. */
const MAX_TIMER_MS = 2 ** 30;
/** Before a lane's deliveries are claimed again after a claim that failed. */
const PAUSE_AFTER_ERROR_MS = 1000;

/** How many attempts may be in flight at once. */
export interface Bounds {
  perReceiver: number;
  overall: number;
}

/**
 * What the engine is given. It knows neither SQL nor HTTP.
 *
 * @typeParam D a claimed delivery.
 * @typeParam R what came of an attempt.
 */
export interface EngineParts<D, R> {
  clock: ScheduleClock;
  bounds: Bounds;
  /** Lanes with something pending, after a start. */
  lanes(): string[];
  /** When the lane's next unclaimed delivery is due, in schedule time. */
  nextDue(lane: string): number | null;
  /** Whether nothing may go to that lane now; after a change `recheck` has to be called. */
  isPaused(lane: string): boolean;
  /**
   * Takes deliveries due at `now`, as many as `limit` says when it is asked, once, inside the claim's
   * transaction. Written down when resolved, so that a kill leaves a trace of the attempt.
   */
  claim(lane: string, now: () => number, limit: () => number): Promise<D[]>;
  /** Makes the attempt. Never rejects. */
  send(delivery: D): Promise<R>;
  /** Writes the attempt down. Returns when the delivery is due again, or `null`. */
  record(delivery: D, result: R): Promise<number | null>;
  /** Something that must not happen went wrong; the engine goes on. */
  onError(error: unknown): void;
}

/** Runs due deliveries. The database is the truth; what is remembered here are hints. */
export type DeliveryEngine = ReturnType<typeof createDeliveryEngine>;

interface Lane {
  name: string;
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
export function createDeliveryEngine<D, R>(parts: EngineParts<D, R>) {
  const { clock, bounds } = parts;
  const lanes = new Map<string, Lane>();
  const quietListeners: (() => void)[] = [];
  let inFlight = 0;
  /** Attempts that were made and are being written down, and claims in flight. */
  let writing = 0;
  let running = false;
  let pumpScheduled = false;
  let timer: NodeJS.Timeout | undefined;
  let drained: (() => void) | undefined;
  const pauses = createWaits();

  const laneOf = (name: string): Lane => {
    let lane = lanes.get(name);
    if (!lane) {
      lane = { name, inFlight: 0, claiming: false, due: null };
      lanes.set(name, lane);
    }
    return lane;
  };
  const schedulePump = () => {
    if (pumpScheduled || !running) return;
    pumpScheduled = true;
    // Not queueMicrotask: some test suites' fake timers replace it.
    void Promise.resolve().then(pump);
  };
  clock.onChange(schedulePump);

  function pump(): void {
    pumpScheduled = false;
    if (!running) return;
    const now = clock.now();
    for (const lane of lanes.values()) {
      if (lane.due === null || lane.due > now || lane.claiming || roomOf(lane) <= 0) continue;
      if (!parts.isPaused(lane.name)) void serve(lane);
    }
    armTimer(now);
    if (!isBusy()) for (const listener of quietListeners) listener();
  }

  function bringForward(name: string, due: number): void {
    const lane = laneOf(name);
    lane.due = lane.due === null ? due : Math.min(lane.due, due);
  }

  function roomOf(lane: Lane): number {
    const overall = Math.max(bounds.overall - inFlight, lane.inFlight === 0 ? 1 : 0);
    return Math.min(bounds.perReceiver - lane.inFlight, overall);
  }

  /**
   * One claim for all the room that there is when its transaction runs: it shares that transaction with
   * the records of the attempts that made the room, so a cycle costs one flush to disk.
   */
  async function serve(lane: Lane): Promise<void> {
    lane.claiming = true;
    writing++;
    let room = 0;
    let isAsked = false;
    let claimed: D[] = [];
    try {
      claimed = await parts.claim(lane.name, clock.now, () => {
        // Asked again where the transaction had to be run again.
        if (!isAsked) {
          isAsked = true;
          room = roomOf(lane);
          take(lane, room);
        }
        return room;
      });
      if (claimed.length < room) lane.due = parts.nextDue(lane.name);
    } catch (error) {
      parts.onError(error);
      // The database may have recovered by then (a full disk, say); asking at once would only spin.
      if (running) await pauses.wait(PAUSE_AFTER_ERROR_MS);
    }
    lane.claiming = false;
    writing--;
    give(lane, room - claimed.length);
    for (const delivery of claimed) void run(lane, delivery);
    // Rotation: who was served goes to the end.
    lanes.delete(lane.name);
    lanes.set(lane.name, lane);
    ended();
  }

  async function run(lane: Lane, delivery: D): Promise<void> {
    const result = await parts.send(delivery);
    writing++;
    const recorded = parts.record(delivery, result);
    // Its place is free already now, so that the next claim shares the transaction with this record.
    give(lane, 1);
    schedulePump();
    try {
      const due = await recorded;
      // By its name: the lanes are others where the engine was stopped and started meanwhile.
      if (due !== null) bringForward(lane.name, due);
    } catch (error) {
      // It keeps its claim, and the next start makes the attempt again. After a stop that is the plan.
      if (running) parts.onError(error);
    }
    writing--;
    ended();
  }

  function ended(): void {
    schedulePump();
    if (inFlight === 0 && writing === 0) drained?.();
  }

  function take(lane: Lane, count: number): void {
    lane.inFlight += count;
    inFlight += count;
  }

  function give(lane: Lane, count: number): void {
    lane.inFlight -= count;
    inFlight -= count;
  }

  function earliest(): number | null {
    let min: number | null = null;
    for (const lane of lanes.values()) {
      if (lane.due === null || (min !== null && lane.due >= min)) continue;
      if (!parts.isPaused(lane.name)) min = lane.due;
    }
    return min;
  }

  function isBusy(): boolean {
    if (inFlight > 0 || writing > 0) return true;
    const due = earliest();
    return due !== null && due <= clock.now();
  }

  /**
   * @param now when the pump looked: by another look at the clock, what came due in between would be neither served
   *   nor waited for.
   */
  function armTimer(now: number): void {
    clearTimeout(timer);
    timer = undefined;
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
    /** Begins, or begins again after `stop`, with what is pending now. */
    start(): void {
      running = true;
      lanes.clear();
      for (const name of parts.lanes()) laneOf(name).due = parts.nextDue(name);
      schedulePump();
    },
    /** A delivery was stored that is due at `due`. */
    wake(name: string, due: number): void {
      bringForward(name, due);
      schedulePump();
    },
    /** Whether something is in flight or due now. What a paused receiver waits for counts as not due. */
    isBusy,
    /** Which receivers are paused may have changed. */
    recheck: schedulePump,
    /** The earliest due time over all lanes, of what is not in flight. */
    nextDue: earliest,
    /** Called when the last thing in flight ended and nothing is due. */
    onQuiet(listener: () => void): void {
      quietListeners.push(listener);
    },
    /** Stops claiming and waits for what is in flight, at most `graceMs` of wall time. @returns whether all of it ended. */
    async stop(graceMs: number): Promise<boolean> {
      running = false;
      clearTimeout(timer);
      pauses.cutShort();
      if (inFlight === 0 && writing === 0) return true;
      let limit: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        drained = resolve;
        if (graceMs < MAX_TIMER_MS) limit = setTimeout(resolve, graceMs);
      });
      clearTimeout(limit);
      return inFlight === 0 && writing === 0;
    },
  };
}
