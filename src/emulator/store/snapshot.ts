import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { refused } from '../../contract/errors.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { createDraft, type Draft } from '../../files/draft-file.ts';
import { draftPlace } from './draft-place.ts';
import { readMeta, writeMeta } from './open-store.ts';
import { ourShape } from './schema-shape.ts';
import { storageTrouble } from './storage-trouble.ts';
import type { Store } from './store.ts';

/** Not a snapshot, or one that is not taken. */
export class SnapshotError extends Error {
  readonly code: 'not_a_snapshot' | 'snapshot_newer' | 'bad_snapshot';
  /** Table, row and reason, where there are such. */
  readonly detail: string | null;
  constructor(code: SnapshotError['code'], detail: string | null = null, options?: ErrorOptions) {
    super(detail ?? code, options);
    this.code = code;
    this.detail = detail;
  }
}

/**
 * A place for a snapshot beside the database: on the disk that has room for it, and in a folder that is ours.
 *
 * @throws RefusedError where none can be written there, as in a container whose disk is read-only.
 */
export function draftSnapshot({ file }: Pick<Store, 'file'>): Draft {
  const place = draftPlace(file);
  try {
    return createDraft(place);
  } catch (error) {
    if (storageTrouble(error) !== null) throw error;
    const why = `No snapshot can be made in ${dirname(place)} (${(error as NodeJS.ErrnoException).code})`;
    const mend = file === ':memory:' ? ': set TMPDIR of the gateway to a folder that it can write to' : '';
    throw refused('storage_unusable', why + mend);
  }
}

/**
 * Copies the database as it is at one moment, in steps between which the gateway goes on.
 *
 * @param withSecrets without them signing secrets and hashes of API keys are left out.
 */
export async function takeSnapshot(store: Store, withSecrets: boolean): Promise<Draft> {
  const file = draftSnapshot(store);
  try {
    await store.db.backup(file.path);
    const copy = new Database(file.path);
    try {
      copy.pragma('journal_mode = DELETE'); // one file, without a WAL beside it
      if (!withSecrets) leaveOutSecrets(copy);
    } finally {
      copy.close();
    }
    return file;
  } catch (error) {
    file.dispose();
    throw error;
  }
}

function leaveOutSecrets(db: Database.Database): void {
  db.function('mask_url', { deterministic: true }, (url) => maskUrl(String(url)));
  db.transaction(() => {
    db.exec(`
      DELETE FROM secret;
      DELETE FROM applied_setting WHERE field IN ('api_key', 'incoming_secret', 'outgoing_secret');
      UPDATE ats SET api_key_hash = 'left out of the snapshot: ' || id;
      DELETE FROM applied_setting WHERE field = 'webhook_url'
        AND ats_id IN (SELECT id FROM ats WHERE webhook_url IS NOT NULL AND mask_url(webhook_url) <> webhook_url);
      UPDATE ats SET webhook_url = mask_url(webhook_url) WHERE webhook_url IS NOT NULL;
      UPDATE delivery SET target_url = mask_url(target_url) WHERE target_url IS NOT NULL;
      UPDATE log SET url = mask_url(url) WHERE direction = 'outgoing' AND url GLOB '*[?@#]*';
    `);
  })();
  db.exec('VACUUM'); // what was deleted would still stand in free pages
}

/**
 * Puts the content of a database that is known to be right in place of what is there; `null` leaves everything
 * empty. In one transaction with what `takeUp` does: when that throws, the old content stands. Nothing else may be
 * in flight.
 */
export function replaceContent(store: Store, snapshot: string | null, takeUp: () => void): void {
  const { db } = store;
  if (snapshot !== null) db.prepare('ATTACH DATABASE ? AS snapshot').run(snapshot);
  try {
    db.transaction(() => {
      const sequences = readSequences(db, 'main');
      for (const [table, names] of ourShape()) {
        db.exec(`DELETE FROM main.${table}`);
        if (snapshot === null) continue;
        const columns = names.map((name) => `"${name}"`).join(', ');
        db.exec(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM snapshot.${table}`);
      }
      // Numbers that were given out are never given again: a cursor may still hold one.
      for (const { name, seq } of [
        ...sequences,
        ...(snapshot === null ? [] : readSequences(db, 'snapshot')),
      ]) {
        const { changes } = db
          .prepare('UPDATE main.sqlite_sequence SET seq = max(seq, ?) WHERE name = ?')
          .run(seq, name);
        if (changes === 0)
          db.prepare('INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)').run(name, seq);
      }
      // Above those that were given before: no late answer may meet a claim of the new content.
      writeMeta(store.sql, 'boot', String(Math.max(store.boot, Number(readMeta(store.sql, 'boot') ?? 0))));
      store.renew();
      takeUp();
    })();
  } catch (error) {
    // Memory has the gateway's id of what was not kept.
    store.renew();
    throw error;
  } finally {
    if (snapshot !== null) db.exec('DETACH DATABASE snapshot');
  }
}

function readSequences(db: Database.Database, schema: 'main' | 'snapshot'): { name: string; seq: number }[] {
  return db.prepare(`SELECT name, seq FROM ${schema}.sqlite_sequence`).all() as {
    name: string;
    seq: number;
  }[];
}
