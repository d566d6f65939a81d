import type { Belonging } from '../../contract/control.ts';
import { getDelivery } from './deliveries.ts';
import { findEventByReference } from './events.ts';
import { listLogOfDelivery } from './log.ts';
import type { Store } from './store.ts';

/** Findings of one kind; an event_id is unique only within an ATS and a client. */
const MOST = 10;

/** What an id that somebody has in hand belongs to; empty when it is none of this gateway's. */
export function findBelongings(store: Store, id: string): Belonging[] {
  const event = findEventByReference(store, id);
  if (event) return [belonging('reference_id', event)];
  const delivery = getDelivery(store, id) ?? listLogOfDelivery(store, id)[0];
  if (delivery) return [belonging('delivery', delivery)];
  // Over the index of identities, whose rows are small: the events' own hold their bodies.
  const incoming = store
    .sql<Row>('SELECT * FROM event INDEXED BY event_identity WHERE event_id = ? LIMIT ?')
    .all(id, MOST);
  const outgoing = store
    .sql<Row>('SELECT * FROM delivery WHERE event_id = ? AND replay_of IS NULL LIMIT ?')
    .all(id, MOST);
  return [
    ...incoming.map((row) => belonging('incoming event_id', row)),
    ...outgoing.map((row) => belonging('outgoing event_id', row)),
  ];
}

type Row = Pick<Belonging, 'ats_id' | 'client_id' | 'event' | 'reference_id'>;

function belonging(kind: Belonging['kind'], row: Row): Belonging {
  const { ats_id, client_id, event, reference_id } = row;
  return { kind, ats_id, client_id, event, reference_id };
}
