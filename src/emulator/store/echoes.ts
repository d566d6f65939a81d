import type { EntityKind } from './entities.ts';
import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

/** An accepted event with its place in a chain of echoes. */
export type EchoRow = Pick<Row<'job'>, 'echo_of' | 'echo_depth'> &
  Pick<Row<'event'>, 'seq' | 'reference_id' | 'event' | 'event_id' | 'received_at'>;

/** The event that an entity got its stored data from; `undefined` where that is not known. */
export function lastEventOf(
  store: Store,
  atsId: string,
  clientId: string,
  kind: EntityKind,
  id: string,
): number | undefined {
  const row = store
    .sql<{ event_seq: number | null }>(
      'SELECT event_seq FROM entity WHERE ats_id = ? AND client_id = ? AND kind = ? AND id = ?',
    )
    .get(atsId, clientId, kind, id);
  return row?.event_seq ?? undefined;
}

/**
 * `seq` of what a reference delivered to its ATS until a moment: answered, or still in flight, since a change hook
 * may fire before the answer. The newest; `undefined` where nothing had reached it by then.
 *
 * @param until wall time; `null` for what is yet to reach it, too.
 */
export function findReached(store: Store, referenceId: string, until: number | null): number | undefined {
  const rows = store
    .sql<{ seq: number; id: string; receiver: string }>(
      'SELECT seq, id, receiver FROM delivery WHERE reference_id = ? AND test = 0 ORDER BY seq DESC',
    )
    .all(referenceId);
  if (until === null) return rows[0]?.seq;
  const answered = store.sql<1>(
    "SELECT 1 FROM log WHERE delivery_id = ? AND outcome IN ('success', 'failure') AND occurred_at <= ? LIMIT 1",
  );
  const claimed = store.sql<1>('SELECT 1 FROM claim WHERE id = ? AND at <= ?');
  return rows.find(({ seq, id, receiver }) => {
    if (answered.get(id, until)) return true;
    const claim = store.claims.takenOf(receiver).get(seq);
    return claim !== undefined && claimed.get(claim, until) !== undefined;
  })?.seq;
}

export function echoDepthOf(store: Store, eventSeq: number): number {
  return (
    store.sql<{ echo_depth: number }>('SELECT echo_depth FROM job WHERE event_seq = ?').get(eventSeq)
      ?.echo_depth ?? 0
  );
}

const LINK = `SELECT e.seq, j.echo_of, j.echo_depth, e.reference_id, e.event, e.event_id, e.received_at
  FROM job j JOIN event e ON e.seq = j.event_seq`;

/**
 * The chain that an event belongs to, the first event at its head. Empty where it is in none.
 *
 * @param most so many before it and so many after it.
 */
export function listEchoes(store: Store, seq: number, most: number): EchoRow[] {
  const chain: EchoRow[] = [];
  const here = store.sql<EchoRow>(`${LINK} WHERE e.seq = ?`);
  for (let row = here.get(seq); row; ) {
    chain.unshift(row);
    // A chain that began anew has a depth of 1: what it came from is another's.
    if (row.echo_of === null || row.echo_depth === 0 || chain.length > most) break;
    const before = here.get(row.echo_of);
    if (row.echo_depth === 1 && before) chain.unshift({ ...before, echo_of: null, echo_depth: 0 });
    row = row.echo_depth === 1 ? undefined : before;
  }
  const after = store.sql<EchoRow>(`${LINK} WHERE j.echo_of = ? AND j.echo_depth = ?`);
  const end = chain.length + most;
  for (let last = chain.at(-1); last && chain.length < end; ) {
    last = after.get(last.seq, last.echo_depth + 1);
    if (last) chain.push(last);
  }
  return chain.length > 1 ? chain : [];
}
