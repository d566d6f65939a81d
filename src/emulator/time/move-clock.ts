import type { LogRecord } from '../../contract/control.ts';
import { refused } from '../../contract/errors.ts';
import type { ScheduleClock } from './schedule-clock.ts';

/** What is made on the way of an `advance` is only as old as the rest of the way, to this many milliseconds. */
const AGING_STEP_MS = 3_600_000;
/** Attempts that one move lists; it makes all of them, and says when it left some out of the list. */
const MAX_LISTED = 1000;
const REPLACED = 'The gateway replaced its content (reset or restore): the clock was not moved on';
const STOPPED = 'The gateway is stopping: the clock is not moved on';

export interface ClockMovesParts {
  clock: ScheduleClock;
  /** Calls back with each attempt that is written down. */
  watchAttempts(listener: (record: LogRecord) => void): () => void;
  /** Whether a request, job or attempt is in flight, or an attempt is due now. */
  isBusy(): boolean;
  /** The next due time over all receivers. */
  nextDue(): number | null;
  /** What is kept by now is older by `ms`: called on the way of an `advance`; other moves age nothing. */
  age(ms: number): Promise<void>;
  /** Called after an `advance`. */
  onAdvanced(): Promise<unknown>;
}

/** Moves along the schedule, from one due time to the next (architecture, "Time"). */
export type ClockMoves = ReturnType<typeof createClockMoves>;

export function createClockMoves(parts: ClockMovesParts) {
  const { clock } = parts;
  let waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  let moves: Promise<unknown> = Promise.resolve();
  let moving = 0;
  /** How often the content was replaced; and how often when the move was asked for that is being made. */
  let replaced = 0;
  let askedAt = 0;
  let closed = false;

  const settled = (): Promise<void> =>
    parts.isBusy() ? new Promise((resolve, reject) => waiting.push({ resolve, reject })) : Promise.resolve();
  /** A move is of the content that it was asked for: it ends with that. */
  const goOn = () => {
    if (closed) throw refused('shutting_down', STOPPED);
    if (replaced !== askedAt) throw refused('replacing', REPLACED);
  };

  function fail(error: unknown): void {
    const failed = waiting;
    waiting = [];
    for (const { reject } of failed) reject(error);
  }

  /** One move at a time; each starts where the one before ended. */
  function move(run: () => Promise<void>): Promise<Move> {
    const asked = replaced;
    const result = moves.then(async () => {
      askedAt = asked;
      goOn();
      const release = clock.hold();
      moving++;
      try {
        // What was in flight before is none of this move's doing.
        await settled();
        return await listFired(run);
      } finally {
        moving--;
        release();
      }
    });
    moves = result.catch(() => {});
    return result;
  }

  async function listFired(run: () => Promise<void>): Promise<Move> {
    const fired: LogRecord[] = [];
    let unlisted = 0;
    const unwatch = parts.watchAttempts((record) => {
      if (fired.length < MAX_LISTED) fired.push(record);
      else unlisted++;
    });
    try {
      await run();
    } finally {
      unwatch();
    }
    return { fired, unlisted };
  }

  async function step(limit: number, before?: (due: number) => Promise<void>): Promise<boolean> {
    const due = parts.nextDue();
    if (due === null || due > limit) return false;
    await before?.(due);
    goOn();
    clock.jumpTo(due);
    await settled();
    return true;
  }

  return {
    /** Moves forward by `ms` of schedule time; awaits what is in flight at each due time on the way. */
    advance(ms: number): Promise<Move> {
      if (!(ms >= 0)) throw new RangeError(`the clock moves ahead only: ${ms}`);
      return move(async () => {
        let agedTo = clock.now();
        const target = agedTo + ms;
        const ageTo = async (time: number) => {
          goOn();
          const older = time - agedTo;
          agedTo = time;
          await parts.age(older);
        };
        const ageBefore = async (due: number) => {
          if (due - agedTo >= AGING_STEP_MS) await ageTo(due);
        };
        while (await step(target, ageBefore));
        await ageTo(target);
        goOn();
        clock.jumpTo(target);
        await settled();
        goOn();
        await parts.onAdvanced();
      });
    },
    /** Moves to the next due time and makes what is due there. */
    next: (): Promise<Move> =>
      move(async () => {
        await step(Number.POSITIVE_INFINITY);
      }),
    /** Moves until nothing is pending. */
    drain: (): Promise<Move> =>
      move(async () => {
        while (await step(Number.POSITIVE_INFINITY));
      }),
    /** To be called whenever something ended: settles who waits, and moves on at speed `max`. */
    quiet(): void {
      if (parts.isBusy()) return;
      const woken = waiting;
      waiting = [];
      for (const { resolve } of woken) resolve();
      if (clock.mode !== 'max' || moving > 0) return;
      const due = parts.nextDue();
      if (due !== null) clock.jumpTo(due);
    },
    /** The content was replaced: moves that were asked for before end, with 503. */
    replaced(): void {
      replaced++;
      fail(refused('replacing', REPLACED));
    },
    /** Nothing comes to an end any more that a move could wait for: those asked for before and from now on end, with 503. */
    close(): void {
      closed = true;
      fail(refused('shutting_down', STOPPED));
    },
    /** What is waited for cannot come to an end: the moves that wait for it fail with `error`. */
    fail,
  };
}

/** Attempts that a move of the clock made, in order. */
export interface Move {
  fired: LogRecord[];
  /** Attempts made beyond those listed. */
  unlisted: number;
}
