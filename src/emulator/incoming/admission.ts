import { type GatewayError, gatewayError } from '../../contract/errors.ts';
import type { EnvelopedEvent } from '../../contract/incoming.ts';
import type { Problem } from '../../contract/problems.ts';
import type { Ats } from '../ats/registry.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store/store.ts';
import { findUpload, type UploadRow } from '../store/uploads.ts';
import { getWorkspaceStatus, insertWorkspace, putMember } from '../store/workspaces.ts';

/** What an event that holds must meet besides; inside the transaction that accepts it. */

/** Contract, section 3: what a request to an unknown or still provisioning workspace gets. */
export function checkWorkspace(
  store: Store,
  unprovisioned: Settings['unprovisioned'],
  ats: Ats,
  event: EnvelopedEvent,
  now: number,
): { error?: GatewayError; presetError: string | null } {
  const status = getWorkspaceStatus(store, ats.id, event.client_id);
  if (event.event === 'workspace.created') {
    if (status !== undefined) return { error: gatewayError('workspace_exists'), presetError: null };
    insertWorkspace(store, {
      ats_id: ats.id,
      client_id: event.client_id,
      name: event.payload.name,
      status: 'provisioning',
      created_at: now,
    });
    putMember(store, ats.id, event.client_id, {
      user_id: event.user_id,
      name: event.payload.admin_name,
      email: event.payload.admin_email,
    });
    return { presetError: null };
  }
  if (status === 'provisioned') return { presetError: null };
  const code = status === undefined ? 'workspace_not_found' : 'workspace_provisioning';
  if (unprovisioned === 'fail-later') return { presetError: code };
  return { error: gatewayError(code), presetError: null };
}

/**
 * The file that a write refers to, which it may bind: exactly one write can (contract, section 4). To a
 * stranger, a file that is somebody else's looks like one that does not exist.
 */
export function checkFile(
  store: Store,
  ats: Ats,
  event: EnvelopedEvent,
  now: number,
): { upload: UploadRow } | { problem: Problem } | null {
  const id = fileIdOf(event);
  if (id === null) return null;
  const upload = findUpload(store, ats.id, event.client_id, id);
  const wrong = (why: string) => ({
    problem: {
      type: 'value_error',
      loc: ['body', 'cv', 'carv_file_id'],
      msg: `Value error, file ${id} ${why}`,
      input: id,
    },
  });
  if (!upload) return wrong('does not exist; files expire 72 hours after their upload');
  if (upload.bound_event !== null) return wrong('was already used by another write; upload it again');
  if (upload.expires_at <= now) return wrong('has expired; upload it again');
  return { upload };
}

/** The file that a candidate or application brings along. */
function fileIdOf({ event, payload }: EnvelopedEvent): string | null {
  const cv = /^(?:candidate|application)\.(?:created|updated)$/.test(event) ? payload.cv : null;
  return (cv as { carv_file_id: string } | null | undefined)?.carv_file_id ?? null;
}
