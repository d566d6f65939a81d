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

/** Characters of a page, but for its first entity: a hundred of a megabyte each would hold up the gateway for seconds. */
const MAX_PAGE_LENGTH = 4 * 1024 * 1024;

/** A page of entities of one kind in the order of their ids, those after `afterId`; whether there are more. */
export function listEntities(
  store: Store,
  atsId: string,
  clientId: string,
  kind: EntityKind,
  afterId: string,
  limit: number,
) {
  const items: { id: string; data: string }[] = [];
  let length = 0;
  const found = store
    .sql<{ id: string; data: string }>(
      `SELECT id, data FROM entity WHERE ats_id = ? AND client_id = ? AND kind = ? AND id > ? ORDER BY id`,
    )
    .iterate(atsId, clientId, kind, afterId);
  for (const row of found) {
    length += row.data.length;
    if (items.length === limit || (items.length > 0 && length > MAX_PAGE_LENGTH))
      return { items, more: true };
    items.push(row);
  }
  return { items, more: false };
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
