import { parseIncomingEvent } from '../../contract/incoming.ts';
import { isRecord } from '../../contract/is-record.ts';
import { parseJson } from '../../contract/json.ts';
import { eventOf, flatten } from '../processing/source-event.ts';
import type { EventRow } from '../store/events.ts';

/** Why the body of an accepted event cannot be what was accepted; `null` where it can. */
export function eventProblem(row: EventRow, isOpen: boolean): string | null {
  const body = row.body.length === 0 ? null : parseJson(row.body);
  if (body !== null && !(body.ok && isRecord(body.value))) return 'must be a JSON object';
  if (!isOpen) return null;
  // A job is going to read it; of a REST request without them, the envelope's ids are not given.
  const event = eventOf({ ...row, event_id: row.event_id ?? 'none', user_id: row.user_id ?? 'none' });
  const parsed = parseIncomingEvent(flatten(event));
  if (parsed.ok) return null;
  const [problem] = parsed.problems;
  return `is not such an event: ${(problem?.loc ?? []).join('.')}: ${problem?.msg ?? ''}`;
}
