/** What a claim took, as far as it counts here. */
interface Claimed {
  id: number;
  lane: string;
  deliveries: readonly { seq: number }[];
}

/**
 * Which deliveries an attempt is being made of. Only this process claims, so memory says what is taken; the
 * table is for the start after a kill. A later claim is written over one whose attempts are all recorded.
 */
export class OpenClaims {
  readonly #taken = new Map<string, Map<number, number>>();
  /** Attempts not recorded yet, by claim. */
  readonly #open = new Map<number, number>();
  readonly #spent: number[] = [];

  /** Takes what was claimed, after the claim's transaction was committed. */
  add({ id, lane, deliveries }: Claimed): void {
    if (deliveries.length === 0) return;
    this.#open.set(id, deliveries.length);
    const taken = this.#taken.get(lane) ?? new Map<number, number>();
    this.#taken.set(lane, taken);
    for (const { seq } of deliveries) taken.set(seq, id);
  }

  /** Gives a delivery back: its attempt was recorded. */
  release({ lane, seq }: { lane: string; seq: number }): void {
    const taken = this.#taken.get(lane);
    const id = taken?.get(seq);
    if (!taken || id === undefined) return;
    taken.delete(seq);
    if (taken.size === 0) this.#taken.delete(lane);
    const left = this.#open.get(id)! - 1;
    if (left > 0) {
      this.#open.set(id, left);
      return;
    }
    this.#open.delete(id);
    this.#spent.push(id);
  }

  /** What is taken of a lane's, by `seq`: each with its claim. */
  takenOf(lane: string): ReadonlyMap<number, number> {
    return this.#taken.get(lane) ?? NOTHING;
  }

  /**
   * Hands out, once, a claim whose attempts are all recorded: its row is of no use any more. Where the transaction
   * is undone, the row stays, and the next start finds nothing in it that was not recorded.
   */
  takeSpent(): number | undefined {
    return this.#spent.pop();
  }

  /** Nothing is in flight: the content was replaced. */
  clear(): void {
    this.#taken.clear();
    this.#open.clear();
    this.#spent.length = 0;
  }
}

const NOTHING: ReadonlyMap<number, number> = new Map();
