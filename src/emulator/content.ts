import type { AssumptionNotes } from './assumption-notes.ts';
import type { AtsRegistry } from './ats-registry.ts';
import type { Attempts } from './attempts.ts';
import type { ScheduleClock } from './clock.ts';
import { UNBOUNDED_GRACE_MS } from './closing-grace.ts';
import type { DeliveryEngine } from './delivery/engine.ts';
import type { AttemptSender } from './delivery/send-attempt.ts';
import type { Faults } from './faults.ts';
import type { Journal } from './journal.ts';
import type { Settings } from './options.ts';
import type { Worker } from './processing/worker.ts';
import { checkpointWal } from './retention.ts';
import { readSchedule } from './schedule-position.ts';
import { prepareSnapshot, replaceContent, type TempFile, takeSnapshot } from './store/snapshot.ts';
import type { Store } from './store/store.ts';

export interface ContentParts {
  store: Store;
  registry: AtsRegistry;
  clock: ScheduleClock;
  journal: Journal;
  engine: DeliveryEngine;
  worker: Worker;
  attempts: Attempts;
  sender: AttemptSender;
  faults: Faults;
  assumptions: AssumptionNotes;
  settings(): Settings;
  /** Resolves when no request is being accepted; none is from now on, until `open`. */
  shut(): Promise<void>;
  open(): void;
  onError(error: unknown): void;
}

/** Everything that the gateway holds, as one thing: saved, restored, emptied. */
export interface Content {
  save(withSecrets: boolean): Promise<TempFile>;
  /**
   * Puts a snapshot in place of everything. What is in flight ends first; nothing is accepted meanwhile.
   *
   * @throws SnapshotError
   */
  restore(path: string): Promise<void>;
  /** Back to what a first start makes: the config file's ATSs and workspaces, and nothing else. */
  reset(): Promise<void>;
  /** Resolves when none of these is under way. */
  idle(): Promise<void>;
}

export function createContent(parts: ContentParts): Content {
  const { store, registry, clock, journal, engine, worker, attempts, sender, faults } = parts;
  let turn: Promise<unknown> = Promise.resolve();

  async function replace(snapshot: string | null, words: string): Promise<void> {
    let replaced = false;
    const shut = parts.shut();
    faults.stop(); // what is held back on purpose is not waited for
    await shut;
    try {
      await worker.stop();
      const { receiverTimeoutMs } = parts.settings();
      await engine.stop(receiverTimeoutMs === null ? UNBOUNDED_GRACE_MS : Number.POSITIVE_INFINITY);
      // What is still under way after the grace is cut off, and recorded before its content goes.
      await sender.close();
      await engine.stop(Number.POSITIVE_INFINITY);
      store.group.commit();
      replaceContent(store, snapshot);
      replaced = true;
    } finally {
      // Also where it failed: the transaction was undone, and everything goes on as before.
      applyConfig();
      faults.reload();
      parts.assumptions.reload();
      if (replaced) clock.reset(readSchedule(store));
      attempts.releaseAbandoned();
      engine.start();
      worker.start();
      parts.open();
    }
    if (snapshot === null) store.db.exec('VACUUM'); // gives back the room
    checkpointWal(store);
    journal.publish(() => ({ type: 'notice', level: 'info', text: words, replaced: true }));
  }
  /** What a start does. A snapshot that does not go with the config file is no reason to stand still. */
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
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };

  return {
    save: (withSecrets) =>
      inTurn(async () => {
        await store.group.submit(parts.assumptions.write);
        return takeSnapshot(store, withSecrets);
      }),
    restore: (path) =>
      inTurn(async () => {
        prepareSnapshot(path);
        await replace(path, 'restored from a snapshot: everything before it is gone');
      }),
    async idle() {
      await turn;
    },
    reset: () => inTurn(() => replace(null, 'reset: everything before it is gone')),
  };
}
