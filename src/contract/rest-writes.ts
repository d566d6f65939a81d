import type { IncomingEventName } from './event-names.ts';

/** A REST write: method and path, in which `{id}` is the entity's. */
export interface RestWrite {
  method: 'post' | 'patch' | 'delete';
  path: string;
}

/**
 * The REST write that means the same as each event (contract, section 4). The gateway's routes, its OpenAPI document
 * and `send --via rest` are made from this table.
 */
export const REST_WRITES: Readonly<Record<IncomingEventName, RestWrite>> = {
  'candidate.created': { method: 'post', path: '/v1/candidates' },
  'candidate.updated': { method: 'patch', path: '/v1/candidates/{id}' },
  'candidate.deleted': { method: 'delete', path: '/v1/candidates/{id}' },
  'vacancy.created': { method: 'post', path: '/v1/vacancies' },
  'vacancy.updated': { method: 'patch', path: '/v1/vacancies/{id}' },
  'vacancy.deleted': { method: 'delete', path: '/v1/vacancies/{id}' },
  'application.created': { method: 'post', path: '/v1/applications' },
  'application.updated': { method: 'patch', path: '/v1/applications/{id}' },
  'application.deleted': { method: 'delete', path: '/v1/applications/{id}' },
  'workspace.created': { method: 'post', path: '/v1/workspaces' },
  'workspace.member_added': { method: 'post', path: '/v1/workspaces/{client_id}/members' },
};
