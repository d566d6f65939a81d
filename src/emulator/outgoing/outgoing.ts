import { createDeliveryEngine } from '../delivery/engine.ts';
import { createAttemptSender } from '../delivery/send-attempt.ts';
import type { ReceiverTls } from '../settings.ts';
import { listLanes, nextDueOf } from '../store/claims.ts';
import { createAttempts } from './attempts.ts';
import { createFaultySender } from './faulty-sender.ts';
import { createOutbox } from './outbox.ts';
import type { OutgoingParts } from './parts.ts';
import { createReplayer } from './replay.ts';
import { createTestEvents } from './test-events.ts';

/** Everything that goes to receivers, connected: what is due, who sends it, and what is put in by hand. */
export function createOutgoing(parts: OutgoingParts) {
  const { store, clock, pausedReceivers } = parts;
  const sender = createAttemptSender();
  const replayTls = new Map<string, ReceiverTls>();
  const outbox = createOutbox(parts);
  const attempts = createAttempts({
    ...parts,
    sender: createFaultySender(store, parts.faults, sender),
    replayTls,
  });
  const engine = createDeliveryEngine({
    ...parts,
    ...attempts,
    lanes: () => listLanes(store),
    nextDue: (lane) => nextDueOf(store, lane),
    isPaused: pausedReceivers.isPaused,
  });
  pausedReceivers.onChange(engine.recheck);
  const wake = (lane: string) => engine.wake(lane, clock.now());
  return {
    sender,
    attempts,
    engine,
    outbox,
    wake,
    replayer: createReplayer({ ...parts, replayTls, wake }),
    testEvents: createTestEvents({ ...parts, enqueue: outbox.enqueueTest, onEnqueued: wake }),
  };
}
