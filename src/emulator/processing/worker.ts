import { setMaxListeners } from 'node:events';
import type { FeedEntry } from '../../contract/control.ts';
import type { OutgoingEventName } from '../../contract/event-names.ts';
import type { EnvelopedEvent } from '../../contract/incoming.ts';
import { roundMs } from '../../contract/round-ms.ts';
import { monotonicNow, wallNow } from '../clock.ts';
import { type EventRow, getEvent } from '../store/events.ts';
import { finishJob, getJob, listOpenJobs, reopenJob } from '../store/jobs.ts';
import { type AnswerParts, createAnswerer, type OpenJob, readEntity } from './answer-job.ts';
import { applyEvent, type EntityRefs, entityRefsOf } from './apply-event.ts';
import type { AiAttempt } from './backend.ts';
import { describeJob } from './describe-job.ts';
import { createJobQueue, type QueuedJob } from './job-queue.ts';
import { eventOf } from './source-event.ts';
import { applyToStore, stateNow } from './store-change.ts';
import { waitWallTime } from './wait-wall-time.ts';

/** Jobs that are held in memory at most; the rest stays in the database until there is room. */
const WINDOW = 10_000;
/** Jobs at the AI at once. */
const MAX_RUNNING = 256;
/** Pause before a job is run again whose result could not be stored. */
const RETRY_AFTER_ERROR_MS = 1000;

export interface WorkerParts extends AnswerParts {
  /** Stores the outgoing event of a finished job, inside its transaction. */
  enqueue(outgoing: JobOutcome): unknown;
  /** Called after that transaction. */
  onEnqueued(atsId: string): void;
}

/** What a job leads to: an event to the ATS. */
export interface JobOutcome {
  source: EventRow;
  event: OutgoingEventName;
  error: { code: string; message: string } | null;
  data: Record<string, unknown>;
}

/** A job at work. */
export interface JobActivity {
  startedAt: number;
  /** Of all its runs. */
  attempts: readonly AiAttempt[];
}

/** Runs accepted events: job → AI → result → delivery. */
export interface Worker {
  /** Begins, or begins again after `stop`, with the jobs that are open now. */
  start(): void;
  /** An event was accepted and is durable. */
  add(eventSeq: number, presetError: string | null): void;
  /** Whether a job is open, running or not. */
  isBusy(): boolean;
  readonly running: number;
  /** What a job that runs has done so far; `null` when it does not run. */
  activity(eventSeq: number): JobActivity | null;
  /**
   * Runs a failed job once more. What its event changed is not changed again.
   *
   * @returns whether it was failed.
   */
  rerun(eventSeq: number): Promise<boolean>;
  /** Called when the last open job ended. */
  onQuiet(listener: () => void): void;
  /** Gives up what runs (it runs again after the next start) and waits until nothing does. */
  stop(): Promise<void>;
}

export function createWorker(parts: WorkerParts): Worker {
  const { store, journal } = parts;
  const answerer = createAnswerer(parts);
  let queue = createJobQueue();
  const quietListeners: (() => void)[] = [];
  let stopping = createStopSignal();
  /** Highest sequence number that was loaded; what lies after it is in the database only. */
  let loadedUpTo = 0;
  /** Whether the database holds open jobs after `loadedUpTo`. */
  let more = true;
  let running = 0;
  const active = new Map<number, { startedAt: number; attempts: AiAttempt[] }>();
  let started = false;
  let drained: (() => void) | undefined;

  function load(): void {
    if (!more || queue.size >= WINDOW / 2) return;
    const jobs = listOpenJobs(store, loadedUpTo, WINDOW);
    more = jobs.length === WINDOW;
    for (const { seq, preset_error } of jobs) {
      loadedUpTo = seq;
      enqueueJob(seq, preset_error);
    }
  }

  function enqueueJob(seq: number, presetError: string | null): void {
    const waits = queue.add(describeJob(store, seq, presetError));
    if (waits) parts.note('job-order', getEvent(store, seq)?.reference_id);
  }

  function isBusy(): boolean {
    return queue.size > 0 || more;
  }

  function pump(): void {
    if (!started || stopping.signal.aborted) return;
    load();
    while (running < MAX_RUNNING) {
      const job = queue.take();
      if (!job) break;
      running++;
      void run(job);
    }
  }

  async function run(job: QueuedJob): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await runJob(job);
        break;
      } catch (error) {
        if (stopping.signal.aborted) break;
        // The job stays open in the database: a full disk may have room again.
        parts.onError(error);
        await waitWallTime(RETRY_AFTER_ERROR_MS, stopping.signal).catch(() => {});
      }
    }
    active.delete(job.seq);
    running--;
    if (stopping.signal.aborted) {
      if (running === 0) drained?.();
      return;
    }
    queue.done(job);
    pump();
    if (!isBusy()) for (const listener of quietListeners) listener();
  }

  async function runJob(job: QueuedJob): Promise<void> {
    const source = getEvent(store, job.seq);
    const row = getJob(store, job.seq);
    if (!source || row?.state !== 'queued') return;
    const startedAt = wallNow();
    const from = monotonicNow();
    const event = eventOf(source);
    const refs = entityRefsOf(event);
    const before = refs && readEntity(store, source, refs.kind, refs.id);
    const applied = row.applied === 1;
    const after =
      refs && (applied ? stateNow(event, refs, before) : applyEvent(event, refs, before?.data ?? null));
    const attempts = JSON.parse(row.attempts) as AiAttempt[];
    active.set(job.seq, { startedAt, attempts });
    const open: OpenJob = { job, source, event, refs, after, run: row.run, attempts };
    const refusal = answerer.refuse(open);
    const result = refusal ?? (await answerer.ask(open, stopping.signal));
    if (stopping.signal.aborted) return;

    const error = result.kind === 'failure' ? result.error : null;
    const outgoing: OutgoingEventName =
      event.event === 'workspace.created' ? 'workspace.provisioned' : event.event;
    const wanted = await store.group.submit(() => {
      const open = finishJob(store, job.seq, {
        state: error ? 'failed' : 'done',
        startedAt,
        finishedAt: wallNow(),
        error,
        applied: !refusal,
        attempts,
      });
      if (!open) return false;
      if (!refusal && !applied) applyToStore(store, source, event, refs, after);
      if (result.kind !== 'nothing') {
        const data = result.kind === 'result' ? result.data : identify(event, refs);
        parts.enqueue({ source, event: outgoing, error, data });
      }
      return result.kind !== 'nothing';
    });
    if (wanted) parts.onEnqueued(source.ats_id);
    const ofRun = attempts.filter((attempt) => attempt.run === row.run);
    journal.publish(
      (): Omit<Extract<FeedEntry, { type: 'job.finished' }>, 'seq' | 'at'> => ({
        type: 'job.finished',
        reference_id: source.reference_id,
        event: source.event,
        client_id: source.client_id,
        state: error ? 'failed' : 'done',
        outgoing_event: wanted ? outgoing : null,
        duration_ms: roundMs(monotonicNow() - from),
        error,
        job_id: `job_${job.seq}`,
        run: row.run,
        backend: ofRun.at(-1)?.backend ?? null,
        attempts: ofRun.length,
      }),
    );
    journal.touch(source.reference_id);
  }

  return {
    start() {
      if (stopping.signal.aborted) {
        stopping = createStopSignal();
        queue = createJobQueue();
        loadedUpTo = 0;
        more = true;
        drained = undefined;
      }
      started = true;
      pump();
    },
    add(eventSeq, presetError) {
      // In order only while everything before it is loaded; otherwise the next load finds it.
      if (!more && queue.size < WINDOW && eventSeq > loadedUpTo) {
        loadedUpTo = eventSeq;
        enqueueJob(eventSeq, presetError);
      } else if (eventSeq > loadedUpTo) {
        more = true;
      }
      pump();
    },
    isBusy,
    get running() {
      return running;
    },
    activity: (eventSeq) => active.get(eventSeq) ?? null,
    async rerun(eventSeq) {
      if (!(await store.group.submit(() => reopenJob(store, eventSeq)))) return false;
      // One that lies after what is loaded is found by the next load.
      if (eventSeq <= loadedUpTo) queue.add(describeJob(store, eventSeq, null));
      else more = true;
      pump();
      return true;
    },
    onQuiet(listener) {
      quietListeners.push(listener);
    },
    async stop() {
      stopping.abort();
      if (running > 0)
        await new Promise<void>((resolve) => {
          drained = resolve;
        });
    },
  };
}

/** Each running job may listen to it. */
function createStopSignal(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** `data` of a failed event: which entity it was about. */
function identify(event: EnvelopedEvent, refs: EntityRefs | null): Record<string, unknown> {
  if (refs) return { [`${refs.kind}_id`]: refs.id };
  if (event.event === 'workspace.member_added')
    return { client_id: event.client_id, user_id: event.payload.member_user_id };
  return { client_id: event.client_id };
}
