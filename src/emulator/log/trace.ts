import type { Trace, WaitResult, WaitUntil } from '../../contract/control.ts';
import { OUTPUT_VERSION } from '../../contract/version.ts';
import type { LiveFeed } from '../live-feed.ts';
import { getDeliveryBody, listDeliveriesOfReference } from '../store/deliveries.ts';
import { listEchoes } from '../store/echoes.ts';
import { type EventRow, findEventByReference } from '../store/events.ts';
import { getJob } from '../store/jobs.ts';
import { listLogOfDelivery } from '../store/log.ts';
import type { Store } from '../store/store.ts';
import type { ScheduleClock } from '../time/schedule-clock.ts';
import { iso } from '../time/wall.ts';
import { type JobRunner, viewJob } from './view-job.ts';
import { type ViewClock, viewBody, viewDelivery, viewLogRow } from './view-record.ts';

/** Links of a chain that are shown before an event, and after it: a loop that nobody ended is endless. */
const MOST_ECHOES = 50;

/** Everything that one `reference_id` caused, or `null` when this gateway never gave it out. */
export function readTrace(
  store: Store,
  clock: ViewClock,
  referenceId: string,
  jobs?: Pick<JobRunner, 'activity'>,
): Trace | null {
  const event = findEventByReference(store, referenceId);
  const deliveries = listDeliveriesOfReference(store, referenceId);
  if (!event && deliveries.length === 0) return null;
  const job = event && getJob(store, event.seq);
  const jobDone = !job || job.state === 'done' || job.state === 'failed';
  return {
    version: OUTPUT_VERSION,
    reference_id: referenceId,
    accepted: event
      ? {
          at: iso(event.received_at),
          ats_id: event.ats_id,
          client_id: event.client_id,
          user_id: event.user_id,
          event: event.event,
          event_id: event.event_id,
          via: event.via,
        }
      : null,
    job: job ? viewJob(job, event.received_at, jobs?.activity(job.event_seq) ?? null) : null,
    deliveries: deliveries.map((row) => ({
      ...viewDelivery(store, clock, row),
      body: viewBody(getDeliveryBody(store, row.seq)),
      attempts: listLogOfDelivery(store, row.id).map((entry) => viewLogRow(store, clock, entry)),
    })),
    ...viewEchoes(store, event),
    settled: jobDone && deliveries.every((row) => row.state !== 'pending'),
  };
}

function viewEchoes(store: Store, event: EventRow | undefined): Pick<Trace, 'echoes'> {
  const rows = event ? listEchoes(store, event.seq, MOST_ECHOES) : [];
  if (rows.length === 0) return {};
  return {
    echoes: rows.map(({ echo_depth, reference_id, event, event_id, received_at }) => ({
      depth: echo_depth,
      reference_id,
      event,
      event_id,
      at: iso(received_at),
    })),
  };
}

/** Whether a wait is over, and whether what was waited for holds. */
function judgeWait(trace: Trace, until: WaitUntil): { done: boolean; met: boolean } {
  const { deliveries, settled } = trace;
  const met = {
    settled,
    success:
      settled &&
      trace.job?.state !== 'failed' &&
      deliveries.every((delivery) => delivery.state === 'delivered'),
    'first-attempt':
      deliveries.length > 0 ? deliveries.every((delivery) => delivery.attempt_count > 0) : settled,
  }[until];
  return { done: met || settled, met };
}

/**
 * Waits until a condition on a reference holds, or no longer can, or the time is up.
 *
 * @param timeoutMs wall milliseconds.
 * @returns `null` when this gateway never gave out the reference, or `signal` was aborted.
 */
export async function waitForReference(
  parts: { store: Store; clock: ScheduleClock; liveFeed: LiveFeed; worker?: Pick<JobRunner, 'activity'> },
  referenceId: string,
  until: WaitUntil,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<WaitResult | null> {
  const look = () => {
    const trace = readTrace(parts.store, parts.clock, referenceId, parts.worker);
    return trace && { ...judgeWait(trace, until), trace };
  };
  const lookForEnd = () => {
    const seen = look();
    return seen?.done === false ? undefined : seen;
  };
  const ended = await parts.liveFeed.waitFor(referenceId, lookForEnd, timeoutMs, signal);
  if (ended !== undefined) return ended;
  // Nobody listens any more, and the database may be closed: the gateway stopping cuts waits off.
  return signal.aborted ? null : look();
}
