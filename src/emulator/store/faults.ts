import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

export type FaultRow = Omit<Row<'fault'>, 'seq'>;

export function insertFault(store: Store, row: FaultRow): void {
  store
    .sql('INSERT INTO fault (id, rule, applied_count) VALUES (?, ?, ?)')
    .run(row.id, row.rule, row.applied_count);
}

/** In the order in which they were added. */
export function listFaults(store: Store): FaultRow[] {
  return store.sql<FaultRow>('SELECT id, rule, applied_count FROM fault ORDER BY seq').all();
}

export function setFaultApplied(store: Store, id: string, applied_count: number): void {
  store.sql('UPDATE fault SET applied_count = ? WHERE id = ?').run(applied_count, id);
}

export function deleteFault(store: Store, id: string): void {
  store.sql('DELETE FROM fault WHERE id = ?').run(id);
}
