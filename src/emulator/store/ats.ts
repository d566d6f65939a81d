import { createHash } from 'node:crypto';
import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

export type AtsRow = Row<'ats'>;

export type SecretRow = Pick<Row<'secret'>, 'value' | 'created_at' | 'retired_at' | 'valid_until'>;

export type SecretDirection = Row<'secret'>['direction'];

/** What stands in the database for an API key: keys are random, so a plain hash is enough. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export function listAts(store: Store): AtsRow[] {
  return store.sql<AtsRow>('SELECT * FROM ats ORDER BY id').all();
}

export function insertAts(store: Store, row: AtsRow): void {
  store
    .sql(
      'INSERT INTO ats (id, name, enabled, webhook_url, api_key_hash, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(row.id, row.name, row.enabled, row.webhook_url, row.api_key_hash, row.created_at, row.updated_at);
}

/** Changes what the portal can change; `undefined` leaves a field as it is. */
export function updateAts(
  store: Store,
  id: string,
  change: { name?: string; webhook_url?: string | null; api_key_hash?: string },
  now: number,
): void {
  const columns = Object.entries(change).filter(([, value]) => value !== undefined);
  for (const [column, value] of columns) {
    store.sql(`UPDATE ats SET ${column} = ?, updated_at = ? WHERE id = ?`).run(value, now, id);
  }
}

/** Secrets of one direction, newest first; the first one signs. */
export function listSecrets(store: Store, atsId: string, direction: SecretDirection): SecretRow[] {
  return store
    .sql<SecretRow>(
      'SELECT value, created_at, retired_at, valid_until FROM secret WHERE ats_id = ? AND direction = ? ORDER BY seq DESC',
    )
    .all(atsId, direction);
}

/**
 * Puts a new secret in force; the one before verifies until `overlapUntil`. Without an overlap it stops at
 * once, and so do older ones whose overlap still runs: whoever rotates so may have lost them.
 * A retired secret is kept, so that a signature made with it can be explained.
 */
export function rotateSecret(
  store: Store,
  atsId: string,
  direction: SecretDirection,
  value: string,
  now: number,
  overlapUntil: number | null = null,
): void {
  if (overlapUntil === null) {
    store
      .sql('UPDATE secret SET valid_until = NULL WHERE ats_id = ? AND direction = ?')
      .run(atsId, direction);
  }
  store
    .sql(
      'UPDATE secret SET retired_at = ?, valid_until = ? WHERE ats_id = ? AND direction = ? AND retired_at IS NULL',
    )
    .run(now, overlapUntil, atsId, direction);
  store
    .sql('INSERT INTO secret (ats_id, direction, value, created_at) VALUES (?, ?, ?, ?)')
    .run(atsId, direction, value, now);
}

/**
 * Remembers the file's value of a setting.
 *
 * @returns whether it differs from the one remembered: only then it wins over what the portal set.
 */
export function noteFileValue(store: Store, atsId: string, field: string, value: string | null): boolean {
  const hash = createHash('sha256').update(JSON.stringify(value)).digest('hex');
  const before = store
    .sql<{ hash: string }>('SELECT hash FROM applied_setting WHERE ats_id = ? AND field = ?')
    .get(atsId, field)?.hash;
  if (before === hash) return false;
  store
    .sql(
      'INSERT INTO applied_setting (ats_id, field, hash) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET hash = excluded.hash',
    )
    .run(atsId, field, hash);
  return true;
}
