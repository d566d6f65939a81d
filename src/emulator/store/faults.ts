import type { Store } from './store.ts';

export interface FaultRow {
  id: string;
  /** JSON of the rule. */
  rule: string;
  /** How often it was injected. */
  injected: number;
}

export function insertFault(store: Store, row: FaultRow): void {
  store.sql('INSERT INTO fault (id, rule, injected) VALUES (?, ?, ?)').run(row.id, row.rule, row.injected);
}

/** In the order in which they were added. */
export function listFaults(store: Store): FaultRow[] {
  return store.sql<FaultRow>('SELECT id, rule, injected FROM fault ORDER BY seq').all();
}

export function setFaultInjected(store: Store, id: string, injected: number): void {
  store.sql('UPDATE fault SET injected = ? WHERE id = ?').run(injected, id);
}

export function deleteFault(store: Store, id: string): void {
  store.sql('DELETE FROM fault WHERE id = ?').run(id);
}
