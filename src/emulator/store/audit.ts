import type { AuditEntry } from '../../contract/portal.ts';
import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

export type AuditRow = Row<'audit'>;

/** Writes down a change, inside its transaction. Details never hold a secret: fingerprints at most. */
export function insertAudit(
  store: Store,
  entry: Pick<AuditRow, 'at' | 'ats_id' | 'actor' | 'action'>,
  details: AuditEntry['details'],
): void {
  store
    .sql('INSERT INTO audit (at, ats_id, actor, action, details) VALUES (?, ?, ?, ?, ?)')
    .run(entry.at, entry.ats_id, entry.actor, entry.action, JSON.stringify(details));
}

/** Changes, newest first, older than `before`. */
export function listAudit(
  store: Store,
  atsId: string | undefined,
  before: number | undefined,
  limit: number,
): AuditRow[] {
  return store
    .sql<AuditRow>(
      'SELECT * FROM audit WHERE (? IS NULL OR ats_id = ?) AND seq < ? ORDER BY seq DESC LIMIT ?',
    )
    .all(atsId ?? null, atsId ?? null, before ?? Number.MAX_SAFE_INTEGER, limit);
}
