import type { ControlClient } from '../../client/control-client.ts';
import type { LogRecordDetail, Trace } from '../../contract/control.ts';
import { parseObject } from '../events/body.ts';
import { bytesOf } from '../text/http.ts';

/** What events are about. */
export const ID_FIELDS = ['candidate', 'vacancy', 'application'] as const;

/**
 * The event that a reference was given to, as a webhook would have brought it; `null` where no request did, or its body was not
 * kept. Tenant and `event_id` are left out: a scenario has its own.
 */
export async function incomingBody(
  client: ControlClient,
  { reference_id, accepted }: Trace,
): Promise<Record<string, unknown> | null> {
  if (accepted === null) return null;
  const { items } = await client.log({ reference_id, direction: 'incoming' });
  const first = items.at(-1);
  if (first === undefined) return null;
  const record = await client.logRecord(first.id, { whole: true });
  const { body } = record.request;
  const bytes = bytesOf(body);
  const fields = body.truncated ? null : bytes.length === 0 ? {} : parseObject(bytes);
  if (fields === null) return null;
  if (accepted.via === 'rest') return ofRest(accepted.event, fields, record);
  const { event_id, client_id, user_id, ...rest } = fields;
  return accepted.event === 'workspace.created' ? { client_id, ...rest } : rest;
}

/** By REST the id that is changed stands in the path, and a member's in `user_id`. */
function ofRest(event: string, fields: Record<string, unknown>, { request }: LogRecordDetail) {
  if (event === 'workspace.member_added') {
    const { user_id, ...rest } = fields;
    return { event, member_user_id: user_id, ...rest };
  }
  const noun = event.split('.')[0];
  const id =
    request.method === 'POST' ? undefined : new URL(request.url, 'http://gateway').pathname.split('/').at(-1);
  return { event, ...(id === undefined ? {} : { [`${noun}_id`]: decodeURIComponent(id) }), ...fields };
}

/** The data of an outgoing event. */
export function dataOf(delivery: Trace['deliveries'][number] | undefined): Record<string, unknown> {
  const { data } = parseFields(delivery?.body.text ?? '');
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
}

/** What stands in a body; nothing where it is no JSON. */
export function parseFields(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
