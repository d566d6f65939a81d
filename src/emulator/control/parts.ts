import type { Facts } from '../../contract/facts/facts.ts';
import type { AssumptionNotes } from '../assumptions/notes.ts';
import type { AtsRegistry } from '../ats/registry.ts';
import type { Faults } from '../faults/faults.ts';
import type { TrustedDoor } from '../incoming/trusted-door.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { DeliveryWatch } from '../log/delivery-watch.ts';
import type { RecordDiagnoser } from '../log/diagnose-record.ts';
import type { JobRunner } from '../log/view-job.ts';
import type { Meetings } from '../meetings/record-meeting.ts';
import type { Replayer } from '../outgoing/replay.ts';
import type { TestEvents } from '../outgoing/test-events.ts';
import type { Settings } from '../settings.ts';
import type { Snapshots } from '../state/snapshots.ts';
import type { Store } from '../store/store.ts';
import type { ClockMoves } from '../time/move-clock.ts';
import type { ScheduleClock } from '../time/schedule-clock.ts';

export interface ControlParts {
  store: Store;
  watch: DeliveryWatch;
  registry: AtsRegistry;
  clock: ScheduleClock;
  liveFeed: LiveFeed;
  clockMoves: ClockMoves;
  recordDiagnoser: RecordDiagnoser;
  replayer: Replayer;
  settings(): Settings;
  snapshots: Snapshots;
  faults: Faults;
  assumptions: AssumptionNotes;
  meetings: Meetings;
  testEvents: TestEvents;
  trustedDoor: TrustedDoor;
  worker: JobRunner;
  facts(): Facts | undefined;
  url(): string;
  /** Wall time. */
  startedAt: number;
}
