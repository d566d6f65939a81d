import type Database from 'better-sqlite3';
import type { GroupCommit } from './group-commit.ts';
import type { OpenClaims } from './open-claims.ts';
import type { DatabaseGoneError, DatabaseNotFlushedError } from './storage-trouble.ts';

/** A value that SQLite stores. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/**
 * An open database. Operations are functions over it, one per file section; they run inside a
 * transaction of whoever calls them, usually through `group`.
 */
export interface Store {
  readonly db: Database.Database;
  /** File name, or `:memory:`. */
  readonly file: string;
  /** Counts the starts on this database; claims carry it, so that those of a dead process are told apart. */
  readonly boot: number;
  /** Random, made with the database; tells references of this gateway from another's. */
  readonly gatewayId: string;
  readonly group: GroupCommit;
  readonly claims: OpenClaims;
  /** A prepared statement, compiled once. */
  sql<Row = unknown>(text: string): Database.Statement<SqlValue[], Row>;
  /** Why what is written now would be lost: the files were deleted or replaced, or a flush failed. `null` while all is well. */
  findProblem(): DatabaseGoneError | DatabaseNotFlushedError | null;
  /** Counts one more start and reads the gateway's id again: after the content was replaced. */
  renew(): void;
  close(): void;
}
