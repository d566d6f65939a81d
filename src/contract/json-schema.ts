import * as z from 'zod';
import type { EventDirection, IncomingEventName, OutgoingEventName } from './event-names.ts';
import { INCOMING_SCHEMAS } from './incoming.ts';
import { OUTGOING_SCHEMAS } from './outgoing.ts';

/**
 * The JSON Schema of one event's body. What JSON Schema cannot say (the exact rule for an e-mail
 * address, lone surrogates) it leaves out: the gateway is a little stricter.
 */
export function eventJsonSchema(direction: EventDirection, event: string): Record<string, unknown> {
  const schema: z.ZodType =
    direction === 'incoming'
      ? INCOMING_SCHEMAS[event as IncomingEventName]
      : OUTGOING_SCHEMAS[event as OutgoingEventName];
  return { ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) };
}
