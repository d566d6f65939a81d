/** The database's files are no longer under their names, or what stands there is another file. */
export class DatabaseGoneError extends Error {
  readonly code = 'DATABASE_GONE';
}

/** The disk refused a flush: what it holds is not known any more. */
export class DatabaseNotFlushedError extends Error {
  readonly code = 'DATABASE_NOT_FLUSHED';
}

/** What the database holds contradicts itself. */
export class DatabaseDamagedError extends Error {
  readonly code = 'DATABASE_DAMAGED';
}

/**
 * What an error says of the database, as the code of the answer: `storage_full` may pass (no room, a disk that takes
 * nothing), `storage_unusable` does not without somebody's help. `null` for an error of another kind.
 */
export function storageTrouble(error: unknown): 'storage_full' | 'storage_unusable' | null {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code.startsWith('SQLITE_IOERR')) return 'storage_full';
  return /^(SQLITE_CORRUPT|SQLITE_NOTADB|DATABASE_)/.test(code) ? 'storage_unusable' : null;
}
