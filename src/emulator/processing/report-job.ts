import type { FeedEntry } from '../../contract/control.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { EventRow } from '../store/events.ts';

type JobFinished = Omit<Extract<FeedEntry, { type: 'job.finished' }>, 'seq' | 'at'>;
/** What the event of a job says about it. */
type OfEvent = 'type' | 'reference_id' | 'event' | 'client_id' | 'state' | 'job_id';

/** Tells those who follow along how a job ended. */
export function reportJob(liveFeed: LiveFeed, source: EventRow, how: Omit<JobFinished, OfEvent>): void {
  liveFeed.publish(
    (): JobFinished => ({
      type: 'job.finished',
      reference_id: source.reference_id,
      event: source.event,
      client_id: source.client_id,
      state: how.error ? 'failed' : 'done',
      job_id: `job_${source.seq}`,
      ...how,
    }),
  );
  liveFeed.touch(source.reference_id);
}
