import { randomBytes } from 'node:crypto';
import type { Credential } from '../../contract/portal.ts';
import { fingerprint, fingerprintOfHash } from '../../signing/fingerprint.ts';
import type { AtsOptions } from '../settings.ts';
import {
  type AtsRow,
  hashApiKey,
  listAts,
  listSecrets,
  rotateSecret,
  type SecretDirection,
  type SecretRow,
  updateAts,
} from '../store/ats.ts';
import { insertAudit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import { wallNow } from '../time/wall.ts';
import { applyAts } from './apply-options.ts';
import { rotation, urlChange } from './audit-details.ts';

/** One ATS as the gateway works with it. */
export interface Ats extends AtsRow {
  secrets: Record<SecretDirection, SecretRow[]>;
}

/** Every ATS with its secrets, in memory, because each request and each attempt asks. */
export type AtsRegistry = ReturnType<typeof createAtsRegistry>;

/** A random credential, as `carvos init` makes them. */
export const newCredential = (): string => randomBytes(32).toString('base64url');

/**
 * @param fallbackUrl where an ATS without a webhook URL gets its webhooks.
 * @param onChange called after every change.
 */
export function createAtsRegistry(store: Store, fallbackUrl: () => string | null, onChange: () => void) {
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
