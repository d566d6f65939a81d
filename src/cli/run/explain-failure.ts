import type { ControlClient } from '../../client/control-client.ts';
import { explainDeliveries } from '../connect/explain-deliveries.ts';
import { createPaint } from '../terminal/output.ts';
import { formatFeedEntry } from '../text/feed.ts';
import { formatTrace } from '../text/trace.ts';

const plain = createPaint(false);

/** What is known of a reference on which an expectation did not hold: why a receiver refused, and the whole trace. */
export interface Explanation {
  why: string[];
  trace: string[];
}

/** @param reachable whether the gateway is still there for `carvos trace` when this is read. */
export async function explainReference(
  client: ControlClient,
  reference: string,
  reachable: boolean,
): Promise<Explanation> {
  const trace = await client.trace(reference);
  const { error } = trace.job ?? {};
  const why = error ? [`the AI job failed: ${error.code}: ${error.message}`] : [];
  for (const { id, event, why: reason } of await explainDeliveries(client, trace.deliveries))
    if (reason !== null) why.push(`${event} ${id}: ${reason}`);
  const command = reachable ? [`carvos trace ${reference}`] : [];
  return { why, trace: [...command, ...formatTrace(trace, plain)] };
}

/** Why the gateway refused a request that was just made, as `dev` says it; nothing where that is not known. */
export async function explainRefused(
  client: ControlClient,
  request: { atsId: string; eventId: string | null; status: number },
): Promise<string[]> {
  const { items } = await client.log({ direction: 'incoming', ats_id: request.atsId, limit: 20 });
  const item = items.find(
    ({ response_status, event_id }) =>
      response_status === request.status && (event_id === null || event_id === request.eventId),
  );
  // What is wrong with a body stands in the answer.
  if (item === undefined || (request.status !== 401 && item.fault === null)) return [];
  const { diagnosis } = request.status === 401 ? await client.diagnosis(item.id) : { diagnosis: null };
  const path = '';
  const lines = formatFeedEntry(
    { type: 'request.refused', seq: 0, at: item.occurred_at, record: item, path, diagnosis },
    plain,
  );
  return lines.slice(1).map((line) => line.trim());
}
