import type { Router } from 'express';
import { OUTPUT_VERSION, type WorkspaceView } from '../../contract/control.ts';
import { AtsChange, MemberRequest, WorkspaceRequest } from '../../contract/control-requests.ts';
import { wallNow } from '../clock.ts';
import { iso } from '../log-view.ts';
import {
  getWorkspaceStatus,
  insertWorkspace,
  listMembers,
  listWorkspaces,
  putMember,
} from '../store/workspaces.ts';
import { findAts, parseRequest, Refused } from './request.ts';
import type { ControlParts } from './routes.ts';
import { viewAts } from './views.ts';

/** What an ATS engineer does in the portal: settings of an ATS, workspaces and their members. */
export function addPortalRoutes(router: Router, parts: ControlParts): void {
  const { store, registry } = parts;

  router.patch('/ats/:id', (request, response) => {
    const change = parseRequest(AtsChange, request.body);
    const ats = findAts(registry, request.params.id);
    registry.update(ats.id, change);
    response.json({ version: OUTPUT_VERSION, ...viewAts(registry, registry.get(ats.id)!) });
  });
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
    store.db.transaction(() => {
      insertWorkspace(store, {
        ats_id: ats.id,
        client_id: body.client_id,
        name: body.name ?? body.client_id,
        status: 'provisioned',
        created_at: wallNow(),
      });
      if (body.admin_email !== undefined) {
        const name = body.admin_name ?? body.admin_email;
        putMember(store, ats.id, body.client_id, {
          user_id: body.admin_email,
          name,
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
    store.db.transaction(() => putMember(store, ats.id, clientId, member))();
    response.status(201).json({ version: OUTPUT_VERSION, ats_id: ats.id, client_id: clientId, ...member });
  });
}
