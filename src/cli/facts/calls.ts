import { gatewayDocument } from '../../contract/openapi/gateway.ts';
import { COLLECTIONS } from '../../contract/rest.ts';
import { asFields } from '../recordings/fields.ts';
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

let statuses: Map<string, ReadonlySet<number>> | undefined;

/** What carvos may answer to a call, by its own OpenAPI document. */
export function knownStatuses(call: Pick<Call, 'name'>): ReadonlySet<number> {
  statuses ??= readStatuses();
  return statuses.get(call.name) ?? new Set([404, 405]);
}

function readStatuses(): Map<string, ReadonlySet<number>> {
  const found = new Map<string, ReadonlySet<number>>();
  for (const [path, operations] of Object.entries(asFields(gatewayDocument().paths) ?? {})) {
    for (const [method, operation] of Object.entries(asFields(operations) ?? {})) {
      const responses = Object.keys(asFields(asFields(operation)?.responses) ?? {});
      // Those of a gateway in trouble are on no list of a call.
      found.set(`${method.toUpperCase()} ${path}`, new Set([...responses.map(Number), 429, 500, 503]));
    }
  }
  return found;
}
