import { expect, test } from 'vitest';
import type { Acceptor } from '../../../src/emulator/incoming/accept.ts';
import { createRequestGate } from '../../../src/emulator/incoming/request-gate.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';

const HOUR = 3_600_000;
const nothing = () => {};

/** Whether a promise is settled by what is ready to run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('it is shut until it is opened first, and says why while nothing can be stored', () => {
  let isUnusable = true;
  const gate = createRequestGate(nothing, () => isUnusable);
  expect(gate.closedFor).toBe('starting');
  gate.reopen();
  expect(gate.closedFor).toBe('storage_unusable');
  isUnusable = false;
  expect(gate.closedFor).toBeNull();
});

test('who shuts it waits for the last that is in, each time anew', async () => {
  const gate = createRequestGate(nothing, () => false, HOUR);
  gate.reopen();
  for (let time = 0; time < 2; time++) {
    const [first, second] = [gate.enter(), gate.enter()];
    const shut = [gate.shut('replacing'), gate.shut('replacing')];
    first();
    // Its answer may be closed twice.
    first();
    expect(await isSettled(Promise.race(shut))).toBe(false);
    second();
    await Promise.all(shut);
  }
  await gate.shut('replacing');
});

test('those that take too long are cut off, each of them, and waited for', async () => {
  const gate = createRequestGate(nothing, () => false, 1);
  gate.reopen();
  const cut: number[] = [];
  const leave = [0, 1, 2].map((number) =>
    gate.enter(() => {
      cut.push(number);
      // As a connection that is closed at once.
      if (number !== 1) leave[number]!();
    }),
  );
  const shut = gate.shut('shutting_down');
  await expect.poll(() => cut.length).toBe(3);
  expect(cut.sort()).toEqual([0, 1, 2]);
  expect(await isSettled(shut)).toBe(false);
  leave[1]!();
  await shut;
});

test('what is accepted or refused counts until it has ended, however it ends; the last one is told', async () => {
  const told: number[] = [];
  const gate = createRequestGate(
    () => told.push(gate.accepting),
    () => false,
    HOUR,
  );
  gate.reopen();
  const accepting = withResolvers();
  const refusing = withResolvers();
  const door = gate.counted({
    accept: () => accepting.promise,
    refuse: () =>
      refusing.promise.then(() => {
        throw new Error('no room');
      }),
    say: 'as it was',
  } as never) as Acceptor & { say: unknown };
  expect(door.say).toBe('as it was');
  const accepted = door.accept({} as never);
  const refused = door.refuse({} as never);
  expect(gate.accepting).toBe(2);
  const shut = gate.shut('replacing');
  accepting.resolve();
  await accepted;
  expect([gate.accepting, told]).toEqual([1, []]);
  expect(await isSettled(shut)).toBe(false);
  refusing.resolve();
  await expect(refused).rejects.toThrow('no room');
  expect([gate.accepting, told]).toEqual([0, [0]]);
  await shut;
});

test('who is done in time is not cut off, nor is who comes next', async () => {
  const gate = createRequestGate(nothing, () => false, 1);
  gate.reopen();
  const cut: string[] = [];
  const leave = gate.enter(() => cut.push('first'));
  const shut = gate.shut('replacing');
  expect(gate.closedFor).toBe('replacing');
  leave();
  await shut;
  gate.reopen();
  gate.enter(() => cut.push('next'));
  // Its time began later, and is as long.
  const other = createRequestGate(nothing, () => false, 1);
  const late = withResolvers();
  other.enter(late.resolve);
  void other.shut('replacing');
  await late.promise;
  expect(cut).toEqual([]);
});

test('a gateway that stops while it is replaced stays shut, and says so', async () => {
  const gate = createRequestGate(() => {});
  await gate.shut('shutting_down');
  await gate.shut('replacing');
  expect(gate.closedFor).toBe('shutting_down');
  gate.reopen();
  expect(gate.closedFor).toBe('shutting_down');
});
