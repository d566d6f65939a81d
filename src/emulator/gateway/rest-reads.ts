import type { Request, Router } from 'express';
import { showEntity } from '../../contract/facts/apply-facts.ts';
import { problemsFromIssues } from '../../contract/problems.ts';
import { CLIENT_HEADER, COLLECTIONS, PageQuery, REST_READS, type RestRead } from '../../contract/rest.ts';
import type { Ats } from '../ats/registry.ts';
import { answerJson } from '../http/answer.ts';
import { expressPath } from '../http/express-path.ts';
import { listEntities, readEntity } from '../store/entities.ts';
import type { Store } from '../store/store.ts';
import { readStoredJson } from '../store/stored-json.ts';
import { getWorkspace, listMembers } from '../store/workspaces.ts';
import { iso } from '../time/wall.ts';
import type { RestParts } from './parts.ts';
import { checkPathId, handleCall, RestRefusal, type RestWork, readTenant } from './rest-request.ts';

/** Every REST read, answered at once (contract, section 4). Each query names the ATS and the client. */
export function addReadRoutes(router: Router, parts: RestParts): void {
  const envelope = (request: Request) => ({ client_id: request.get(CLIENT_HEADER) });
  for (const read of REST_READS) {
    const answer: RestWork = (ats, request, response) => {
      parts.note(read.assumes);
      answerJson(response, 200, answerRead(parts, ats, request, read));
    };
    router.get(expressPath(read.path), handleCall(parts, envelope, answer));
  }
}

function answerRead({ store, facts }: RestParts, ats: Ats, request: Request, read: RestRead): unknown {
  if (read.collection === null) {
    const { client_id, name, status, created_at } = findWorkspace(store, ats, request);
    return read.answers === 'members'
      ? { items: listMembers(store, ats.id, client_id), next_cursor: null }
      : { client_id, name, status, created_at: iso(created_at) };
  }
  const { kind } = COLLECTIONS[read.collection];
  const show = (data: Record<string, unknown>) => showEntity(facts(), kind, data);
  const { clientId } = readTenant(store, ats, request, true);
  if (read.answers === 'page') {
    const { limit, after } = readPage(request);
    const { items, more } = listEntities(store, ats.id, clientId, kind, after, limit);
    return {
      items: items.map(({ id, data }) => show(readStoredJson(data, `entity ${kind} ${id}`))),
      next_cursor: more ? Buffer.from(items.at(-1)!.id).toString('base64url') : null,
    };
  }
  const data = readEntity(store, ats.id, clientId, kind, String(request.params.id));
  if (data === undefined) throw new RestRefusal('entity_not_found', `${capitalize(kind)} not found`);
  return show(data);
}

function findWorkspace(store: Store, ats: Ats, request: Request) {
  const problems = checkPathId(request);
  if (problems.length > 0) throw new RestRefusal('validation', problems);
  const workspace = getWorkspace(store, ats.id, String(request.params.client_id));
  if (!workspace) throw new RestRefusal('workspace_not_found');
  return workspace;
}

function readPage(request: Request): { limit: number; after: string } {
  const parsed = PageQuery.safeParse(request.query);
  if (!parsed.success) {
    throw new RestRefusal('validation', problemsFromIssues(parsed.error.issues, request.query, ['query']));
  }
  const { limit, cursor } = parsed.data;
  return { limit, after: cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString('utf8') };
}

function capitalize(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}
