import { clearTimeout, setTimeout } from 'node:timers';
import { InFlight, type Placed } from '../in-flight.ts';
import { CLIENT_GRACE_MS } from '../time/closing-grace.ts';
import type { Acceptor } from './accept.ts';

/** Why the gateway accepts nothing. */
export type ClosedFor = 'starting' | 'shutting_down' | 'replacing' | 'storage_unusable';

/** Whether requests may be accepted, which are in flight, and how many are being accepted now. */
export type RequestGate = ReturnType<typeof createRequestGate>;

/**
 * @param onQuiet called whenever the last one in hand has been accepted or refused.
 * @param isUnusable whether nothing can be stored, for as long as that is so.
 * @param graceMs wall milliseconds that clients have once it is shut; given by tests.
 */
export function createRequestGate(
  onQuiet: () => void,
  isUnusable: () => boolean = () => false,
  graceMs: number = CLIENT_GRACE_MS,
) {
  const inside = new InFlight<Placed & { cutOff: () => void }>();
  let accepting = 0;
  let stopping = false;
  let closedFor: ClosedFor | null = 'starting';
  let waiting: (() => void)[] = [];

  const enter = (cutOff = () => {}) => {
    const request = { cutOff, place: -1 };
    inside.add(request);
    let isIn = true;
    return () => {
      // Node 24 closes an answer twice that waits behind another when its connection is cut.
      if (!isIn) return;
      isIn = false;
      inside.remove(request);
      if (inside.count > 0) return;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    };
  };
  const during = async <T>(work: () => Promise<T>): Promise<T> => {
    const leave = enter();
    accepting++;
    try {
      return await work();
    } finally {
      accepting--;
      leave();
      if (accepting === 0) onQuiet();
    }
  };
  return {
    /** Requests that are in hand: what waits for its client, to send or to read, is not among them. */
    get accepting(): number {
      return accepting;
    },
    /** `null` while it accepts. Shut at first. */
    get closedFor(): ClosedFor | null {
      return closedFor ?? (isUnusable() ? 'storage_unusable' : null);
    },
    /**
     * Lets a request in.
     *
     * @param cutOff breaks its connection: called when the gate is shut and the client takes too long.
     * @returns to be called, once or more, when nothing of it is in flight any more.
     */
    enter,
    /** Counts a request that does not come through the server, from its beginning to its end. */
    during,
    /** Counts what comes through this door as being accepted. */
    counted: ({ accept, refuse, ...rest }: Acceptor): Acceptor => ({
      ...rest,
      accept: (intake) => during(() => accept(intake)),
      refuse: (refusal) => during(() => refuse(refusal)),
    }),
    /**
     * Lets nothing in from now on; resolves when nothing that was in is in flight. Clients that take longer
     * than a few seconds, with their request or with the answer, are cut off.
     */
    shut(reason: ClosedFor): Promise<void> {
      if (reason === 'shutting_down') stopping = true;
      closedFor = stopping ? 'shutting_down' : reason;
      if (inside.count === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          for (const { cutOff } of inside) cutOff();
        }, graceMs);
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
    /** Lets requests in again, unless it is shut for good. */
    reopen(): void {
      if (!stopping) closedFor = null;
    },
  };
}
