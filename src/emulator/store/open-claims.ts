/** What a claim took, as far as it counts here. */
interface Claimed {
  id: number;
  lane: string;
  deliveries: readonly { seq: number }[];
  /** Claims whose rows went with it. */
  ended: readonly number[];
}

/**
 * Which deliveries an attempt is being made of. Only this process claims, so memory says what is taken; the
 * table is for the start after a kill. Rows whose attempts are all recorded go with the next claim.
 */
export class OpenClaims {
  readonly #taken = new Map<string, Map<number, number>>();
  /** Attempts not recorded yet, by claim. */
  readonly #open = new Map<number, number>();
  #spent: number[] = [];

  /** Takes what was claimed, after the claim's transaction was committed. */
  add({ id, lane, deliveries, ended }: Claimed): void {
    if (ended.length > 0) this.#spent = this.#spent.filter((one) => !ended.includes(one));
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

  /** Claims whose rows are of no use any more. */
  listSpent(): number[] {
    return [...this.#spent];
  }

  /** Nothing is in flight: the content was replaced. */
  clear(): void {
    this.#taken.clear();
    this.#open.clear();
    this.#spent = [];
  }
}

const NOTHING: ReadonlyMap<number, number> = new Map();
