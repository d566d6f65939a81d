import type { IncomingEvent } from '../../contract/incoming.ts';
import type { EventRow } from '../store/events.ts';
import { readStoredJson } from '../store/stored-json.ts';

/**
 * The event that a stored request is. A webhook's body is the event; what REST says in method, path and
 * headers is put around its body (contract, section 2: both are processed identically).
 */
export function eventOf(source: EventRow): IncomingEvent {
  const body = source.body.length === 0 ? {} : readStoredJson(source.body);
  if (source.via !== 'rest') return body as unknown as IncomingEvent;
  const kind = source.event.split('.')[0];
  const event: Record<string, unknown> = {
    ...body,
    event: source.event,
    event_id: source.event_id ?? '',
    client_id: source.client_id,
    user_id: source.user_id ?? '',
  };
  if (source.target_id !== null && kind !== 'workspace') event[`${kind}_id`] = source.target_id;
  if (source.event === 'workspace.member_added') event.member_user_id = body.user_id;
  return event as unknown as IncomingEvent;
}
