import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

/** Bytes of one chunk; only the last one of a file is shorter. */
export const CHUNK_BYTES = 64 * 1024;
/** Files that one transaction of a sweep deletes: 10 × 10 MiB at worst. */
const SWEEP_BATCH = 10;

type KnownAtTheEnd = 'content_type' | 'size' | 'uploaded_at' | 'expires_at';

/** A file that was received whole. */
export type UploadRow = Omit<Row<'upload'>, 'state' | KnownAtTheEnd> & {
  [Name in KnownAtTheEnd]: NonNullable<Row<'upload'>[Name]>;
};

/** Begins a file. It cannot be found until it is finished. */
export function insertUpload(
  store: Store,
  file: Pick<UploadRow, 'id' | 'ats_id' | 'client_id' | 'file_name'>,
): number {
  const { lastInsertRowid } = store
    .sql("INSERT INTO upload (id, ats_id, client_id, state, file_name) VALUES (?, ?, ?, 'receiving', ?)")
    .run(file.id, file.ats_id, file.client_id, file.file_name);
  return Number(lastInsertRowid);
}

export function insertChunk(store: Store, seq: number, number: number, data: Uint8Array): void {
  store.sql('INSERT INTO upload_chunk (upload_seq, number, data) VALUES (?, ?, ?)').run(seq, number, data);
}

export function finishUpload(store: Store, seq: number, fields: Pick<UploadRow, KnownAtTheEnd>): void {
  store
    .sql(
      "UPDATE upload SET state = 'ready', content_type = ?, size = ?, uploaded_at = ?, expires_at = ? WHERE seq = ?",
    )
    .run(fields.content_type, fields.size, fields.uploaded_at, fields.expires_at, seq);
}

/** Tenants never see each other: both keys are required. */
export function findUpload(store: Store, atsId: string, clientId: string, id: string): UploadRow | undefined {
  return store
    .sql<UploadRow>("SELECT * FROM upload WHERE id = ? AND ats_id = ? AND client_id = ? AND state = 'ready'")
    .get(id, atsId, clientId);
}

/** Promotes a file: it is used by this write and stays. */
export function bindUpload(store: Store, seq: number, eventSeq: number): void {
  store.sql('UPDATE upload SET bound_event = ? WHERE seq = ? AND bound_event IS NULL').run(eventSeq, seq);
}

/** Keeps what reading a CV gave, so that it is read once. */
export function saveUploadText(store: Store, id: string, read: Pick<UploadRow, 'text' | 'problem'>): void {
  store.sql('UPDATE upload SET text = ?, problem = ? WHERE id = ?').run(read.text, read.problem, id);
}

/** One chunk, or `undefined` after the last. */
export function getChunk(store: Store, seq: number, number: number): Buffer | undefined {
  return store
    .sql<{ data: Buffer }>('SELECT data FROM upload_chunk WHERE upload_seq = ? AND number = ?')
    .get(seq, number)?.data;
}

export function deleteUpload(store: Store, seq: number): void {
  store.sql('DELETE FROM upload_chunk WHERE upload_seq = ?').run(seq);
  store.sql('DELETE FROM upload WHERE seq = ?').run(seq);
}

/** Makes every unused file `ms` older: the clock was moved on. */
export function ageUploads(store: Store, ms: number): void {
  store
    .sql("UPDATE upload SET expires_at = expires_at - ? WHERE bound_event IS NULL AND state = 'ready'")
    .run(ms);
}

/** Deletes some unused files that expired. @returns whether there may be more. */
export function sweepExpiredUploads(store: Store, now: number): boolean {
  const rows = store
    .sql<{ seq: number }>(
      'SELECT seq FROM upload WHERE bound_event IS NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?',
    )
    .all(now, SWEEP_BATCH);
  for (const { seq } of rows) deleteUpload(store, seq);
  return rows.length === SWEEP_BATCH;
}

/** Before the first request comes in. */
export function deleteUnfinishedUploads(store: Store): void {
  const unfinished = store.sql<{ seq: number }>("SELECT seq FROM upload WHERE state = 'receiving'").all();
  for (const { seq } of unfinished) deleteUpload(store, seq);
}
