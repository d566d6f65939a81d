import { type EventDirection, OUTGOING_EVENTS, type OutgoingEventName } from './event-names.ts';
import { isIncomingEvent, parseIncomingEvent } from './incoming.ts';
import { parseJson } from './json.ts';
import { MAX_JSON_DEPTH } from './limits.ts';
import { OutgoingEvent } from './outgoing.ts';
import type { EventCheck } from './portal.ts';
import { checkValue } from './problems.ts';

/** What the schema of an event says of a text, with the place of each problem. */
export async function checkEvent(
  direction: EventDirection,
  text: string,
): Promise<Omit<EventCheck, 'version'>> {
  const { createLocator, findJsonProblem } = await import('./json-position.ts');
  const incoming = direction === 'incoming';
  const parsed = parseJson(Buffer.from(text), 'exact', incoming ? MAX_JSON_DEPTH : undefined);
  if (!parsed.ok) {
    const { line, column } = findJsonProblem(text);
    return { event: null, problems: [{ line, column, path: '', message: parsed.problem.msg }] };
  }
  const name = (parsed.value as { event?: unknown } | null)?.event;
  const known = incoming ? isIncomingEvent(name) : OUTGOING_EVENTS.includes(name as OutgoingEventName);
  const checked = incoming ? parseIncomingEvent(parsed.value) : checkValue(OutgoingEvent, parsed.value);
  const locate = createLocator(text);
  const problems = (checked.ok ? [] : checked.problems).map(({ loc, msg }) => {
    const path = loc.slice(1);
    return { ...locate(path), path: path.join('.'), message: msg };
  });
  return { event: known ? (name as string) : null, problems };
}
