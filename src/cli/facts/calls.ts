import { COLLECTIONS } from '../../contract/rest.ts';
import type { EntityKind } from './judge-entity.ts';

/** One of the gateway's calls, as a request or a document names it. */
export interface Call {
  /** `POST /v1/candidates/{id}`. */
  name: string;
  method: string;
  kind: 'webhook' | 'write' | 'read' | 'list' | 'workspace-write' | 'workspace-read' | 'upload' | 'other';
  entity: EntityKind | null;
  /** Whether the path is one of the gateway's at all. */
  known: boolean;
}

const WRITES = new Set(['POST', 'PATCH', 'DELETE']);

/** What a method and a path are, whatever host and prefix stand before it. `null` for what is no call of a gateway. */
export function matchCall(method: string, url: string): Call | null {
  const path = /(\/v1\/[^?#]*|\/uploads\/?)(?:[?#]|$)/.exec(url)?.[1]?.replace(/\/$/, '');
  if (path === undefined) return null;
  const call = (name: string, kind: Call['kind'], entity: EntityKind | null = null, known = true): Call => ({
    name: `${method} ${name}`,
    method,
    kind,
    entity,
    known,
  });
  if (path === '/uploads') return call(path, 'upload');
  const [, , collection = '', id, more, ...rest] = path.split('/');
  if (rest.length > 0) return call(path, 'other', null, false);
  if (collection === 'webhooks' && id !== undefined && more === undefined)
    return call('/v1/webhooks/{ats_id}', 'webhook');
  if (collection === 'workspaces' && (more === undefined || more === 'members')) {
    const name = `/v1/workspaces${id === undefined ? '' : '/{client_id}'}${more === undefined ? '' : '/members'}`;
    return call(name, method === 'GET' ? 'workspace-read' : 'workspace-write');
  }
  if (Object.hasOwn(COLLECTIONS, collection) && more === undefined) {
    const { kind } = COLLECTIONS[collection as keyof typeof COLLECTIONS];
    const name = `/v1/${collection}${id === undefined ? '' : '/{id}'}`;
    if (method === 'GET') return call(name, id === undefined ? 'list' : 'read', kind);
    return call(name, WRITES.has(method) ? 'write' : 'other', kind);
  }
  return call(path, 'other', null, false);
}
