/** Why the gateway accepts nothing. */
export type ClosedFor = 'shutting_down' | 'replacing' | 'storage_unusable';

/** Whether requests may be accepted, and how many are being accepted now. */
export interface RequestGate {
  readonly open: number;
  /** `null` while it accepts. Shut at first. */
  readonly closedFor: ClosedFor | null;
  /** Told by the server how many requests it is answering. */
  count(open: number): void;
  /** Counts a request that does not come through the server, from its beginning to its end. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Lets nothing in from now on; resolves when everything that was in has been answered. */
  shut(reason: ClosedFor): Promise<void>;
  /** Lets requests in again, unless it is shut for good. */
  reopen(): void;
}

/**
 * @param onEmpty called whenever the last one has been answered.
 * @param isUnusable whether nothing can be stored, for as long as that is so.
 */
export function createRequestGate(onEmpty: () => void, isUnusable: () => boolean = () => false): RequestGate {
  let served = 0;
  let inProcess = 0;
  let stopping = false;
  let closedFor: ClosedFor | null = 'shutting_down';
  let waiting: (() => void)[] = [];
  const changed = () => {
    if (served + inProcess > 0) return;
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
    onEmpty();
  };
  return {
    get open() {
      return served + inProcess;
    },
    get closedFor() {
      return closedFor ?? (isUnusable() ? 'storage_unusable' : null);
    },
    count(now) {
      served = now;
      changed();
    },
    async during(work) {
      inProcess++;
      try {
        return await work();
      } finally {
        inProcess--;
        changed();
      }
    },
    shut(reason) {
      if (reason === 'shutting_down') stopping = true;
      closedFor = stopping ? 'shutting_down' : reason;
      return served + inProcess === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    },
    reopen() {
      if (!stopping) closedFor = null;
    },
  };
}
