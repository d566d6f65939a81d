import type { AuditEntry, Credential } from '../../contract/portal.ts';
import { fingerprint, fingerprintOfHash } from '../../signing/fingerprint.ts';
import type { AtsOptions } from '../settings.ts';
import {
  type AtsRow,
  hashApiKey,
  insertAts,
  listAts,
  listSecrets,
  noteFileValue,
  rotateSecret,
  updateAts,
} from '../store/ats.ts';
import { insertAudit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import { getWorkspaceStatus, insertWorkspace, putMember } from '../store/workspaces.ts';
import { wallNow } from '../time/wall.ts';
import { maskOptional, rotation, urlChange } from './audit-details.ts';

/** Two ATSs with one API key; the gateway tells who calls by it (contract, section 4). */
export class ApiKeyTakenError extends Error {
  readonly code = 'api_key_taken';
  constructor(id: string, holder: string) {
    super(`ATS ${id} has the API key of ATS ${holder}, which the database holds`);
    this.name = 'ApiKeyTakenError';
  }
}

/** One ATS that is being applied. */
interface Application {
  store: Store;
  options: AtsOptions;
  /** `undefined` for one that is new. */
  before: AtsRow | undefined;
  now: number;
  /** In words. */
  changes: string[];
  audit(action: AuditEntry['action'], details: AuditEntry['details']): void;
  rotated(credential: Credential, old: string | null, value: string): void;
}

/**
 * Brings what options say of an ATS into the database, where they changed since they were last applied; inside the
 * caller's transaction.
 *
 * @param starting a webhook URL that was asked for at the start counts, whatever the database has.
 * @returns what changed, in words.
 * @throws ApiKeyTakenError
 */
export function applyAts(
  store: Store,
  options: AtsOptions,
  fallbackUrl: string | null,
  actor: AuditEntry['actor'],
  starting = false,
): string[] {
  const { id } = options;
  const now = wallNow();
  const before = listAts(store).find((row) => row.id === id);
  const audit: Application['audit'] = (action, details) =>
    insertAudit(store, { at: now, ats_id: id, actor, action }, details);
  const rotated: Application['rotated'] = (credential, old, value) =>
    audit('credential.rotated', rotation(credential, old, value));
  const application: Application = { store, options, before, now, changes: [], audit, rotated };
  if (!before) addRow(application);
  applyFields(application, fallbackUrl, starting);
  applySecrets(application);
  applyWorkspaces(application);
  return application.changes;
}

function addRow(application: Application): void {
  const { store, options, now, changes, audit } = application;
  const { id, name, webhookUrl, apiKey } = options;
  refuseTakenKey(application);
  insertAts(store, {
    id,
    name,
    enabled: 1,
    webhook_url: webhookUrl,
    api_key_hash: hashApiKey(apiKey),
    created_at: now,
    updated_at: now,
  });
  changes.push(`ATS ${id} added`);
  audit('ats.added', { name, webhook_url: maskOptional(webhookUrl) });
}

function refuseTakenKey({ store, options: { id, apiKey } }: Application): void {
  const hash = hashApiKey(apiKey);
  const holder = listAts(store).find((row) => row.api_key_hash === hash && row.id !== id);
  if (holder) throw new ApiKeyTakenError(id, holder.id);
}

function applyFields(application: Application, fallbackUrl: string | null, starting: boolean): void {
  const { store, options, before, now, changes, audit, rotated } = application;
  const { id, name, webhookUrl, apiKey } = options;
  const apply = (field: string, value: string | null, set: (before: AtsRow) => void, asked = false) => {
    const differs = noteFileValue(store, id, field, value);
    if ((differs || asked) && before) set(before);
  };
  apply('name', name, (before) => {
    updateAts(store, id, { name }, now);
    changes.push(`${id}: name is now ${name}`);
    audit('ats.updated', { field: 'name', before: before.name, after: name });
  });
  const setUrl = (before: AtsRow) => {
    updateAts(store, id, { webhook_url: webhookUrl }, now);
    changes.push(`${id}: webhook URL is now ${maskOptional(webhookUrl ?? fallbackUrl) ?? 'not set'}`);
    audit('ats.updated', urlChange(before.webhook_url, webhookUrl));
  };
  const asked = starting && options.webhookUrlAsked === true && before?.webhook_url !== webhookUrl;
  apply('webhook_url', webhookUrl, setUrl, asked);
  const hash = hashApiKey(apiKey);
  apply('api_key', hash, (before) => {
    // The file was brought up to what was rotated: that is no change.
    if (before.api_key_hash === hash) return;
    refuseTakenKey(application);
    updateAts(store, id, { api_key_hash: hash }, now);
    changes.push(`${id}: API key changed`);
    rotated('api-key', fingerprintOfHash(before.api_key_hash), apiKey);
  });
}

function applySecrets({ store, options, before, now, changes, rotated }: Application): void {
  const { id } = options;
  for (const direction of ['incoming', 'outgoing'] as const) {
    const value = direction === 'incoming' ? options.incomingSecret : options.outgoingSecret;
    const differs = noteFileValue(store, id, `${direction}_secret`, value);
    const current = listSecrets(store, id, direction)[0];
    if ((!differs && current) || current?.value === value) continue;
    rotateSecret(store, id, direction, value, now);
    if (!before) continue;
    changes.push(`${id}: ${direction} secret changed`);
    rotated(`${direction}-secret`, current === undefined ? null : fingerprint(current.value), value);
  }
}

function applyWorkspaces({ store, options, before, now, changes, audit }: Application): void {
  const { id } = options;
  for (const { clientId, name, members } of options.workspaces) {
    if (getWorkspaceStatus(store, id, clientId) === undefined) {
      const row = { ats_id: id, client_id: clientId, name, status: 'provisioned', created_at: now } as const;
      insertWorkspace(store, row);
      audit('workspace.added', { client_id: clientId, name });
      if (before) changes.push(`${id}: workspace ${clientId} added`);
    }
    for (const { userId, name, email } of members) {
      const added = putMember(store, id, clientId, { user_id: userId, name, email });
      if (added) audit('member.added', { client_id: clientId, user_id: userId });
    }
  }
}
