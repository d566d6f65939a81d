/** Why the gateway accepts nothing. */
export type ClosedFor = 'shutting_down' | 'replacing';

/** Whether requests may be accepted, and how many are being accepted now. */
export interface RequestGate {
  readonly open: number;
  /** `null` while it accepts. Shut at first. */
  readonly closedFor: ClosedFor | null;
  /** Told by the server how many requests it is answering. */
  count(open: number): void;
  /** Lets nothing in from now on; resolves when everything that was in has been answered. */
  shut(reason: ClosedFor): Promise<void>;
  /** Lets requests in again, unless it is shut for good. */
  reopen(): void;
}

export function createRequestGate(): RequestGate {
  let open = 0;
  let stopping = false;
  let closedFor: ClosedFor | null = 'shutting_down';
  let waiting: (() => void)[] = [];
  return {
    get open() {
      return open;
    },
    get closedFor() {
      return closedFor;
    },
    count(now) {
      open = now;
      if (open > 0) return;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    shut(reason) {
      if (reason === 'shutting_down') stopping = true;
      closedFor = stopping ? 'shutting_down' : reason;
      return open === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    },
    reopen() {
      if (!stopping) closedFor = null;
    },
  };
}
