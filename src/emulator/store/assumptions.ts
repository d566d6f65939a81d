import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

export type AssumptionUseRow = Row<'assumption_use'>;

export function listAssumptionUses(store: Store): AssumptionUseRow[] {
  return store.sql<AssumptionUseRow>('SELECT id, count, first_at, last_at, sample FROM assumption_use').all();
}

export function putAssumptionUse(store: Store, row: AssumptionUseRow): void {
  store
    .sql(
      `INSERT INTO assumption_use (id, count, first_at, last_at, sample) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = excluded.count, first_at = excluded.first_at,
         last_at = excluded.last_at, sample = excluded.sample`,
    )
    .run(row.id, row.count, row.first_at, row.last_at, row.sample);
}
