import { setImmediate } from 'node:timers';
import type Database from 'better-sqlite3';
import { type DatabaseGoneError, DatabaseNotFlushedError } from './storage-trouble.ts';
import type { WalFlush } from './wal-flush.ts';

/** `committed`: survives a kill of the process. `durable`: survives a power cut too. */
type Until = 'committed' | 'durable';

interface Entry {
  work: () => unknown;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
  until: Until;
  /** What the work returned or threw. */
  value: unknown;
  failed: boolean;
}

/**
 * Group commit: whatever is submitted within one turn of the event loop shares one transaction, and
 * transactions that are committed while the disk is busy share the next flush. So the durability of
 * `synchronous=FULL` costs a flush for many requests, and the event loop waits for none. A piece of work
 * that throws fails alone: the group is then undone and run again with a savepoint for each. (A savepoint
 * for each in every group costs a tenth of the time of a 202: SQLite copies each page that one touches.)
 * Promises settle after COMMIT and flush, so a resolved promise means durable, unless less was asked for.
 *
 * Work must be synchronous, because a transaction never spans an `await`; and it may be run twice, so what
 * it does outside the database must bear that. What is committed can be read before it is durable, but
 * nothing that was asked for here is answered or sent before it is.
 */
export class GroupCommit {
  #queue: Entry[] = [];
  #scheduled = false;
  /** Committed, and not yet on disk. */
  #committed: Entry[] = [];
  #flushing = false;
  #companion: () => void = () => {};
  /** The disk refused a flush: what it holds is not known any more. */
  #broken: DatabaseNotFlushedError | null = null;
  readonly #db: Database.Database;
  readonly #wal: WalFlush | null;
  readonly #refusal: () => DatabaseGoneError | null;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #rollback: Database.Statement;
  readonly #save: Database.Statement;
  readonly #release: Database.Statement;
  readonly #undo: Database.Statement;

  /**
   * @param wal `null` where there is nothing to flush.
   * @param refusal asked before each transaction: why none may be made now.
   */
  constructor(
    db: Database.Database,
    wal: WalFlush | null,
    refusal: () => DatabaseGoneError | null = () => null,
  ) {
    this.#db = db;
    this.#wal = wal;
    this.#refusal = refusal;
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
   * @throws what `work` throws; or, when the transaction itself cannot be begun, committed or flushed (disk
   *   full, I/O error), that error, for everything in the group. After a flush that failed nothing is taken any
   *   more: only a new start can tell what reached the disk.
   */
  submit<T>(work: () => T, until: Until = 'durable'): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve, reject, until, value: undefined, failed: false } as Entry);
      if (!this.#scheduled) {
        this.#scheduled = true;
        setImmediate(this.#turn);
      }
    });
  }

  /** Does `work` in every group's transaction, last: what has to be on disk with whatever else is written. */
  accompany(work: () => void): void {
    this.#companion = work;
  }

  /** Work that waits for the next commit. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Why no transaction may be made now. */
  readonly findRefusal = () => this.#broken ?? this.#refusal();

  /** Commits at once what was submitted so far. Its promises settle when it is durable. */
  commit(): void {
    this.#scheduled = false;
    const entries = this.#queue;
    if (entries.length === 0) return;
    this.#queue = [];
    const refusal = this.#db.open ? this.findRefusal() : new Error('the database is closed');
    if (refusal) {
      for (const entry of entries) entry.reject(refusal);
      return;
    }
    // The flush that FULL makes inside COMMIT is made by `#flush`.
    if (this.#wal) this.#db.exec('PRAGMA synchronous = NORMAL');
    const done = this.#runTogether(entries) ?? this.#runApart(entries);
    if (this.#wal) this.#db.exec('PRAGMA synchronous = FULL');
    if (!done) return;
    for (const entry of entries) {
      if (this.#wal === null || entry.until === 'committed') settle(entry);
      else this.#committed.push(entry);
    }
    if (this.#wal && this.#committed.length > 0 && !this.#flushing) this.#flush(this.#wal);
  }

  readonly #turn = (): void => this.commit();

  #flush(wal: WalFlush): void {
    const entries = this.#committed;
    this.#committed = [];
    this.#flushing = true;
    wal.flush((error) => {
      this.#flushing = false;
      if (error) {
        const message = `the disk refused what was written (${error.message}), and what it holds is not known: stop carvos and start it again`;
        this.#broken = new DatabaseNotFlushedError(message, { cause: error });
        for (const entry of [...entries, ...this.#committed]) entry.reject(this.#broken);
        this.#committed = [];
        return;
      }
      if (this.#committed.length > 0) this.#flush(wal);
      for (const entry of entries) settle(entry);
    });
  }

  /** @returns whether it was committed; `null` when a piece of work threw: then nothing was done. */
  #runTogether(entries: Entry[]): boolean | null {
    try {
      this.#begin.run();
      for (const entry of entries) entry.value = entry.work();
      this.#companion();
      this.#commit.run();
    } catch (error) {
      this.#tryRollback();
      // A single one needs no second run to tell whose error it was.
      if (entries.length > 1) return null;
      entries[0]!.reject(error);
      return false;
    }
    return true;
  }

  /** The same with a savepoint for each, so that the one that throws fails alone. */
  #runApart(entries: Entry[]): boolean {
    try {
      this.#begin.run();
      for (const entry of entries) this.#runOne(entry);
      this.#companion();
      this.#commit.run();
    } catch (error) {
      this.#tryRollback();
      for (const entry of entries) entry.reject(error);
      return false;
    }
    return true;
  }

  #runOne(entry: Entry): void {
    this.#save.run();
    try {
      entry.value = entry.work();
      this.#release.run();
    } catch (error) {
      // Where SQLite itself gave up on the transaction (disk full), there is nothing left to undo to: the
      // group fails as one, with the error that says why.
      if (!this.#db.inTransaction) throw error;
      this.#undo.run();
      this.#release.run();
      entry.value = error;
      entry.failed = true;
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

function settle(entry: Entry): void {
  if (entry.failed) entry.reject(entry.value);
  else entry.resolve(entry.value as never);
}
