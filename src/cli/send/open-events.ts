import { type EventBody, prepareBody } from '../events/body.ts';
import type { Assignment } from '../events/set-path.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { type EventLine, isNdjsonName, openNdjson } from './read-events.ts';

export interface EventFlags {
  set?: Assignment[];
  clientId?: string;
  userId?: string;
  eventId?: string;
  ndjson?: boolean;
}

export interface Events {
  events: EventBody | AsyncIterable<EventLine>;
  sample: boolean;
  /** Ends reading, so that the process can end. */
  close(): void;
}

/**
 * What there is to send: one body, or lines that are read as they are sent.
 *
 * @throws CliError (exit 2).
 */
export async function openEvents(
  io: Io,
  source: string,
  options: EventFlags,
  changes: Assignment[],
  sample: (event: string) => Record<string, unknown>,
): Promise<Events> {
  if (!isNdjsonName(source) && options.ndjson !== true) {
    const body = await prepareBody(io, { direction: 'incoming', source, sample, changes });
    return { events: body, sample: body.sample, close() {} };
  }
  if (options.eventId !== undefined) {
    throw new CliError('--event-id would give every line the same event_id', {
      next: 'leave it out, or send one event',
    });
  }
  const opened = openNdjson(io, source);
  return { events: opened.lines, sample: false, close: opened.close };
}

/** The flags that change a body, in the order in which they act. */
export function changesFrom({ clientId, userId, eventId, set = [] }: EventFlags): Assignment[] {
  const fields = Object.entries({ client_id: clientId, user_id: userId, event_id: eventId });
  const given = fields.filter(([, value]) => value !== undefined);
  return [...given.map(([name, value]) => ({ path: [name], value })), ...set];
}
