import { wallNow } from './clock.ts';
import type { AtsOptions } from './options.ts';
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
} from './store/ats.ts';
import type { Store } from './store/store.ts';
import { getWorkspaceStatus, insertWorkspace, putMember } from './store/workspaces.ts';

/** One ATS as the gateway works with it. */
export interface Ats extends AtsRow {
  secrets: Record<SecretDirection, SecretRow[]>;
}

/** Every ATS with its secrets, in memory, because each request and each attempt asks. */
export interface AtsRegistry {
  get(id: string): Ats | undefined;
  list(): Ats[];
  /** The ATS that an API key belongs to. Looked up by its hash, so the time taken tells nothing of the key. */
  findByApiKey(key: string): Ats | undefined;
  /** The webhook URL in force. */
  webhookUrl(ats: Ats): string | null;
  /** Secrets that a signature may be made with now, newest first. */
  validSecrets(ats: Ats, direction: SecretDirection): string[];
  /** Applies what the config file says, where it changed since it was last applied. Returns what changed, in words. */
  applyOptions(options: readonly AtsOptions[]): string[];
  /** Changes what the portal can change. */
  update(id: string, change: { name?: string; webhook_url?: string | null }): void;
}

/** @param fallbackUrl where an ATS without a webhook URL gets its webhooks. */
export function createAtsRegistry(store: Store, fallbackUrl: () => string | null = () => null): AtsRegistry {
  let known = load(store);
  const reload = () => {
    known = load(store);
  };
  return {
    get: (id) => known.get(id),
    list: () => [...known.values()],
    findByApiKey(key) {
      const hash = hashApiKey(key);
      return [...known.values()].find((ats) => ats.api_key_hash === hash);
    },
    webhookUrl: (ats) => ats.webhook_url ?? fallbackUrl(),
    validSecrets(ats, direction) {
      const now = wallNow();
      return ats.secrets[direction]
        .filter(
          (secret) => secret.retired_at === null || (secret.valid_until !== null && secret.valid_until > now),
        )
        .map((secret) => secret.value);
    },
    applyOptions(options) {
      const changes = store.db.transaction(() =>
        options.flatMap((one) => applyAts(store, one, fallbackUrl())),
      )();
      reload();
      return changes;
    },
    update(id, change) {
      store.db.transaction(() => updateAts(store, id, change, wallNow()))();
      reload();
    },
  };
}

function load(store: Store): Map<string, Ats> {
  const entries = listAts(store).map((row): [string, Ats] => [
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

function applyAts(store: Store, options: AtsOptions, fallbackUrl: string | null): string[] {
  const now = wallNow();
  const { id } = options;
  const changes: string[] = [];
  const before = listAts(store).find((row) => row.id === id);
  const apiKeyHash = hashApiKey(options.apiKey);
  if (!before) {
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
  }
  const apply = (field: string, value: string | null, set: () => void, words: string) => {
    const differs = noteFileValue(store, id, field, value);
    if (!differs || !before) return;
    set();
    changes.push(`${id}: ${words}`);
  };
  apply(
    'name',
    options.name,
    () => updateAts(store, id, { name: options.name }, now),
    `name is now ${options.name}`,
  );
  apply(
    'webhook_url',
    options.webhookUrl,
    () => updateAts(store, id, { webhook_url: options.webhookUrl }, now),
    `webhook URL is now ${options.webhookUrl ?? fallbackUrl ?? 'not set'}`,
  );
  apply(
    'api_key',
    apiKeyHash,
    () => updateAts(store, id, { api_key_hash: apiKeyHash }, now),
    'API key changed',
  );
  for (const direction of ['incoming', 'outgoing'] as const) {
    const value = direction === 'incoming' ? options.incomingSecret : options.outgoingSecret;
    const differs = noteFileValue(store, id, `${direction}_secret`, value);
    const current = listSecrets(store, id, direction)[0];
    if ((!differs && current) || current?.value === value) continue;
    rotateSecret(store, id, direction, value, now);
    if (before) changes.push(`${id}: ${direction} secret changed`);
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
      if (before) changes.push(`${id}: workspace ${workspace.clientId} added`);
    }
    for (const member of workspace.members) {
      putMember(store, id, workspace.clientId, {
        user_id: member.userId,
        name: member.name,
        email: member.email,
      });
    }
  }
  return changes;
}
