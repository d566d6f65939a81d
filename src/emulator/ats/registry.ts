import { randomBytes } from 'node:crypto';
import { maskUrl } from '../../contract/mask-url.ts';
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
  type SecretDirection,
  type SecretRow,
  updateAts,
} from '../store/ats.ts';
import { insertAudit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import { getWorkspaceStatus, insertWorkspace, putMember } from '../store/workspaces.ts';
import { iso, wallNow } from '../time/wall.ts';

/** One ATS as the gateway works with it. */
export interface Ats extends AtsRow {
  secrets: Record<SecretDirection, SecretRow[]>;
}

/** Two ATSs with one API key; the gateway tells who calls by it (contract, section 4). */
export class ApiKeyTakenError extends Error {
  readonly code = 'api_key_taken';
  constructor(id: string, holder: string) {
    super(`ATS ${id} has the API key of ATS ${holder}, which the database holds`);
    this.name = 'ApiKeyTakenError';
  }
}

/** Every ATS with its secrets, in memory, because each request and each attempt asks. */
export type AtsRegistry = ReturnType<typeof createAtsRegistry>;

/** A random credential, as `carvos init` makes them. */
export const newCredential = (): string => randomBytes(32).toString('base64url');

/**
 * @param fallbackUrl where an ATS without a webhook URL gets its webhooks.
 * @param onChange called after every change.
 */
export function createAtsRegistry(
  store: Store,
  fallbackUrl: () => string | null = () => null,
  onChange: () => void = () => {},
) {
  let configured: readonly AtsOptions[] = [];
  let known = load(store, configured);
  const reload = () => {
    known = load(store, configured);
    onChange();
  };
  return {
    get: (id: string): Ats | undefined => known.get(id),
    /** Those of the configuration first, as they stand there; then those that tests and scenarios added. */
    list: (): Ats[] => [...known.values()],
    /** The ATS that an API key belongs to. Looked up by its hash, so the time taken tells nothing of the key. */
    findByApiKey(key: string): Ats | undefined {
      const hash = hashApiKey(key);
      return [...known.values()].find((ats) => ats.api_key_hash === hash);
    },
    /** The webhook URL in force. */
    webhookUrl: (ats: Ats): string | null => ats.webhook_url ?? fallbackUrl(),
    /** Secrets that a signature may be made with now, newest first. */
    validSecrets(ats: Ats, direction: SecretDirection): string[] {
      const now = wallNow();
      return ats.secrets[direction]
        .filter(
          (secret) => secret.retired_at === null || (secret.valid_until !== null && secret.valid_until > now),
        )
        .map((secret) => secret.value);
    },
    /**
     * Applies what the config file says, where it changed since it was last applied; all of it or nothing. Returns what
     * changed, in words.
     *
     * @param starting a webhook URL that was asked for at the start counts, whatever the database has.
     * @throws ApiKeyTakenError
     */
    applyOptions(options: readonly AtsOptions[], starting: boolean = false): string[] {
      const changes = store.db.transaction(() =>
        options.flatMap((one) => applyAts(store, one, fallbackUrl(), 'config', starting)),
      )();
      configured = options;
      reload();
      return changes;
    },
    /** Adds a further ATS, which the config file knows nothing of. Its id must be free. */
    add(options: AtsOptions): void {
      store.db.transaction(() => applyAts(store, options, fallbackUrl(), 'control'))();
      reload();
    },
    /** Changes what the portal can change. */
    update(id: string, change: { name?: string; webhook_url?: string | null }): void {
      const at = wallNow();
      const before = known.get(id)!;
      store.db.transaction(() => {
        updateAts(store, id, change, at);
        const entry = { at, ats_id: id, actor: 'control', action: 'ats.updated' } as const;
        if (change.name !== undefined && change.name !== before.name)
          insertAudit(store, entry, { field: 'name', before: before.name, after: change.name });
        if (change.webhook_url !== undefined && change.webhook_url !== before.webhook_url)
          insertAudit(store, entry, urlChange(before.webhook_url, change.webhook_url));
      })();
      reload();
    },
    /**
     * Puts a new random credential in force at once and returns it; nothing shows it again. An old secret
     * verifies until `oldValidUntil` (wall time); an old API key stops at once.
     */
    rotate(id: string, credential: Credential, oldValidUntil: number | null): string {
      const value = newCredential();
      const at = wallNow();
      const ats = known.get(id)!;
      store.db.transaction(() => {
        const before = fingerprintOf(ats, credential);
        if (credential === 'api-key') updateAts(store, id, { api_key_hash: hashApiKey(value) }, at);
        else {
          rotateSecret(store, id, directionOf(credential), value, at, oldValidUntil);
          // No field of its own changes, but the portal shows when the ATS was changed last.
          updateAts(store, id, { name: ats.name }, at);
        }
        const entry = { at, ats_id: id, actor: 'control', action: 'credential.rotated' } as const;
        insertAudit(store, entry, rotation(credential, before, value, oldValidUntil));
      })();
      reload();
      return value;
    },
  };
}

function directionOf(credential: 'incoming-secret' | 'outgoing-secret'): SecretDirection {
  return credential === 'incoming-secret' ? 'incoming' : 'outgoing';
}

/** `null` where there is none: a snapshot may have been saved without. Of an API key only its hash is known. */
export function fingerprintOf(ats: Ats, credential: Credential): string | null {
  if (credential === 'api-key') return fingerprintOfHash(ats.api_key_hash);
  const secret = ats.secrets[directionOf(credential)][0];
  return secret === undefined ? null : fingerprint(secret.value);
}

/** The audit's details. @param old fingerprint of the value before. */
function rotation(
  credential: Credential,
  old: string | null,
  value: string,
  oldValidUntil: number | null = null,
) {
  return {
    credential,
    before_fingerprint: old,
    after_fingerprint: fingerprint(value),
    old_valid_until: oldValidUntil === null ? null : iso(oldValidUntil),
  };
}

function urlChange(before: string | null, after: string | null) {
  return { field: 'webhook_url', before: maskOptional(before), after: maskOptional(after) };
}

function load(store: Store, configured: readonly AtsOptions[]): Map<string, Ats> {
  const places = new Map(configured.map(({ id }, place) => [id, place]));
  const placeOf = ({ id }: AtsRow) => places.get(id) ?? places.size;
  const rows = listAts(store).sort((one, other) => placeOf(one) - placeOf(other));
  const entries = rows.map((row): [string, Ats] => [
    row.id,
    {
      ...row,
      secrets: {
        incoming: listSecrets(store, row.id, 'incoming'),
        outgoing: listSecrets(store, row.id, 'outgoing'),
      },
    },
  ]);
  return new Map(entries);
}

function applyAts(
  store: Store,
  options: AtsOptions,
  fallbackUrl: string | null,
  actor: AuditEntry['actor'],
  starting = false,
): string[] {
  const now = wallNow();
  const { id } = options;
  const changes: string[] = [];
  const present = listAts(store);
  const before = present.find((row) => row.id === id);
  const audit = (action: AuditEntry['action'], details: AuditEntry['details']) =>
    insertAudit(store, { at: now, ats_id: id, actor, action }, details);
  const rotated = (credential: Credential, old: string | null, value: string) =>
    audit('credential.rotated', rotation(credential, old, value));
  const apiKeyHash = hashApiKey(options.apiKey);
  const refuseTakenKey = () => {
    const holder = present.find((row) => row.api_key_hash === apiKeyHash);
    if (holder && holder.id !== id) throw new ApiKeyTakenError(id, holder.id);
  };
  if (!before) {
    refuseTakenKey();
    insertAts(store, {
      id,
      name: options.name,
      enabled: 1,
      webhook_url: options.webhookUrl,
      api_key_hash: apiKeyHash,
      created_at: now,
      updated_at: now,
    });
    changes.push(`ATS ${id} added`);
    audit('ats.added', { name: options.name, webhook_url: maskOptional(options.webhookUrl) });
  }
  const apply = (field: string, value: string | null, set: () => void, asked = false) => {
    const differs = noteFileValue(store, id, field, value);
    if ((differs || asked) && before) set();
  };
  apply('name', options.name, () => {
    updateAts(store, id, { name: options.name }, now);
    changes.push(`${id}: name is now ${options.name}`);
    audit('ats.updated', { field: 'name', before: before!.name, after: options.name });
  });
  const asked = starting && options.webhookUrlAsked === true && before?.webhook_url !== options.webhookUrl;
  apply(
    'webhook_url',
    options.webhookUrl,
    () => {
      updateAts(store, id, { webhook_url: options.webhookUrl }, now);
      changes.push(
        `${id}: webhook URL is now ${maskOptional(options.webhookUrl ?? fallbackUrl) ?? 'not set'}`,
      );
      audit('ats.updated', urlChange(before!.webhook_url, options.webhookUrl));
    },
    asked,
  );
  apply('api_key', apiKeyHash, () => {
    // The file was brought up to what was rotated: that is no change.
    if (before!.api_key_hash === apiKeyHash) return;
    refuseTakenKey();
    updateAts(store, id, { api_key_hash: apiKeyHash }, now);
    changes.push(`${id}: API key changed`);
    rotated('api-key', fingerprintOfHash(before!.api_key_hash), options.apiKey);
  });
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
  for (const workspace of options.workspaces) {
    if (getWorkspaceStatus(store, id, workspace.clientId) === undefined) {
      insertWorkspace(store, {
        ats_id: id,
        client_id: workspace.clientId,
        name: workspace.name,
        status: 'provisioned',
        created_at: now,
      });
      audit('workspace.added', { client_id: workspace.clientId, name: workspace.name });
      if (before) changes.push(`${id}: workspace ${workspace.clientId} added`);
    }
    for (const member of workspace.members) {
      const added = putMember(store, id, workspace.clientId, {
        user_id: member.userId,
        name: member.name,
        email: member.email,
      });
      if (added) audit('member.added', { client_id: workspace.clientId, user_id: member.userId });
    }
  }
  return changes;
}

function maskOptional(url: string | null): string | null {
  return url === null ? null : maskUrl(url);
}
