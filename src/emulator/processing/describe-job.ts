import type { EnvelopedEvent } from '../../contract/incoming.ts';
import { readEntity } from '../store/entities.ts';
import { getEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import { entityRefsOf } from './apply-event.ts';
import { isDiskTrouble } from './fail-job.ts';
import type { QueuedJob } from './job-queue.ts';
import { eventOf } from './source-event.ts';

/**
 * The keys that order a job among the others. One whose row cannot be read waits for nothing: it fails when its
 * turn comes, and must not keep others from theirs.
 *
 * @param parsed the event, where it is known: its body is not read again.
 * @throws the database's error when it cannot be asked.
 */
export function describeJob(
  store: Store,
  seq: number,
  presetError: string | null,
  parsed?: EnvelopedEvent,
): QueuedJob {
  try {
    return describe(store, seq, presetError, parsed);
  } catch (error) {
    if (isDiskTrouble(error)) throw error;
    return { seq, presetError, writes: `job\0${seq}`, reads: [] };
  }
}

/** Tenant and id come from the event alone. */
function describe(store: Store, seq: number, presetError: string | null, parsed?: EnvelopedEvent): QueuedJob {
  const source = getEvent(store, seq)!;
  const tenant = JSON.stringify([source.ats_id, source.client_id]);
  const event = parsed ?? eventOf(source);
  const refs = entityRefsOf(event);
  const key = (kind: string, id: string) => `${kind}\0${tenant}\0${id}`;
  const reads: string[] = [];
  const unnamed: string[] = [];
  if (refs?.kind === 'application' && refs.action !== 'deleted') {
    // An update need not name what the application links: that stands with the application, or with an earlier job of it.
    const stored = readEntity(store, source.ats_id, source.client_id, 'application', refs.id);
    const fields: Record<string, unknown> = { ...stored, ...event.payload };
    for (const kind of ['candidate', 'vacancy']) {
      const id = fields[`${kind}_id`];
      if (!Object.hasOwn(event.payload, `${kind}_id`)) unnamed.push(kind);
      if (id) reads.push(key(kind, String(id)));
    }
  }
  return {
    seq,
    presetError,
    writes: refs ? key(refs.kind, refs.id) : key('workspace', source.client_id),
    reads,
    unnamed,
  };
}
