import { CLIENT_HEADER, IDEMPOTENCY_HEADER, USER_HEADER } from '../rest.ts';
import type { Json } from './document.ts';

/** What the calls of the gateway have in common. */

const REFERENCE = { reference_id: '0199a5d6-3f70-7c2a-8b11-5f1c2d3e4a5b' };
export const ACCEPTED = {
  status: 202,
  description: 'Accepted and durable; the outcome follows as an outgoing webhook with this `reference_id`.',
  schema: 'Accepted',
  example: REFERENCE,
};
/** What any call may get when the gateway itself is in trouble. */
export const TROUBLE = [
  'internal',
  'storage_full',
  'storage_unusable',
  'starting',
  'shutting_down',
  'replacing',
] as const;
/** What a write may get when somebody asked for that fault. */
export const FAULTS = ['too_many_requests', 'unavailable'] as const;

export const header = (name: string, required: boolean, description: string): Json => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string', ...(required ? { minLength: 1, maxLength: 255 } : {}) },
});
export const CLIENT = header(CLIENT_HEADER, true, 'The client (workspace) that the call is about.');
export const USER = header(USER_HEADER, true, 'The user (member) who acts.');
export const IDEMPOTENCY = header(
  IDEMPOTENCY_HEADER,
  false,
  'The same request sent again with the same key is answered with the first `reference_id`.',
);

export const ENTITY_ERRORS = [
  'bad_request',
  'invalid_api_key',
  'workspace_not_found',
  'method_not_allowed',
  'workspace_provisioning',
  'validation',
  ...TROUBLE,
] as const;
export const WRITE_ERRORS = [
  ...ENTITY_ERRORS,
  'idempotency_key_conflict',
  'body_too_large',
  ...FAULTS,
] as const;
