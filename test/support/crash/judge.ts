import Database from 'better-sqlite3';
import type { Arrival } from './receiver.ts';

/** What the database must say after everything. */
export interface Verdict {
  problems: string[];
  events: number;
  attempts: number;
  interrupted: number;
  /** Events that were received again although an earlier attempt had been answered 2xx. */
  duplicates: number;
  /** Of these, how many are explained by an attempt that was answered and then logged as interrupted. */
  explained: number;
}

interface Row {
  reference_id: string;
  deliveries: number;
  event_id: string;
  state: string;
  attempts: number;
}

/**
 * Compares what was promised, what came and what is written down.
 *
 * @param promised each event's number with the reference of its 202.
 * @param cutOff event ids whose attempt was killed before it was answered.
 */
export function judgeDatabase(
  file: string,
  promised: ReadonlyMap<number, string>,
  arrivals: readonly Arrival[],
  cutOff: ReadonlySet<string>,
): Verdict {
  const db = new Database(file, { readonly: true });
  const problems: string[] = [];
  const count = (sql: string) => (db.prepare(sql).get() as { n: number }).n;
  const expectNone = (what: string, sql: string) => {
    const n = count(sql);
    if (n > 0) problems.push(`${n} ${what}`);
  };
  try {
    const integrity = db.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') problems.push(`integrity_check: ${integrity}`);
    expectNone(
      'claims left of attempts that were not recorded',
      `SELECT count(*) AS n FROM claim c, json_each(c.attempts) a JOIN delivery d ON d.seq = a.value ->> 0
       WHERE d.attempts = a.value ->> 1`,
    );
    expectNone('jobs not done', "SELECT count(*) AS n FROM job WHERE state <> 'done'");
    expectNone('deliveries not delivered', "SELECT count(*) AS n FROM delivery WHERE state <> 'delivered'");
    expectNone(
      'events without a job',
      'SELECT count(*) AS n FROM event e LEFT JOIN job j ON j.event_seq = e.seq WHERE j.event_seq IS NULL',
    );
    expectNone(
      'deliveries whose log has a hole',
      `SELECT count(*) AS n FROM (
         SELECT d.id FROM delivery d LEFT JOIN log l ON l.delivery_id = d.id GROUP BY d.seq
         HAVING count(l.seq) <> d.attempts OR min(l.number) <> 1 OR max(l.number) <> d.attempts)`,
    );
    expectNone(
      'deliveries without exactly one success in the log',
      `SELECT count(*) AS n FROM (
         SELECT d.id FROM delivery d JOIN log l ON l.delivery_id = d.id GROUP BY d.seq
         HAVING sum(l.outcome = 'success') <> 1)`,
    );
    expectNone(
      'steps that an interruption used up',
      `SELECT count(*) AS n FROM log a JOIN log b ON b.delivery_id = a.delivery_id AND b.number = a.number + 1
       WHERE a.outcome = 'interrupted' AND b.step <> a.step`,
    );
    expectNone(
      'accepted events without an inbound record',
      'SELECT count(*) AS n FROM event e WHERE NOT EXISTS (SELECT 1 FROM log l WHERE l.event_seq = e.seq AND l.status = 202)',
    );

    const rows = db
      .prepare(
        `SELECT e.reference_id, count(d.seq) AS deliveries, max(d.event_id) AS event_id, max(d.state) AS state,
           max(d.attempts) AS attempts
         FROM event e LEFT JOIN delivery d ON d.reference_id = e.reference_id GROUP BY e.seq`,
      )
      .all() as Row[];
    const byReference = new Map(rows.map((row) => [row.reference_id, row]));
    const byEvent = groupBy(arrivals, (arrival) => arrival.eventId);
    for (const [number, reference] of promised) {
      const row = byReference.get(reference);
      if (!row) problems.push(`event ${number}: reference ${reference} got a 202 and is gone`);
      else if (row.deliveries !== 1) problems.push(`${reference}: ${row.deliveries} outgoing events`);
    }
    if (new Set(promised.values()).size !== promised.size) problems.push('two events share a reference');

    let duplicates = 0;
    let explained = 0;
    const interruptedOf = db.prepare(
      "SELECT count(*) AS n FROM log WHERE event_id = ? AND direction = 'outbound' AND outcome = 'interrupted'",
    );
    for (const row of rows) {
      const came = byEvent.get(row.event_id) ?? [];
      const accepted = came.filter((arrival) => arrival.status === 200).length;
      const interrupted = (interruptedOf.get(row.event_id) as { n: number }).n;
      if (accepted === 0) problems.push(`${row.reference_id}: no receiver took it`);
      if (came.length > row.attempts) {
        problems.push(`${row.event_id}: ${came.length} arrivals, ${row.attempts} attempts in the log`);
      }
      if (new Set(came.map((arrival) => arrival.body)).size > 1) {
        problems.push(`${row.event_id}: the bytes differ between attempts`);
      }
      if (cutOff.has(row.event_id) && interrupted === 0) {
        problems.push(`${row.event_id}: cut off by a kill, but no attempt is logged as interrupted`);
      }
      if (accepted > 1) {
        duplicates++;
        if (interrupted >= accepted - 1) explained++;
        else problems.push(`${row.event_id}: accepted ${accepted} times, interrupted ${interrupted} times`);
      }
    }
    return {
      problems,
      events: rows.length,
      attempts: count("SELECT count(*) AS n FROM log WHERE direction = 'outbound'"),
      interrupted: count("SELECT count(*) AS n FROM log WHERE outcome = 'interrupted'"),
      duplicates,
      explained,
    };
  } finally {
    db.close();
  }
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
