import { encodeSegment } from '../../client/encode-segment.ts';
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

const COLLECTION: Record<string, string> = {
  candidate: 'candidates',
  vacancy: 'vacancies',
  application: 'applications',
};

/**
 * Turns the body of a webhook into a REST call: the tenant goes into headers, `event_id` becomes the
 * `Idempotency-Key`, an id that is changed or deleted goes into the path.
 *
 * @throws CliError (exit 2) when the event has no such call, or its id is missing.
 */
export function restCall(event: Record<string, unknown>): RestCall {
  const { event: name, event_id, client_id, user_id, ...fields } = event;
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  const put = (header: string, value: unknown) => {
    if (value !== undefined && value !== null) headers[header] = headerValue(header, value);
  };
  put('Idempotency-Key', event_id);
  if (name === 'workspace.created') {
    return { method: 'POST', path: '/v1/workspaces', headers, body: encode({ client_id, ...fields }) };
  }
  if (name === 'workspace.member_added') {
    const { member_user_id, ...member } = fields;
    const path = `/v1/workspaces/${segment(client_id, 'client_id', name)}/members`;
    return { method: 'POST', path, headers, body: encode({ user_id: member_user_id, ...member }) };
  }
  const [kind = '', action] = typeof name === 'string' ? name.split('.') : [];
  const collection = Object.hasOwn(COLLECTION, kind) ? COLLECTION[kind] : undefined;
  if (collection === undefined || !['created', 'updated', 'deleted'].includes(action ?? '')) {
    throw new CliError(`${name === undefined ? 'a body without event' : String(name)} has no REST call`, {
      next: 'send it with --via webhook',
    });
  }
  put('X-ATS-Client-ID', client_id);
  put('X-ATS-User-ID', user_id);
  if (action === 'created')
    return { method: 'POST', path: `/v1/${collection}`, headers, body: encode(fields) };
  const idField = `${kind}_id`;
  const { [idField]: id, ...changed } = fields;
  const path = `/v1/${collection}/${segment(id, idField, String(name))}`;
  if (action === 'updated') return { method: 'PATCH', path, headers, body: encode(changed) };
  delete headers['Content-Type'];
  return { method: 'DELETE', path, headers, body: Buffer.alloc(0) };
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
