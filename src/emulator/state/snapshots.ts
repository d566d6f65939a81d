import { refused } from '../../contract/errors.ts';
import type { Draft } from '../../files/draft-file.ts';
import type { AssumptionNotes } from '../assumptions/notes.ts';
import type { AtsRegistry } from '../ats/registry.ts';
import type { DeliveryEngine } from '../delivery/engine.ts';
import type { AttemptSender } from '../delivery/send-attempt.ts';
import type { Faults } from '../faults/faults.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { Attempts } from '../outgoing/attempts.ts';
import type { Worker } from '../processing/worker.ts';
import type { Settings } from '../settings.ts';
import type { SnapshotReader } from '../snapshot/reader.ts';
import { readSchedule } from '../store/schedule.ts';
import { draftSnapshot, replaceContent, takeSnapshot } from '../store/snapshot.ts';
import type { Store } from '../store/store.ts';
import { UNBOUNDED_GRACE_MS } from '../time/closing-grace.ts';
import type { ScheduleClock } from '../time/schedule-clock.ts';
import { checkpointWal } from './retention.ts';

export interface SnapshotParts {
  store: Store;
  registry: AtsRegistry;
  clock: ScheduleClock;
  liveFeed: LiveFeed;
  engine: DeliveryEngine;
  worker: Worker;
  attempts: Attempts;
  sender: AttemptSender;
  faults: Faults;
  assumptions: AssumptionNotes;
  reader: SnapshotReader;
  settings(): Settings;
  /** Resolves when no request is being accepted; none is from now on, until `open`. */
  shut(): Promise<void>;
  open(): void;
  /** Called when the content is another one, before anything of it is made. */
  onReplaced(): void;
  /** Whether the last write found no room. */
  isFull(): boolean;
  onError(error: unknown): void;
}

/** How often it looks whether the disk is full, wall milliseconds. */
const LOOK_EVERY_MS = 1000;
const NOT_RECORDED =
  'Storage is full: attempts in flight cannot be recorded, so nothing was replaced; make room first';
const STOPPED = 'The gateway is stopping: nothing is saved or replaced any more';

/** Everything that the gateway holds, as one thing: saved, restored, emptied. */
export type Snapshots = ReturnType<typeof createSnapshots>;

export function createSnapshots(parts: SnapshotParts) {
  const { store, registry, clock, liveFeed, engine, worker, attempts, sender, faults } = parts;
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;
  /** What brings memory back to the content before. */
  let undo: (() => void)[] = [];

  async function replace(snapshot: string | null, words: string): Promise<void> {
    const shut = parts.shut();
    faults.stop(); // what is held back on purpose is not waited for
    await shut;
    try {
      await worker.stop();
      const { receiverTimeoutMs } = parts.settings();
      await drain(receiverTimeoutMs === null ? UNBOUNDED_GRACE_MS : Number.POSITIVE_INFINITY);
      // What is still in flight after the grace is cut off, and recorded before its content goes.
      await sender.close();
      await drain(Number.POSITIVE_INFINITY);
      store.group.commit();
      undo = [];
      try {
        replaceContent(store, snapshot, takeUp);
      } catch (error) {
        // The transaction was undone: memory goes back to what it was, as far as it can.
        for (const step of [applyConfig, ...undo, attempts.releaseAbandoned]) attempt(step);
        throw error;
      }
      clock.reset(readSchedule(store));
      parts.onReplaced();
    } finally {
      // One after the other: what fails here must not keep the gate shut.
      for (const step of [faults.start, engine.start, worker.start, parts.open]) attempt(step);
    }
    // What was stored is not called failed because the disk has no room to tidy up in.
    attempt(() => {
      if (snapshot === null) store.db.exec('VACUUM'); // gives back the room
      checkpointWal(store, 'TRUNCATE');
    });
    liveFeed.publish(() => ({ type: 'notice', level: 'info', text: words, replaced: true }));
    liveFeed.touchAll();
  }
  /** @throws RefusedError where what was made cannot be recorded: the disk is full, and may be so for ever. */
  async function drain(graceMs: number): Promise<void> {
    for (let left = graceMs; left > 0; left -= LOOK_EVERY_MS) {
      if (await engine.stop(Math.min(left, LOOK_EVERY_MS))) return;
      if (parts.isFull()) throw refused('storage_full', NOT_RECORDED);
    }
  }
  /** What a start does with the content that it finds. */
  function takeUp(): void {
    applyConfig();
    undo.push(faults.reload());
    undo.push(parts.assumptions.reload());
    attempts.releaseAbandoned();
  }
  function attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      try {
        parts.onError(error);
      } catch {} // reporting it may need the disk that has no room
    }
  }
  /** A snapshot that does not go with the config file is no reason to stand still. */
  function applyConfig(): void {
    try {
      registry.applyOptions(parts.settings().ats);
    } catch (error) {
      registry.applyOptions([]);
      parts.onError(error);
    }
  }
  /** One after the other. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) return Promise.reject(refused('shutting_down', STOPPED));
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };

  return {
    /** @returns a file that the caller disposes of. */
    save: (withSecrets: boolean): Promise<Draft> =>
      inTurn(async () => {
        await parts.assumptions.write();
        return takeSnapshot(store, withSecrets);
      }),
    /**
     * Puts a snapshot in place of everything, once all of it was read and found right. What is in flight ends first;
     * nothing is accepted meanwhile. Whatever fails, the old content is there again and the gateway goes on.
     *
     * @throws SnapshotError
     */
    restore: (path: string): Promise<void> =>
      inTurn(async () => {
        const clean = draftSnapshot(store);
        try {
          await parts.reader.copy(path, clean.path);
          await replace(clean.path, 'restored from a snapshot: everything before it is gone');
        } finally {
          clean.dispose();
        }
      }),
    /** Resolves when none of these is in flight; from now on none begins. */
    async close(): Promise<void> {
      closed = true;
      await turn;
    },
    /** Back to what a first start makes: the config file's ATSs and workspaces, and nothing else. */
    reset: (): Promise<void> => inTurn(() => replace(null, 'reset: everything before it is gone')),
  };
}
