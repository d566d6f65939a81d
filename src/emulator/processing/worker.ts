import { outgoingEventOf } from '../../contract/ai.ts';
import type { EnvelopedEvent } from '../../contract/incoming.ts';
import { roundMs } from '../../contract/round-ms.ts';
import { getEvent } from '../store/events.ts';
import { finishJob, getJob, listOpenJobs, reopenJob } from '../store/jobs.ts';
import { StoredDataError } from '../store/stored-json.ts';
import { createStopSignal } from '../time/waits.ts';
import { monotonicNow, wallNow } from '../time/wall.ts';
import { type AnswerParts, createAnswerer, type OpenJob, stateOf } from './answer-job.ts';
import { applyEvent, entityRefsOf } from './apply-event.ts';
import type { AiAttempt } from './backend.ts';
import { describeJob } from './describe-job.ts';
import { failJob, identify, isDiskTrouble, type JobOutcome } from './fail-job.ts';
import { describeEcho, findEcho } from './find-echo.ts';
import { createJobQueue, type QueuedJob } from './job-queue.ts';
import { reportJob } from './report-job.ts';
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

export interface JobActivity {
  startedAt: number;
  /** Of all its runs. */
  attempts: readonly AiAttempt[];
}

/** Runs accepted events: job → AI → result → delivery. */
export type Worker = ReturnType<typeof createWorker>;

export function createWorker(parts: WorkerParts) {
  const { store, liveFeed } = parts;
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
  /** Events as they came in, of jobs that begin soon: a body is parsed once. The others' are read from the database. */
  const fresh = new Map<number, EnvelopedEvent>();
  let started = false;
  let drained: (() => void) | undefined;

  function load(): void {
    if (!more || queue.size >= WINDOW / 2) return;
    const jobs = listOpenJobs(store, loadedUpTo, WINDOW);
    more = jobs.length === WINDOW;
    for (const { seq, preset_error } of jobs) {
      enqueueJob(seq, preset_error);
      loadedUpTo = seq;
    }
  }

  function tryLoad(): void {
    try {
      load();
    } catch (error) {
      more = true;
      parts.onError(error);
      void waitWallTime(RETRY_AFTER_ERROR_MS, stopping.signal).then(pump, () => {});
    }
  }

  function enqueueJob(seq: number, presetError: string | null): void {
    const waits = queue.add(describeJob(store, seq, presetError, fresh.get(seq)));
    if (waits) parts.note('job-order', getEvent(store, seq)?.reference_id);
  }

  function isBusy(): boolean {
    return queue.size > 0 || more;
  }

  function pump(): void {
    if (!started || stopping.signal.aborted) return;
    tryLoad();
    while (running < MAX_RUNNING) {
      const job = queue.take();
      if (!job) break;
      running++;
      void run(job);
    }
    if (!isBusy()) for (const listener of quietListeners) listener();
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
        if (!isDiskTrouble(error) && (await failAlone(job, error))) break;
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
  }

  async function runJob(job: QueuedJob): Promise<void> {
    const known = fresh.get(job.seq);
    fresh.delete(job.seq);
    const row = getJob(store, job.seq);
    if (row?.state !== 'queued') return;
    const source = getEvent(store, job.seq);
    if (!source) throw new StoredDataError(`job ${job.seq}`, 'its event is not there');
    const startedAt = wallNow();
    const from = monotonicNow();
    const event = known ?? eventOf(source, parts.facts());
    const refs = entityRefsOf(event);
    const before = refs && stateOf(store, source, refs.kind, refs.id);
    const applied = row.applied === 1;
    const after =
      refs && (applied ? stateNow(event, refs, before) : applyEvent(event, refs, before?.data ?? null));
    const attempts = JSON.parse(row.attempts) as AiAttempt[];
    active.set(job.seq, { startedAt, attempts });
    const echo = row.run === 1 && row.by_hand === 0 ? findEcho(parts, source, event, refs) : null;
    const open: OpenJob = { job, source, event, refs, after, run: row.run, attempts };
    const refusal = answerer.refuse(open);
    const result = refusal ?? (await answerer.ask(open, stopping.signal));
    if (stopping.signal.aborted) return;

    const error = result.kind === 'failure' ? result.error : null;
    const outgoing = outgoingEventOf(event.event);
    const wanted = await store.group.submit(() => {
      const open = finishJob(store, job.seq, {
        state: error ? 'failed' : 'done',
        startedAt,
        finishedAt: wallNow(),
        error,
        applied: !refusal,
        attempts,
        echo,
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
    reportJob(liveFeed, source, {
      outgoing_event: wanted ? outgoing : null,
      duration_ms: roundMs(monotonicNow() - from),
      error,
      run: row.run,
      backend: ofRun.at(-1)?.backend ?? null,
      attempt_count: ofRun.length,
      ...(echo && refs && { echo: describeEcho(source, refs, echo) }),
    });
  }

  /** @returns whether the job is over. */
  async function failAlone(job: QueuedJob, reason: unknown): Promise<boolean> {
    const attempts = active.get(job.seq)?.attempts ?? [];
    try {
      const { source, error, reported } = await failJob(parts, job.seq, reason, attempts);
      if (!source) return true;
      if (reported) parts.onEnqueued(source.ats_id);
      const outgoing_event = reported ? outgoingEventOf(source.event) : null;
      const run = getJob(store, job.seq)?.run ?? 1;
      reportJob(liveFeed, source, {
        outgoing_event,
        duration_ms: 0,
        error,
        run,
        backend: null,
        attempt_count: attempts.length,
      });
      return true;
    } catch (error) {
      parts.onError(error);
      return false;
    }
  }

  return {
    /**
     * Begins, or begins again after `stop`, with the jobs that are open now.
     *
     * @throws the database's error when they cannot be listed.
     */
    start(): void {
      const isFirst = !stopping.signal.aborted;
      if (!isFirst) {
        stopping = createStopSignal();
        queue = createJobQueue();
        fresh.clear();
        loadedUpTo = 0;
        more = true;
        drained = undefined;
      }
      // A first start fails with what it finds; after that, it is reported and tried again.
      if (isFirst) load();
      started = true;
      pump();
    },
    /** An event was accepted and is durable. Never throws: what cannot be loaded now is later. */
    add(eventSeq: number, presetError: string | null, event: EnvelopedEvent): void {
      // In order only while everything before it is loaded; otherwise the next load finds it.
      if (!more && queue.size < WINDOW && eventSeq > loadedUpTo) {
        if (running + fresh.size < MAX_RUNNING) fresh.set(eventSeq, event);
        try {
          enqueueJob(eventSeq, presetError);
          loadedUpTo = eventSeq;
        } catch (error) {
          more = true;
          parts.onError(error);
        }
      } else if (eventSeq > loadedUpTo) {
        more = true;
      }
      pump();
    },
    /** Whether a job is open, running or not. */
    isBusy,
    /** The events whose jobs are at work. */
    running: (): number[] => [...active.keys()],
    /** What a job that runs has done so far; `null` when it does not run. */
    activity: (eventSeq: number): JobActivity | null => active.get(eventSeq) ?? null,
    /**
     * Runs a failed job once more. What its event changed is not changed again.
     *
     * @returns whether it was failed.
     */
    async rerun(eventSeq: number): Promise<boolean> {
      if (!(await store.group.submit(() => reopenJob(store, eventSeq)))) return false;
      // One that lies after what is loaded is found by the next load.
      if (eventSeq <= loadedUpTo) queue.add(describeJob(store, eventSeq, null));
      else more = true;
      pump();
      return true;
    },
    /** Called when the last open job ended. */
    onQuiet(listener: () => void): void {
      quietListeners.push(listener);
    },
    /** Gives up what runs (it runs again after the next start) and waits until nothing does. */
    async stop(): Promise<void> {
      stopping.abort();
      if (running > 0)
        await new Promise<void>((resolve) => {
          drained = resolve;
        });
    },
  };
}
