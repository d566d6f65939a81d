import type { NoteAssumption } from '../assumptions/notes.ts';
import type { AtsRegistry } from '../ats/registry.ts';
import { type Bounds, createDeliveryEngine } from '../delivery/engine.ts';
import { createAttemptSender } from '../delivery/send-attempt.ts';
import type { Faults } from '../faults/faults.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { RecordDiagnoser } from '../log/diagnose-record.ts';
import type { ReceiverTls, Settings } from '../settings.ts';
import { listLanes, nextDueOf } from '../store/claims.ts';
import type { Store } from '../store/store.ts';
import type { ScheduleClock } from '../time/schedule-clock.ts';
import { createAttempts } from './attempts.ts';
import { createFaultySender } from './faulty-sender.ts';
import { createOutbox } from './outbox.ts';
import type { PausedReceivers } from './paused-receivers.ts';
import { createReplayer } from './replay.ts';
import { createTestEvents } from './test-events.ts';

export interface OutgoingParts {
  store: Store;
  registry: AtsRegistry;
  clock: ScheduleClock;
  liveFeed: LiveFeed;
  faults: Faults;
  note: NoteAssumption;
  settings(): Settings;
  bounds: Bounds;
  pausedReceivers: PausedReceivers;
  diagnose: RecordDiagnoser['diagnose'];
  onError(error: unknown): void;
}

/** Everything that goes to receivers, connected: what is due, who sends it, and what is put in by hand. */
export function createOutgoing(parts: OutgoingParts) {
  const { store, registry, clock, liveFeed, note, pausedReceivers, onError } = parts;
  const sender = createAttemptSender();
  const replayTls = new Map<string, ReceiverTls>();
  const outbox = createOutbox({ store, clock, note, facts: () => parts.settings().facts });
  const attempts = createAttempts({
    store,
    registry,
    clock,
    liveFeed,
    sender: createFaultySender(store, parts.faults, sender),
    note,
    settings: parts.settings,
    replayTls,
    diagnose: parts.diagnose,
    onError,
  });
  const engine = createDeliveryEngine({
    clock,
    bounds: parts.bounds,
    lanes: () => listLanes(store),
    nextDue: (lane) => nextDueOf(store, lane),
    isPaused: pausedReceivers.isPaused,
    claim: attempts.claim,
    send: attempts.send,
    record: attempts.record,
    onError,
  });
  pausedReceivers.onChange(engine.recheck);
  const wake = (lane: string) => engine.wake(lane, clock.now());
  return {
    sender,
    attempts,
    engine,
    outbox,
    wake,
    replayer: createReplayer({ store, registry, clock, liveFeed, replayTls, wake }),
    testEvents: createTestEvents({ store, liveFeed, enqueue: outbox.enqueueTest, onEnqueued: wake }),
  };
}
