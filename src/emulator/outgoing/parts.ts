import type { Facts } from '../../contract/facts/facts.ts';
import type { NoteAssumption } from '../assumptions/notes.ts';
import type { AtsRegistry } from '../ats/registry.ts';
import type { Bounds } from '../delivery/engine.ts';
import type { Faults } from '../faults/faults.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { RecordDiagnoser } from '../log/diagnose-record.ts';
import type { ReceiverTls, Settings } from '../settings.ts';
import type { Store } from '../store/store.ts';
import type { ScheduleClock } from '../time/schedule-clock.ts';
import type { PausedReceivers } from './paused-receivers.ts';

export interface OutgoingParts {
  store: Store;
  registry: AtsRegistry;
  clock: ScheduleClock;
  liveFeed: LiveFeed;
  faults: Faults;
  note: NoteAssumption;
  settings(): Settings;
  facts(): Facts | undefined;
  bounds: Bounds;
  pausedReceivers: PausedReceivers;
  diagnose: RecordDiagnoser['diagnose'];
  onError(error: unknown): void;
}

/** What a replay's own rules are for: they are kept here until it was made; a restart forgets them. */
export interface WithReplays extends OutgoingParts {
  replayTls: Map<string, ReceiverTls>;
}
