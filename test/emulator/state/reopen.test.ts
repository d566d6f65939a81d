import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createAssumptionNotes } from '../../../src/emulator/assumptions/notes.ts';
import { createFaults } from '../../../src/emulator/faults/faults.ts';
import { createSnapshots } from '../../../src/emulator/state/snapshots.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import type { Store } from '../../../src/emulator/store/store.ts';
import { tempFolder } from '../../support/folder.ts';

const STEPS = [
  'registry',
  'faults',
  'assumptions',
  'attempts',
  'clock',
  'engine',
  'worker',
  'open',
  'onError',
] as const;

/** The content of a real database; the steps named fail, as a full disk and a bad row let them. */
function contentWith<R extends object>(
  failing: readonly string[],
  real: (store: Store) => R = () => ({}) as R,
) {
  const store = openStore(join(tempFolder(), 'carvos.db'));
  const did: string[] = [];
  const step = (name: string) => () => {
    did.push(name);
    if (failing.includes(name)) throw Object.assign(new Error(name), { code: 'SQLITE_FULL' });
  };
  const later = async () => {};
  const parts = {
    store,
    registry: { applyOptions: step('registry') },
    clock: { reset: step('clock') },
    liveFeed: { publish() {} },
    engine: { start: step('engine'), stop: async () => true },
    worker: { start: step('worker'), stop: later },
    attempts: { releaseAbandoned: step('attempts') },
    sender: { close: later },
    faults: { stop() {}, start() {}, reload: step('faults') },
    assumptions: { reload: step('assumptions') },
    reader: {},
    settings: () => ({ ats: [], receiverTimeoutMs: 1 }),
    shut: later,
    open: step('open'),
    onReplaced() {},
    isFull: () => false,
    onError: step('onError'),
    ...real(store),
  };
  return { ...parts, content: createSnapshots(parts as never), did, close: store.close };
}

test.each([...STEPS.map((one) => [one]), STEPS.slice(0, 7), ['worker', 'onError'], STEPS])(
  'the gate opens again when these fail: %j',
  async (...failing) => {
    const { content, did, close } = contentWith(failing.flat());
    await content.reset().catch(() => {});
    expect(did).toEqual(expect.arrayContaining(['engine', 'worker', 'open']));
    did.length = 0;
    await content.reset().catch(() => {});
    expect(did).toContain('open');
    close();
  },
);

test('where a reset fails in the middle, what was counted is as before: of faults, and of assumptions', async () => {
  const { content, did, faults, assumptions, close } = contentWith(['attempts'], (store) => {
    const onError = (error: unknown) => {
      if ((error as Error).message !== 'attempts') throw error;
    };
    const made = {
      faults: createFaults(store, () => 1, onError),
      assumptions: createAssumptionNotes(store, onError),
    };
    onTestFinished(made.assumptions.stop);
    return made;
  });
  faults.applyConfig([{ kind: 'status-503', on: 'ingress', first: 2, count: 5 }]);
  faults.add({ kind: 'status-500', on: 'ingress', first: 1 });
  const come = () => {
    const moment = {
      on: 'ingress',
      event: 'candidate.created',
      atsId: 'a',
      clientId: 'c',
      incomingId: 'e',
    } as const;
    return faults.decideRequest(moment)?.kind;
  };
  expect([come(), come()]).toEqual(['status-500', 'status-503']);
  assumptions.note('log-outcomes', 'here');
  const before = [faults.list(), assumptions.list()];
  await expect(content.reset()).rejects.toThrow('attempts');
  // What was begun with the new content is done again with the old.
  expect(did).toEqual([
    'registry',
    'attempts',
    'registry',
    'attempts',
    'onError',
    'engine',
    'worker',
    'open',
  ]);
  expect([faults.list(), assumptions.list()]).toEqual(before);
  expect(come()).toBeUndefined();
  close();
});
