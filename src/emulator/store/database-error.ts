import { StoredDataError } from './stored-json.ts';

/** The database cannot be used; the message says why and what to do. */
export class DatabaseError extends Error {
  readonly code: 'database_locked' | 'database_newer' | 'database_corrupt' | 'database_unusable';
  constructor(code: DatabaseError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseError';
    this.code = code;
  }
}

/** What stopped a start on a database that opened: where the database is to blame, a DatabaseError. */
export function asStartError(error: unknown, path: string): unknown {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  return error instanceof StoredDataError || code.startsWith('SQLITE_')
    ? asDatabaseError(error, path)
    : error;
}

/** What SQLite and the system throw, as a DatabaseError in words; anything else as it is. */
export function asDatabaseError(error: unknown, path: string): unknown {
  if (error instanceof DatabaseError) return error;
  if (error instanceof StoredDataError) {
    return new DatabaseError(
      'database_corrupt',
      `${path} cannot be used: ${error.message}. Move it away, or give another file with --db; carvos inspect --db shows its log`,
      { cause: error },
    );
  }
  const code = (error as { code?: string }).code ?? '';
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
    return new DatabaseError(
      'database_corrupt',
      `${path} is not a database that SQLite can read: move it away and start again, or give another file with --db`,
      { cause: error },
    );
  }
  if (code.startsWith('SQLITE_') || code.startsWith('E')) {
    const isFull = code === 'SQLITE_FULL' || code === 'ENOSPC';
    return new DatabaseError(
      'database_unusable',
      `${path} cannot be opened: ${describeCause(error as NodeJS.ErrnoException, path)}. ${isFull ? 'Make room there, or give' : 'Give'} another file with --db, or :memory:`,
      { cause: error },
    );
  }
  return error;
}

/** What stands where a folder has to be, or as Node words it: `EACCES: permission denied, mkdir '…'`. */
function describeCause({ code, message, path: at = '' }: NodeJS.ErrnoException, path: string): string {
  if (code === 'EEXIST' || code === 'ENOTDIR') return `${at} is no folder`;
  const why = message.replaceAll(/^E[A-Z]+: |, [a-z]+ '.*$/g, '');
  return at === '' || at === path ? why : `${why} in ${at}`;
}
