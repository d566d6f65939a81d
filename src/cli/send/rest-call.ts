import { encodeSegment } from '../../contract/paths.ts';
import { REST_WRITES } from '../../contract/rest-writes.ts';
import { encode } from '../events/body.ts';
import { CliError } from '../terminal/errors.ts';

/** An event as the REST call that means the same (contract, section 4). */
export interface RestCall {
  method: 'POST' | 'PATCH' | 'DELETE';
  path: string;
  /** Without the API key. */
  headers: Record<string, string>;
  body: Buffer;
}

/**
 * Turns the body of a webhook into a REST call: the tenant goes into headers, `event_id` becomes the
 * `Idempotency-Key`, an id that is changed or deleted goes into the path.
 *
 * @throws CliError (exit 2) when the event has no such call, or its id is missing.
 */
export function restCall(event: Record<string, unknown>): RestCall {
  const { event: name, event_id, client_id, user_id, ...fields } = event;
  const write =
    typeof name === 'string' &&
    Object.hasOwn(REST_WRITES, name) &&
    REST_WRITES[name as keyof typeof REST_WRITES];
  if (!write) {
    throw new CliError(`${name === undefined ? 'a body without event' : String(name)} has no REST call`, {
      next: 'send it with --via webhook',
    });
  }
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  const put = (header: string, value: unknown) => {
    if (value !== undefined && value !== null) headers[header] = headerValue(header, value);
  };
  put('Idempotency-Key', event_id);
  const method = write.method.toUpperCase() as RestCall['method'];
  if (name === 'workspace.created')
    return { method, path: write.path, headers, body: encode({ client_id, ...fields }) };
  if (name === 'workspace.member_added') {
    const { member_user_id, ...member } = fields;
    const path = write.path.replace('{client_id}', segment(client_id, 'client_id', name));
    return { method, path, headers, body: encode({ user_id: member_user_id, ...member }) };
  }
  put('X-ATS-Client-ID', client_id);
  put('X-ATS-User-ID', user_id);
  if (method === 'POST') return { method, path: write.path, headers, body: encode(fields) };
  const idField = `${String(name).split('.')[0]}_id`;
  const { [idField]: id, ...changed } = fields;
  const path = write.path.replace('{id}', segment(id, idField, String(name)));
  if (method === 'PATCH') return { method, path, headers, body: encode(changed) };
  delete headers['Content-Type'];
  return { method, path, headers, body: Buffer.alloc(0) };
}

function segment(value: unknown, field: string, name: string): string {
  if (typeof value === 'string' && value !== '') return encodeSegment(value);
  throw new CliError(`${name} by REST needs ${field}, which stands in the path`, {
    next: `add it, as with --set '${field}:=…'`,
  });
}

function headerValue(header: string, value: unknown): string {
  const text = String(value);
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  throw new CliError(`${header}: a header takes only printable ASCII, and this is ${JSON.stringify(text)}`, {
    next: 'send it with --via webhook',
  });
}
