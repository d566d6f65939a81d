import { expect, onTestFinished, test } from 'vitest';
import { createFaults } from '../../../src/emulator/faults/faults.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';

function open() {
  const store = openStore(':memory:');
  onTestFinished(() => store.close());
  const errors: unknown[] = [];
  const begin = () =>
    createFaults(
      store,
      () => 1,
      (error) => errors.push(error),
    );
  return { store, errors, begin };
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

test('a rule with a count applies so often and no more; then the next one does', async () => {
  const { begin } = open();
  const faults = begin();
  faults.add({ kind: 'status-503', on: 'delivery', count: 2 });
  faults.add({ kind: 'delay', on: 'delivery', delay_ms: 70 });
  const kinds = [1, 2, 3, 4].map(() => faults.decide(ATTEMPT)?.kind);
  expect(kinds).toEqual(['status-503', 'status-503', 'delay', 'delay']);
  expect(faults.decide(ATTEMPT)).toMatchObject({ delayMs: 70, reason: 'on purpose, by the fault fault-2' });
  expect(faults.list()).toMatchObject([
    { applied_count: 2, remaining: 0, delay_ms: null, share: 1 },
    { applied_count: 3, remaining: null, delay_ms: 70 },
  ]);
});

test('what caused an attempt is looked up once, and only where a rule is about it', () => {
  const { begin } = open();
  const faults = begin();
  let asked = 0;
  const attempt = {
    ...ATTEMPT,
    incomingId() {
      asked++;
      return 'e';
    },
  };
  faults.add({ kind: 'status-503', on: 'delivery', event: 'vacancy.created' });
  expect([faults.decide(attempt), asked]).toEqual([null, 0]);
  for (let n = 0; n < 2; n++) faults.add({ kind: 'stale', on: 'delivery', share: 1e-12 });
  expect([faults.decide(attempt), asked]).toEqual([null, 1]);
});

test('a rule of the file writes nothing down, and its id is taken', () => {
  const { store, begin } = open();
  const faults = begin();
  faults.applyConfig([{ id: 'fault-1', kind: 'stale', on: 'delivery' }]);
  expect(faults.decide(ATTEMPT)).toMatchObject({ id: 'fault-1' });
  expect(store.group.waiting).toBe(0);
  expect(faults.add({ kind: 'stale', on: 'delivery', id: 'fault-1' })).toBeNull();
  expect(faults.add({ kind: 'stale', on: 'delivery' })).toMatchObject({ id: 'fault-2' });
});

test('that a count could not be written is told', async () => {
  const { store, errors, begin } = open();
  const faults = begin();
  faults.add({ kind: 'stale', on: 'delivery' });
  const trouble = new Error('no room');
  store.group.accompany(() => {
    throw trouble;
  });
  expect(faults.decide(ATTEMPT)).not.toBeNull();
  await expect.poll(() => errors).toEqual([trouble]);
});

test('each event is counted for itself, in each tenant, also where a rule before it applies or the rule is used up', () => {
  const { begin } = open();
  const faults = begin();
  faults.add({ kind: 'status-503', on: 'ingress', count: 1 });
  faults.add({ kind: 'status-500', on: 'ingress', first: 1 });
  const come = (change: object = {}) =>
    faults.decideRequest({ ...ATTEMPT, on: 'ingress', incomingId: 'e', ...change })?.kind;
  expect([come(), come(), come({ incomingId: 'f' }), come({ incomingId: 'f' })]).toEqual([
    'status-503',
    undefined,
    'status-500',
    undefined,
  ]);
  expect([come({ atsId: 'b' }), come({ clientId: 'd' })]).toEqual(['status-500', 'status-500']);
  expect([come({ atsId: 'b' }), come({ clientId: 'd' })]).toEqual([undefined, undefined]);
});

test('of 100,000 events the one that was longest away is forgotten first', () => {
  const { begin } = open();
  const faults = begin();
  faults.add({ kind: 'status-500', on: 'ingress', first: 1 });
  const come = (incomingId: string) => faults.decideRequest({ ...ATTEMPT, on: 'ingress', incomingId })?.kind;
  const isFirst = 'status-500';
  expect(come('back again')).toBe(isFirst);
  for (let n = 1; n < 100_000; n++) come(`once-${n}`);
  expect(come('back again')).toBeUndefined();
  expect(come('one more')).toBe(isFirst);
  expect([come('back again'), come('once-2'), come('once-1')]).toEqual([undefined, undefined, isFirst]);
});
