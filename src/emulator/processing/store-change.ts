import type { EnvelopedEvent } from '../../contract/incoming.ts';
import { stringifyJson } from '../../contract/json.ts';
import { insertAudit } from '../store/audit.ts';
import { deleteEntity, putEntity } from '../store/entities.ts';
import type { EventRow } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import { markProvisioned, putMember } from '../store/workspaces.ts';
import { wallNow } from '../time/wall.ts';
import { applyEvent, type EntityRefs } from './apply-event.ts';
import type { EntityState } from './backend.ts';

/** What a finished job's event changes in the database, inside the transaction that ends the job. */
export function applyToStore(
  store: Store,
  source: EventRow,
  event: EnvelopedEvent,
  refs: EntityRefs | null,
  after: Record<string, unknown> | null,
): void {
  const { ats_id, client_id } = source;
  const by = { at: wallNow(), ats_id, actor: 'ats' } as const;
  const { reference_id } = source;
  if (event.event === 'workspace.created') {
    markProvisioned(store, ats_id, client_id);
    insertAudit(
      store,
      { ...by, action: 'workspace.provisioned' },
      { client_id, name: event.payload.name, reference_id },
    );
  } else if (event.event === 'workspace.member_added') {
    insertAudit(
      store,
      { ...by, action: 'member.added' },
      { client_id, user_id: event.payload.member_user_id, reference_id },
    );
    putMember(store, ats_id, client_id, {
      user_id: event.payload.member_user_id,
      name: event.payload.name,
      email: event.payload.email,
    });
  } else if (refs && after) {
    if (refs.action === 'deleted') deleteEntity(store, ats_id, client_id, refs.kind, refs.id);
    else putEntity(store, ats_id, client_id, refs.kind, refs.id, stringifyJson(after), source.seq, wallNow());
  }
}

/** For a re-run: what the event was about, as it is now. What was deleted has no fields any more. */
export function stateNow(event: EnvelopedEvent, refs: EntityRefs, before: EntityState | null) {
  if (before !== null) return before.data;
  return refs.action === 'deleted' ? { [`${refs.kind}_id`]: refs.id } : applyEvent(event, refs, null);
}
