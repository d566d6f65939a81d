import type { WORKSPACE_ROUTES } from '../../contract/control/routes/portal.ts';
import { refused } from '../../contract/errors.ts';
import { insertAudit } from '../store/audit.ts';
import {
  getWorkspaceStatus,
  insertWorkspace,
  listMembers,
  listWorkspaces,
  putMember,
} from '../store/workspaces.ts';
import { iso, wallNow } from '../time/wall.ts';
import type { HandlersOf } from './call.ts';
import type { ControlParts } from './parts.ts';
import { findAts } from './request.ts';

/** Workspaces and their members, at once and without an event. */
export function createWorkspaceHandlers({
  store,
  registry,
  settings,
}: ControlParts): HandlersOf<typeof WORKSPACE_ROUTES> {
  return {
    workspaces() {
      const items = listWorkspaces(store).map((row) => ({
        ...row,
        created_at: iso(row.created_at),
        members: listMembers(store, row.ats_id, row.client_id),
      }));
      return { items };
    },
    addWorkspace({ body }) {
      const ats = findAts(registry, body.ats_id, settings().ats);
      if (getWorkspaceStatus(store, ats.id, body.client_id) !== undefined) throw refused('workspace_exists');
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
      return { ats_id: ats.id, client_id: body.client_id };
    },
    addWorkspaceMember({ params, body: { ats_id, ...member } }) {
      const ats = findAts(registry, ats_id, settings().ats);
      const clientId = params.client_id;
      if (getWorkspaceStatus(store, ats.id, clientId) === undefined) throw refused('workspace_not_found');
      store.db.transaction(() => {
        putMember(store, ats.id, clientId, member);
        insertAudit(
          store,
          { at: wallNow(), ats_id: ats.id, actor: 'control', action: 'member.added' },
          { client_id: clientId, user_id: member.user_id },
        );
      })();
      return { ats_id: ats.id, client_id: clientId, ...member };
    },
  };
}
