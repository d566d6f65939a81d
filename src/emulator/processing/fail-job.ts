import { outgoingEventOf } from '../../contract/ai.ts';
import type { OutgoingEventName } from '../../contract/event-names.ts';
import { type EnvelopedEvent, isIncomingEvent } from '../../contract/incoming.ts';
import { type EventRow, getEvent } from '../store/events.ts';
import { finishJob } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { wallNow } from '../time/wall.ts';
import type { AiAttempt } from './backend.ts';

/** What a job leads to: an event to the ATS. */
export interface JobOutcome {
  source: EventRow;
  event: OutgoingEventName;
  error: { code: string; message: string } | null;
  data: Record<string, unknown>;
}

/**
 * Ends a job that cannot be run as it is stored: it fails alone, with the reason, and it is reported to its ATS like any job
 * that failed.
 *
 * @returns what it ended as, and whether that is reported to its ATS.
 * @throws the database's error when not even that can be stored.
 */
export async function failJob(
  parts: { store: Store; enqueue(outgoing: JobOutcome): unknown },
  seq: number,
  reason: unknown,
  attempts: readonly AiAttempt[],
) {
  const { store } = parts;
  const message = reason instanceof Error ? reason.message : String(reason);
  const error = { code: 'job_unreadable', message: `the job cannot be run: ${message}` };
  const source = getEvent(store, seq);
  const finish = () => {
    const now = wallNow();
    const result = { startedAt: now, finishedAt: now, error, applied: false, attempts };
    return finishJob(store, seq, { state: 'failed', ...result });
  };
  const report = () => {
    if (!source || !isIncomingEvent(source.event) || !finish()) return false;
    parts.enqueue({ source, event: outgoingEventOf(source.event), error, data: identifyRow(source) });
    return true;
  };
  try {
    const reported = await store.group.submit(report);
    if (reported) return { source, error, reported };
  } catch (cause) {
    if (isDiskTrouble(cause)) throw cause;
  }
  // Of what its row says, not even an event can be made.
  await store.group.submit(finish);
  return { source, error, reported: false };
}

/** Whether trying again may help: what failed is the disk, or SQLite, and not what is stored. */
export function isDiskTrouble(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  return /^(?:SQLITE_(?!CONSTRAINT|MISMATCH|TOOBIG|RANGE)|DATABASE_|E[A-Z]+$)/.test(code);
}

/** What a failed event is about, by the row alone. */
function identifyRow({ event, target_id, client_id }: EventRow): Record<string, unknown> {
  return target_id === null ? { client_id } : { [`${event.split('.')[0]}_id`]: target_id };
}

/** `data` of a failed event: which entity it was about. */
export function identify(
  event: EnvelopedEvent,
  refs: { kind: string; id: string } | null,
): Record<string, unknown> {
  if (refs) return { [`${refs.kind}_id`]: refs.id };
  if (event.event === 'workspace.member_added')
    return { client_id: event.client_id, user_id: event.payload.member_user_id };
  return { client_id: event.client_id };
}
