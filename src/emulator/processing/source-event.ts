import { swapCv } from '../../contract/facts/apply-facts.ts';
import type { Facts } from '../../contract/facts/facts.ts';
import { type EnvelopedEvent, isIncomingEvent, payloadOf } from '../../contract/incoming.ts';
import { restPayload } from '../../contract/rest.ts';
import type { EventRow } from '../store/events.ts';
import { readStoredJson, StoredDataError } from '../store/stored-json.ts';

/**
 * The event that a stored request is. The envelope is as the door read it; of the body only the payload counts,
 * with the id that a REST path names put into it (contract, section 2: both ways are processed identically).
 *
 * @throws StoredDataError when name or body are not what an event's can be.
 */
export function eventOf(source: EventRow, facts?: Facts): EnvelopedEvent {
  if (!isIncomingEvent(source.event))
    throw new StoredDataError(`event ${source.seq}, event`, 'no event has this name');
  const body = source.body.length === 0 ? {} : readStoredJson(source.body, `event ${source.seq}, body`);
  const named = swapCv(facts, body);
  const payload =
    source.via === 'rest' ? restPayload(source.event, named, source.target_id) : payloadOf(named);
  const { event, event_id, client_id, user_id } = source;
  return { event, event_id, client_id, user_id: user_id ?? '', payload } as EnvelopedEvent;
}

/** The event as one object, as an AI service gets it: what a webhook's body says. */
export function flatten(one: EnvelopedEvent): Record<string, unknown> {
  const { event, event_id, client_id, user_id, payload } = one;
  return { event, event_id: event_id ?? '', client_id, user_id, ...payload };
}
