import type { AssumptionNotes } from '../assumption-notes.ts';
import type { AtsRegistry } from '../ats-registry.ts';
import type { ScheduleClock } from '../clock.ts';
import type { Content } from '../content.ts';
import type { DeliveryWatch } from '../delivery-watch.ts';
import type { Explainer } from '../explain.ts';
import type { Faults } from '../faults.ts';
import type { Journal } from '../journal.ts';
import type { Meetings } from '../meetings.ts';
import type { Replayer } from '../replay.ts';
import type { Steering } from '../steer.ts';
import type { Store } from '../store/store.ts';
import type { TestEvents } from '../test-events.ts';
import type { JobRunner } from './view-job.ts';

export interface ControlParts {
  store: Store;
  watch: DeliveryWatch;
  registry: AtsRegistry;
  clock: ScheduleClock;
  journal: Journal;
  steering: Steering;
  explainer: Explainer;
  replayer: Replayer;
  /** Limit on a receiver's whole answer; `null` for none. */
  receiverTimeoutMs(): number | null;
  content: Content;
  faults: Faults;
  assumptions: AssumptionNotes;
  meetings: Meetings;
  testEvents: TestEvents;
  worker: JobRunner;
  url(): string;
  /** Wall time. */
  startedAt: number;
}
