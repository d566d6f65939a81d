import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

/** How a request came in. */
export type Via = EventRow['via'];

export type EventRow = Row<'event'> & { body: Buffer; body_hash: Buffer };

/** An event as accepted; `seq` is given by the database. */
export type NewEvent = Omit<EventRow, 'seq' | 'body'> & { body: Uint8Array };

/** The event that already has this identity, if one has (contract, section 3). */
export function findEventByIdentity(store: Store, atsId: string, clientId: string, eventId: string) {
  return store
    .sql<Pick<EventRow, 'seq' | 'reference_id' | 'body_hash'>>(
      'SELECT seq, reference_id, body_hash FROM event WHERE ats_id = ? AND client_id = ? AND event_id = ?',
    )
    .get(atsId, clientId, eventId);
}

/** Stores an accepted event with its job. Returns its sequence number, the order of acceptance. */
export function insertEvent(
  store: Store,
  event: NewEvent,
  presetError: string | null,
  byHand = false,
): number {
  const { lastInsertRowid } = store
    .sql(
      `INSERT INTO event (reference_id, ats_id, client_id, user_id, event, event_id, via, target_id,
          body, body_hash, received_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      event.reference_id,
      event.ats_id,
      event.client_id,
      event.user_id,
      event.event,
      event.event_id,
      event.via,
      event.target_id,
      event.body,
      event.body_hash,
      event.received_at,
    );
  const seq = Number(lastInsertRowid);
  store
    .sql("INSERT INTO job (event_seq, state, preset_error, by_hand) VALUES (?, 'queued', ?, ?)")
    .run(seq, presetError, byHand ? 1 : 0);
  return seq;
}

export function findEventByReference(store: Store, referenceId: string): EventRow | undefined {
  return store.sql<EventRow>('SELECT * FROM event WHERE reference_id = ?').get(referenceId);
}

export function getEvent(store: Store, seq: number): EventRow | undefined {
  return store.sql<EventRow>('SELECT * FROM event WHERE seq = ?').get(seq);
}

export function countEvents(store: Store): number {
  return store.sql<{ n: number }>('SELECT count(*) AS n FROM event').get()!.n;
}
