import { setImmediate } from 'node:timers';
import type Database from 'better-sqlite3';

interface Entry {
  work: () => unknown;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

/**
 * Group commit: whatever is submitted within one turn of the event loop shares one transaction, so
 * that `synchronous=FULL` costs one flush to disk per turn instead of one per request. A piece of work
 * that throws fails alone: the group is then undone and run again with a savepoint for each. (A savepoint
 * for each in every group costs a tenth of the time of a 202: SQLite copies each page that one touches.)
 * Promises settle after the COMMIT, so a resolved promise means durable.
 *
 * Work must be synchronous, because a transaction never spans an `await`; and it may be run twice, so what
 * it does outside the database must bear that.
 */
export class GroupCommit {
  #queue: Entry[] = [];
  #scheduled = false;
  readonly #db: Database.Database;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #rollback: Database.Statement;
  readonly #save: Database.Statement;
  readonly #release: Database.Statement;
  readonly #undo: Database.Statement;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
    this.#save = db.prepare('SAVEPOINT work');
    this.#release = db.prepare('RELEASE work');
    this.#undo = db.prepare('ROLLBACK TO work');
  }

  /**
   * Runs `work` in the next shared transaction.
   *
   * @throws what `work` throws; or, when the transaction itself cannot be begun or committed (disk
   *   full, I/O error), that error, for everything in the group.
   */
  submit<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve, reject } as Entry);
      if (!this.#scheduled) {
        this.#scheduled = true;
        setImmediate(() => this.flush());
      }
    });
  }

  /** Work that waits for the next commit. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Commits at once what was submitted so far. */
  flush(): void {
    this.#scheduled = false;
    const entries = this.#queue;
    if (entries.length === 0) return;
    this.#queue = [];
    if (!this.#runTogether(entries)) this.#runApart(entries);
  }

  /** @returns false when a piece of work threw; then nothing was done. */
  #runTogether(entries: Entry[]): boolean {
    const values: unknown[] = [];
    try {
      this.#begin.run();
      for (const entry of entries) values.push(entry.work());
      this.#commit.run();
    } catch (error) {
      this.#tryRollback();
      // A single one needs no second run to tell whose error it was.
      if (entries.length > 1) return false;
      entries[0]!.reject(error);
      return true;
    }
    for (const [index, entry] of entries.entries()) entry.resolve(values[index] as never);
    return true;
  }

  /** The same with a savepoint for each, so that the one that throws fails alone. */
  #runApart(entries: Entry[]): void {
    const settle: (() => void)[] = [];
    try {
      this.#begin.run();
      for (const entry of entries) this.#runOne(entry, settle);
      this.#commit.run();
    } catch (error) {
      this.#tryRollback();
      for (const entry of entries) entry.reject(error);
      return;
    }
    for (const done of settle) done();
  }

  #runOne(entry: Entry, settle: (() => void)[]): void {
    this.#save.run();
    try {
      const value = entry.work() as never;
      this.#release.run();
      settle.push(() => entry.resolve(value));
    } catch (error) {
      // Where SQLite itself gave up on the transaction (disk full), there is nothing left to undo to: the
      // group fails as one, with the error that says why.
      if (!this.#db.inTransaction) throw error;
      this.#undo.run();
      this.#release.run();
      settle.push(() => entry.reject(error));
    }
  }

  #tryRollback(): void {
    try {
      this.#rollback.run();
    } catch {
      // SQLite already rolled back by itself (disk full, I/O error).
    }
  }
}
