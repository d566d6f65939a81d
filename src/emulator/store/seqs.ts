import type { Store } from './store.ts';

/** Sequence numbers of the oldest and the newest row; 0 where there is none. */
export function seqsOf(store: Store, table: 'log' | 'delivery'): { oldest: number; newest: number } {
  const bound = (which: 'min' | 'max') =>
    store.sql<{ seq: number | null }>(`SELECT ${which}(seq) AS seq FROM ${table}`).get()?.seq ?? 0;
  return { oldest: bound('min'), newest: bound('max') };
}
