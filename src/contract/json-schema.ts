import * as z from 'zod';
import {
  type EventDirection,
  type IncomingEventName,
  OUTGOING_EVENTS,
  type OutgoingEventName,
} from './event-names.ts';
import { INCOMING_SCHEMAS } from './incoming.ts';
import { OutgoingEvent } from './outgoing.ts';

/**
 * The JSON Schema of one event's body. What JSON Schema cannot say (the exact rule for an e-mail
 * address, lone surrogates) it leaves out: the gateway is a little stricter.
 */
export function eventJsonSchema(direction: EventDirection, event: string): Record<string, unknown> {
  const schema =
    direction === 'incoming'
      ? INCOMING_SCHEMAS[event as IncomingEventName]
      : OutgoingEvent.options[OUTGOING_EVENTS.indexOf(event as OutgoingEventName)];
  return z.toJSONSchema(schema as z.ZodType, { io: 'input', unrepresentable: 'any' }) as Record<
    string,
    unknown
  >;
}
