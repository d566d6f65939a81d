import { expect, onTestFinished, test } from 'vitest';
import { createFaults } from '../../../src/emulator/faults/faults.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';

function open() {
  const store = openStore(':memory:');
  onTestFinished(() => store.close());
  const begin = () =>
    createFaults(
      store,
      () => 1,
      (error) => {
        throw error;
      },
    );
  return { store, begin };
}

const ATTEMPT = {
  on: 'delivery',
  atsId: 'a',
  clientId: 'c',
  event: 'candidate.created',
  attempt: 1,
  incomingId: () => 'e',
} as const;

test('how often a rule applied is not put down to another one that got its id', async () => {
  const { store, begin } = open();
  const faults = begin();
  faults.add({ kind: 'status-503', on: 'delivery', count: 1 });
  expect(faults.decide(ATTEMPT)).toMatchObject({ id: 'fault-1' });
  faults.clear();
  expect(faults.add({ kind: 'stale', on: 'delivery', count: 1 })).toMatchObject({ id: 'fault-1' });
  await store.group.submit(() => {});
  expect(begin().list()).toMatchObject([{ kind: 'stale', applied_count: 0, remaining: 1 }]);
  expect(faults.decide(ATTEMPT)).toMatchObject({ kind: 'stale' });
  await store.group.submit(() => {});
  expect(begin().list()).toMatchObject([{ applied_count: 1, remaining: 0 }]);
});
