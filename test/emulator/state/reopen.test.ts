import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSnapshots } from '../../../src/emulator/state/snapshots.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
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
function contentWith(failing: readonly string[]) {
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
    engine: { start: step('engine'), stop: later },
    worker: { start: step('worker'), stop: later },
    attempts: { releaseAbandoned: step('attempts') },
    sender: { close: later },
    faults: { stop() {}, reload: step('faults') },
    assumptions: { reload: step('assumptions') },
    reader: {},
    settings: () => ({ ats: [], receiverTimeoutMs: 1 }),
    shut: later,
    open: step('open'),
    onReplaced() {},
    onError: step('onError'),
  };
  return { content: createSnapshots(parts as never), did, close: store.close };
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
