import type { Router } from 'express';
import { OUTPUT_VERSION, type WorkspaceView } from '../../contract/control.ts';
import { MemberRequest, WorkspaceRequest } from '../../contract/control-requests.ts';
import { insertAudit } from '../store/audit.ts';
import {
  getWorkspaceStatus,
  insertWorkspace,
  listMembers,
  listWorkspaces,
  putMember,
} from '../store/workspaces.ts';
import { iso, wallNow } from '../time/wall.ts';
import type { ControlParts } from './parts.ts';
import { findAts, parseRequest, Refused } from './request.ts';

/** Workspaces and their members, at once and without an event. */
export function addWorkspaceRoutes(router: Router, { store, registry }: ControlParts): void {
  router.get('/workspaces', (_request, response) => {
    const items: WorkspaceView[] = listWorkspaces(store).map((row) => ({
      ...row,
      created_at: iso(row.created_at),
      members: listMembers(store, row.ats_id, row.client_id),
    }));
    response.json({ version: OUTPUT_VERSION, items });
  });
  router.post('/workspaces', (request, response) => {
    const body = parseRequest(WorkspaceRequest, request.body);
    const ats = findAts(registry, body.ats_id);
    if (getWorkspaceStatus(store, ats.id, body.client_id) !== undefined)
      throw new Refused('workspace_exists');
    const at = wallNow();
    store.db.transaction(() => {
      const name = body.name ?? body.client_id;
      insertWorkspace(store, {
        ats_id: ats.id,
        client_id: body.client_id,
        name,
        status: 'provisioned',
        created_at: at,
      });
      insertAudit(
        store,
        { at, ats_id: ats.id, actor: 'control', action: 'workspace.added' },
        { client_id: body.client_id, name },
      );
      if (body.admin_email !== undefined) {
        putMember(store, ats.id, body.client_id, {
          user_id: body.admin_email,
          name: body.admin_name ?? body.admin_email,
          email: body.admin_email,
        });
      }
    })();
    response.status(201).json({ version: OUTPUT_VERSION, ats_id: ats.id, client_id: body.client_id });
  });
  router.post('/workspaces/:client_id/members', (request, response) => {
    const { ats_id, ...member } = parseRequest(MemberRequest, request.body);
    const ats = findAts(registry, ats_id);
    const clientId = request.params.client_id;
    if (getWorkspaceStatus(store, ats.id, clientId) === undefined) throw new Refused('workspace_not_found');
    store.db.transaction(() => {
      putMember(store, ats.id, clientId, member);
      insertAudit(
        store,
        { at: wallNow(), ats_id: ats.id, actor: 'control', action: 'member.added' },
        { client_id: clientId, user_id: member.user_id },
      );
    })();
    response.status(201).json({ version: OUTPUT_VERSION, ats_id: ats.id, client_id: clientId, ...member });
  });
}
