import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';
import { readStoredJson } from './stored-json.ts';

export type EntityKind = Row<'entity'>['kind'];

/** The stored data of one entity as JSON text, or `undefined`. Tenants never see each other: both keys are required. */
export function getEntity(store: Store, atsId: string, clientId: string, kind: EntityKind, id: string) {
  return store
    .sql<{ data: string }>(
      'SELECT data FROM entity WHERE ats_id = ? AND client_id = ? AND kind = ? AND id = ?',
    )
    .get(atsId, clientId, kind, id)?.data;
}

/** The same, parsed. @throws StoredDataError */
export function readEntity(store: Store, atsId: string, clientId: string, kind: EntityKind, id: string) {
  const data = getEntity(store, atsId, clientId, kind, id);
  return data === undefined ? undefined : readStoredJson(data, `entity ${kind} ${id}`);
}

/** Entities of one kind in the order of their ids, those after `afterId`. */
export function listEntities(
  store: Store,
  atsId: string,
  clientId: string,
  kind: EntityKind,
  afterId: string,
  limit: number,
) {
  return store
    .sql<{ id: string; data: string }>(
      `SELECT id, data FROM entity WHERE ats_id = ? AND client_id = ? AND kind = ? AND id > ? ORDER BY id LIMIT ?`,
    )
    .all(atsId, clientId, kind, afterId, limit);
}

/** Creates or replaces an entity, with the event that its data came from. */
export function putEntity(
  store: Store,
  atsId: string,
  clientId: string,
  kind: EntityKind,
  id: string,
  data: string,
  eventSeq: number,
  now: number,
): void {
  store
    .sql(
      `INSERT INTO entity (ats_id, client_id, kind, id, data, event_seq, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET data = excluded.data, event_seq = excluded.event_seq, updated_at = excluded.updated_at`,
    )
    .run(atsId, clientId, kind, id, data, eventSeq, now, now);
}

export function deleteEntity(
  store: Store,
  atsId: string,
  clientId: string,
  kind: EntityKind,
  id: string,
): void {
  store
    .sql('DELETE FROM entity WHERE ats_id = ? AND client_id = ? AND kind = ? AND id = ?')
    .run(atsId, clientId, kind, id);
}
