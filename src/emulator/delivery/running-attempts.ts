/** An attempt that waits for its answer. */
export interface RunningAttempt {
  /** Where it stands among the others; theirs to change. */
  place: number;
  /** By the monotonic clock. */
  readonly deadline: number;
  /** Ends it, which removes it from here. */
  expire(): void;
}

/**
 * The attempts that wait for their answers. An array in which the last takes the place of one that leaves: a Set
 * is made anew every few dozen entries, and its old tables, each of which points to the next, keep what has
 * left alive until the next full garbage collection. That cost a tenth of the time of an attempt.
 */
export class RunningAttempts {
  readonly #all: RunningAttempt[] = [];

  get count(): number {
    return this.#all.length;
  }

  add(attempt: RunningAttempt): void {
    attempt.place = this.#all.push(attempt) - 1;
  }

  remove(attempt: RunningAttempt): void {
    const last = this.#all.pop()!;
    if (last === attempt) return;
    this.#all[attempt.place] = last;
    last.place = attempt.place;
  }

  /** Looks at each: they are in order of their deadlines only when all have the same limit. */
  expireUntil(now: number): void {
    // From the end, because one that expires is removed.
    for (let i = this.#all.length - 1; i >= 0; i--) {
      const attempt = this.#all[i];
      if (attempt && attempt.deadline <= now) attempt.expire();
    }
  }
}
