import type { Facts } from '../../contract/facts/facts.ts';
import type { EnvelopedEvent } from '../../contract/incoming.ts';
import { stringifyJson } from '../../contract/json.ts';
import { MAX_BODY_BYTES } from '../../contract/limits.ts';
import type { NoteAssumption } from '../assumptions/notes.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { Settings } from '../settings.ts';
import { type EntityKind, readEntity } from '../store/entities.ts';
import type { EventRow } from '../store/events.ts';
import { noteAttempts } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { EntityRefs } from './apply-event.ts';
import type { AiAttempt, AiJob, AiResult, AiRunner, EntityState } from './backend.ts';
import type { CvFinder, FoundCv } from './cv-text/find-cv.ts';
import type { QueuedJob } from './job-queue.ts';
import { flatten } from './source-event.ts';
import { untilAborted } from './until-aborted.ts';
import { waitWallTime } from './wait-wall-time.ts';

export interface AnswerParts {
  store: Store;
  liveFeed: LiveFeed;
  ai: AiRunner;
  note: NoteAssumption;
  cvs: CvFinder;
  settings(): Pick<Settings, 'provisioningLatencyMs'>;
  facts(): Facts | undefined;
  onError(error: unknown): void;
}

/** A job with all that its answer needs. */
export interface OpenJob {
  job: QueuedJob;
  source: EventRow;
  event: EnvelopedEvent;
  refs: EntityRefs | null;
  /** The entity as the event leaves it; `null` where there is none. */
  after: Record<string, unknown> | null;
  run: number;
  /** How often the AI was asked so far, in all runs; grows while it is asked. */
  attempts: AiAttempt[];
}

/** What a job comes to: by ourselves where what it is about is not there, else by the AI. */
export function createAnswerer(parts: AnswerParts) {
  const { store, liveFeed } = parts;

  function refuse({ job, source, refs, after }: OpenJob): AiResult | null {
    if (job.presetError !== null) {
      return failure(job.presetError, `refused: ${job.presetError.replaceAll('_', ' ')}`);
    }
    if (refs && after === null)
      return failure(`${refs.kind}_not_found`, `there is no ${refs.kind} ${refs.id}`);
    // Update by update it would grow without end.
    if (refs?.action === 'updated' && Buffer.byteLength(stringifyJson(after)) > MAX_BODY_BYTES)
      return failure(`${refs.kind}_too_large`, `the ${refs.kind} ${refs.id} would be larger than 1 MiB`);
    for (const [kind, id] of linksOf(refs, after)) {
      if (stateOf(store, source, kind, id)) continue;
      return failure(`${kind}_not_found`, `the application refers to ${kind} ${id}, which does not exist`);
    }
    return null;
  }

  async function ask(open: OpenJob, signal: AbortSignal): Promise<AiResult> {
    const { job, source, event, run, attempts } = open;
    liveFeed.publish(() => ({
      type: 'job.started',
      job_id: `job_${job.seq}`,
      reference_id: source.reference_id,
      event: source.event,
      client_id: source.client_id,
      run,
    }));
    if (event.event === 'workspace.created')
      await waitWallTime(parts.settings().provisioningLatencyMs, signal);
    const aiJob = await describe(open, signal);
    let unwritten: { error: unknown } | null = null;
    try {
      return await parts.ai.process(aiJob, signal, {
        run,
        incomingId: source.event_id ?? source.reference_id,
        firstNumber: attempts.filter((attempt) => attempt.run === run).length + 1,
        onAsking: (attempt) =>
          store.group
            .submit(() => noteAttempts(store, job.seq, [...attempts, attempt]))
            .catch((error) => {
              unwritten = { error };
              throw error;
            }),
        onAttempt: (attempt) => attempts.push(attempt),
      });
    } catch (error) {
      if (signal.aborted || unwritten !== null) throw error;
      parts.onError(error);
      return failure('ai_error', 'the AI backend failed');
    }
  }

  /** The job as whoever answers sees it. */
  async function describe({ job, source, event, refs, after }: OpenJob, signal: AbortSignal): Promise<AiJob> {
    const linked = { candidate: null as EntityState | null, vacancy: null as EntityState | null };
    for (const [kind, id] of linksOf(refs, after)) linked[kind] = stateOf(store, source, kind, id);
    const found = await findCv(source, refs, [after, linked.candidate?.data], signal);
    if (found && event.event === 'application.created') parts.note('cv-text', source.reference_id);
    return {
      job_id: `job_${job.seq}`,
      reference_id: source.reference_id,
      event: event.event,
      ats_id: source.ats_id,
      client_id: source.client_id,
      user_id: source.user_id,
      entity: refs && { id: refs.id, data: after! },
      ...linked,
      request: flatten(event),
      cv_text: found?.text ?? null,
      cv: found?.cv ?? null,
    };
  }

  /** The application's CV, otherwise the candidate's. */
  async function findCv(
    source: EventRow,
    refs: EntityRefs | null,
    holders: (Record<string, unknown> | null | undefined)[],
    signal: AbortSignal,
  ): Promise<FoundCv | null> {
    if (refs === null || refs.kind === 'vacancy' || refs.action === 'deleted') return null;
    return untilAborted(parts.cvs.find(source.ats_id, source.client_id, holders), signal);
  }

  return {
    /** Ours to answer, without the AI and without effect on what is stored; `null` where the AI is to be asked. */
    refuse,
    /** Rejects when `signal` is aborted, and when what must be written down cannot be: the job is then run again. */
    ask,
  };
}

/** An entity of the event's tenant as it is stored now. */
export function stateOf(store: Store, source: EventRow, kind: EntityKind, id: string): EntityState | null {
  const data = readEntity(store, source.ats_id, source.client_id, kind, id);
  return data ? { id, data } : null;
}

/** What an application refers to. A deletion needs neither. */
function linksOf(refs: EntityRefs | null, after: Record<string, unknown> | null) {
  if (refs?.kind !== 'application' || refs.action === 'deleted' || after === null) return [];
  return (['candidate', 'vacancy'] as const).map((kind) => [kind, String(after[`${kind}_id`])] as const);
}

function failure(code: string, message: string): AiResult {
  return { kind: 'failure', error: { code, message } };
}
