import type { Request, Response, Router } from 'express';
import { showEntity } from '../../contract/facts/apply-facts.ts';
import type { Facts } from '../../contract/facts/facts.ts';
import { problemsFromIssues } from '../../contract/problems.ts';
import { CLIENT_HEADER, COLLECTIONS, PageQuery, REST_READS, type RestRead } from '../../contract/rest.ts';
import type { NoteAssumption } from '../assumptions/notes.ts';
import type { Ats, AtsRegistry } from '../ats/registry.ts';
import { answerJson } from '../http/answer.ts';
import { expressPath } from '../http/express-path.ts';
import type { Acceptor } from '../incoming/accept.ts';
import { listEntities, readEntity } from '../store/entities.ts';
import type { Store } from '../store/store.ts';
import { readStoredJson } from '../store/stored-json.ts';
import { getWorkspace, listMembers } from '../store/workspaces.ts';
import { iso } from '../time/wall.ts';
import {
  answerRefusal,
  checkPathId,
  identifyAts,
  RestRefusal,
  readHeaders,
  recordRequest,
  requireWorkspace,
} from './rest-request.ts';

export interface ReadParts {
  store: Store;
  registry: AtsRegistry;
  note: NoteAssumption;
  acceptor: Acceptor;
  facts(): Facts | undefined;
}

/** Every REST read, answered at once (contract, section 4). Each query names the ATS and the client. */
export function addReadRoutes(router: Router, parts: ReadParts): void {
  for (const read of REST_READS) router.get(expressPath(read.path), handle(parts, read));
}

function answerRead({ store, facts }: ReadParts, ats: Ats, request: Request, read: RestRead): unknown {
  if (read.collection === null) {
    const { client_id, name, status, created_at } = findWorkspace(store, ats, request);
    return read.answers === 'members'
      ? { items: listMembers(store, ats.id, client_id), next_cursor: null }
      : { client_id, name, status, created_at: iso(created_at) };
  }
  const { kind } = COLLECTIONS[read.collection];
  const show = (data: Record<string, unknown>) => showEntity(facts(), kind, data);
  const clientId = readTenant(store, ats, request);
  if (read.answers === 'page') {
    const { limit, after } = readPage(request);
    const found = listEntities(store, ats.id, clientId, kind, after, limit + 1);
    const items = found.slice(0, limit);
    return {
      items: items.map(({ id, data }) => show(readStoredJson(data, `entity ${kind} ${id}`))),
      next_cursor: found.length > limit ? Buffer.from(items.at(-1)!.id).toString('base64url') : null,
    };
  }
  const data = readEntity(store, ats.id, clientId, kind, String(request.params.id));
  if (data === undefined) throw new RestRefusal('entity_not_found', `${capitalize(kind)} not found`);
  return show(data);
}

function handle(parts: ReadParts, read: RestRead) {
  return async (request: Request, response: Response): Promise<void> => {
    const record = recordRequest(request);
    let ats: Ats | null = null;
    try {
      ats = identifyAts(parts.registry, request);
      parts.note(read.assumes);
      answerJson(response, 200, answerRead(parts, ats, request, read));
    } catch (error) {
      const envelope = { client_id: request.get(CLIENT_HEADER) };
      await answerRefusal(parts.acceptor, response, error, { record, ats, envelope });
    }
  };
}

/** The tenant that the headers name. @throws RestRefusal (422, 404, 409) */
function readTenant(store: Store, ats: Ats, request: Request): string {
  const headers = readHeaders(request, { client: true, user: true });
  const { clientId } = headers;
  const problems = [...headers.problems, ...checkPathId(request)];
  if (problems.length > 0) throw new RestRefusal('validation', problems);
  requireWorkspace(store, ats, clientId);
  return clientId;
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
