import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createDeliveryEngine, type EngineParts } from '../../../src/emulator/delivery/engine.ts';
import { createScheduleClock } from '../../../src/emulator/time/schedule-clock.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';

interface Row {
  id: number;
  receiver: string;
  due: number;
  claimed: boolean;
}

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0)) await undo();
});

/** An engine over a list in memory; attempts end when the test says so. */
function makeEngine(options: {
  perReceiver: number;
  overall: number;
  parts?: Partial<EngineParts<Row, number | null>>;
}) {
  const { perReceiver, overall, parts } = options;
  const clock = createScheduleClock(0, 'manual');
  const rows: Row[] = [];
  const running = new Map<Row, (due: number | null) => void>();
  const errors: unknown[] = [];
  let changed = () => {};
  let highest = 0;
  const unclaimed = (receiver: string) => rows.filter((row) => row.receiver === receiver && !row.claimed);
  const engine = createDeliveryEngine<Row, number | null>({
    clock,
    bounds: { perReceiver, overall },
    lanes: () => [...new Set(rows.map((row) => row.receiver))],
    nextDue: (receiver) =>
      unclaimed(receiver).reduce<number | null>((min, { due }) => Math.min(min ?? due, due), null),
    isPaused: () => false,
    async claim(receiver, now, limit) {
      const got = unclaimed(receiver)
        .filter((row) => row.due <= now())
        .slice(0, limit());
      for (const row of got) row.claimed = true;
      return got;
    },
    send: (row) =>
      new Promise((resolve) => {
        running.set(row, (due) => {
          running.delete(row);
          resolve(due);
          changed();
        });
        highest = Math.max(highest, running.size);
        changed();
      }),
    async record(row, due) {
      if (due === null) rows.splice(rows.indexOf(row), 1);
      else Object.assign(row, { due, claimed: false });
      changed();
      return due;
    },
    onError: (error) => {
      errors.push(error);
      changed();
    },
    ...parts,
  });
  engine.onQuiet(() => changed());
  cleanUp.push(
    () => clock.close(),
    () => engine.stop(0),
  );
  let id = 0;
  return {
    clock,
    engine,
    rows,
    running,
    errors,
    get highest() {
      return highest;
    },
    add(receiver: string, count = 1, due = 0) {
      for (let n = 0; n < count; n++) rows.push({ id: ++id, receiver, due, claimed: false });
    },
    runningOf: (receiver: string) => [...running.keys()].filter((row) => row.receiver === receiver),
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        changed = () => {
          if (condition()) resolve();
        };
        changed();
      }),
    endAll() {
      for (const end of [...running.values()]) end(null);
    },
  };
}

/** Lets everything that is ready to run do so: what has not happened then, will not. */
async function settle() {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('never more than perReceiver are in flight, and each row is attempted once', async () => {
  const made = makeEngine({ perReceiver: 4, overall: 100 });
  made.add('a', 50);
  made.engine.start();
  await made.until(() => made.running.size === 4);
  await settle();
  expect(made.running.size).toBe(4);
  while (made.rows.length > 0) {
    await made.until(() => made.running.size > 0);
    made.endAll();
    await settle();
  }
  expect(made.highest).toBe(4);
  expect(made.engine.isBusy()).toBe(false);
  expect(made.engine.nextDue()).toBeNull();
});

test('a receiver that hangs with many rows due costs another nothing', async () => {
  const made = makeEngine({ perReceiver: 8, overall: 8 });
  made.add('hung', 1000);
  made.engine.start();
  await made.until(() => made.running.size === 8);
  await settle();
  made.add('well');
  made.engine.wake('well', 0);
  await made.until(() => made.runningOf('well').length === 1);
  expect(made.runningOf('hung')).toHaveLength(8);
});

test('the overall bound holds over many receivers, save one attempt for each', async () => {
  const made = makeEngine({ perReceiver: 10, overall: 12 });
  for (const name of ['a', 'b', 'c', 'd']) made.add(name, 20);
  made.engine.start();
  await made.until(() => made.runningOf('d').length > 0);
  await settle();
  expect(made.running.size).toBeLessThanOrEqual(12 + 3);
  for (const name of ['a', 'b', 'c', 'd']) expect(made.runningOf(name).length).toBeGreaterThan(0);
});

test('nothing is attempted before its time, and it is as soon as the clock is there', async () => {
  const made = makeEngine({ perReceiver: 4, overall: 4 });
  made.add('a', 1, 60_000);
  made.engine.start();
  await settle();
  expect(made.running.size).toBe(0);
  expect(made.engine.nextDue()).toBe(60_000);
  made.clock.jumpTo(59_999);
  await settle();
  expect(made.running.size).toBe(0);
  made.clock.jumpTo(60_000);
  await made.until(() => made.running.size === 1);
  [...made.running.values()][0]!(360_000);
  await made.until(() => made.engine.nextDue() === 360_000);
  expect(made.engine.isBusy()).toBe(false);
});

test('what comes due between two looks at the clock is attempted', async () => {
  // Each look moves this clock on by a millisecond, so that one of the due times lies between any two of them.
  let looks = 0;
  const clock = createScheduleClock(0, 1, () => looks++);
  cleanUp.push(clock.close);
  const made = makeEngine({ perReceiver: 10, overall: 10, parts: { clock } });
  made.engine.start();
  for (let ahead = 1; ahead <= 10; ahead++) {
    const due = clock.now() + ahead;
    made.add('a', 1, due);
    made.engine.wake('a', due);
    await made.until(() => made.running.size === 1);
    made.endAll();
    await made.until(() => made.rows.length === 0);
  }
});

test('the earliest due time counts, over attempts of a receiver and over receivers', async () => {
  const made = makeEngine({ perReceiver: 4, overall: 4 });
  made.add('a', 2);
  made.add('b', 1, 90_000);
  made.engine.start();
  await made.until(() => made.running.size === 2);
  const [sooner, later] = [...made.running.values()];
  sooner!(60_000);
  await settle();
  expect(made.engine.nextDue()).toBe(60_000);
  later!(360_000);
  await settle();
  expect(made.engine.nextDue()).toBe(60_000);
  made.clock.jumpTo(60_000);
  await made.until(() => made.running.size === 1);
  expect(made.engine.nextDue()).toBe(90_000);
  made.clock.jumpTo(90_000);
  await made.until(() => made.runningOf('b').length === 1);
});

test('who was served goes to the end, so that receivers share what room there is', async () => {
  const made = makeEngine({ perReceiver: 4, overall: 4 });
  for (const name of ['a', 'b', 'c']) made.add(name, 100);
  made.engine.start();
  const ended: Record<string, number> = { a: 0, b: 0, c: 0 };
  for (let n = 0; n < 120; n++) {
    await made.until(() => made.running.size > 0);
    const [row, end] = [...made.running][0]!;
    ended[row.receiver]! += 1;
    end(null);
    await settle();
  }
  expect(Math.max(...Object.values(ended)) - Math.min(...Object.values(ended))).toBeLessThan(12);
});

test('a transaction that runs again takes the room once', async () => {
  const rows: Row[] = [1, 2, 3, 4].map((id) => ({ id, receiver: 'a', due: 0, claimed: false }));
  const asked: number[] = [];
  const made = makeEngine({
    perReceiver: 2,
    overall: 2,
    parts: {
      claim: async (_receiver, _now, limit) => {
        asked.push(limit(), limit());
        return rows.splice(0, limit());
      },
      nextDue: () => (rows.length > 0 ? 0 : null),
      record: async () => null,
    },
  });
  made.add('a');
  made.engine.start();
  await made.until(() => made.running.size === 2);
  await settle();
  expect(asked).toEqual([2, 2]);
  made.endAll();
  await made.until(() => made.running.size === 2);
  made.endAll();
  await settle();
  expect(made.engine.isBusy()).toBe(false);
});

test('stop does not wait before another try of a claim that failed', async () => {
  let fail = (_error: Error) => {};
  const claiming = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const made = makeEngine({ perReceiver: 4, overall: 4, parts: { claim: () => claiming } });
  made.add('a');
  made.engine.start();
  await settle();
  let stopped = false;
  const stopping = made.engine.stop(60_000).then(() => {
    stopped = true;
  });
  fail(new Error('disk full'));
  await settle();
  expect(stopped).toBe(true);
  await stopping;
  expect(made.errors).toHaveLength(1);
});

test('stop ends the pause after a claim that failed, and waits for what is being written down', async () => {
  const { promise: writing, resolve: write } = withResolvers<null>();
  const parts: Partial<EngineParts<Row, number | null>>[] = [
    { claim: () => Promise.reject(new Error('disk full')) },
    { send: async () => null, record: ({ id }) => (id === 1 ? writing : Promise.resolve(null)) },
  ];
  const stopped: [number, boolean][] = [];
  for (const [index, one] of parts.entries()) {
    const made = makeEngine({ perReceiver: 1, overall: 1, parts: one });
    made.add('a', 2);
    made.engine.start();
    await settle();
    expect(made.engine.isBusy()).toBe(true);
    if (index === 1) expect(await made.engine.stop(1)).toBe(false);
    void made.engine.stop(2 ** 31).then((isDone) => stopped.push([index, isDone]));
  }
  await settle();
  expect(stopped).toEqual([[0, true]]);
  write(null);
  await settle();
  expect(stopped).toEqual([
    [0, true],
    [1, true],
  ]);
});

test('what a paused receiver waits for is neither attempted nor due', async () => {
  let isPaused = true;
  const made = makeEngine({ perReceiver: 4, overall: 4, parts: { isPaused: () => isPaused } });
  made.add('a');
  made.engine.start();
  await settle();
  expect([made.running.size, made.engine.isBusy(), made.engine.nextDue()]).toEqual([0, false, null]);
  isPaused = false;
  made.engine.recheck();
  await made.until(() => made.running.size === 1);
});

test('a due time further away than a timer reaches is waited for in parts', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => warnings.push(name);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const made = makeEngine({ perReceiver: 4, overall: 4 });
  made.clock.setSpeed(1);
  made.add('a', 1, 2 ** 40);
  made.add('b');
  made.engine.start();
  await made.until(() => made.running.size === 1);
  void made.engine.stop(2 ** 40);
  await settle();
  expect(warnings).not.toContain('TimeoutOverflowWarning');
});

test('stop waits for what is in flight, and not for ever', async () => {
  const made = makeEngine({ perReceiver: 4, overall: 4 });
  made.add('a', 2);
  made.engine.start();
  await made.until(() => made.running.size === 2);
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  let stopped = false;
  const stopping = made.engine.stop(60_000).then((isDone) => {
    stopped = true;
    return isDone;
  });
  for (const end of [...made.running.values()]) {
    await settle();
    expect([stopped, made.engine.isBusy()]).toEqual([false, true]);
    end(null);
  }
  expect(await stopping).toBe(true);
  // One that is left would keep the process for a minute.
  expect(timers()).toBeLessThanOrEqual(before);
  expect(await made.engine.stop(2 ** 31)).toBe(true);

  const hung = makeEngine({ perReceiver: 4, overall: 4 });
  hung.add('a');
  hung.engine.start();
  await hung.until(() => hung.running.size === 1);
  expect(await hung.engine.stop(10)).toBe(false);
});

test('after a stop nothing is begun, and what could not be written down is no error', async () => {
  const made = makeEngine({
    perReceiver: 1,
    overall: 1,
    parts: { record: () => Promise.reject(new Error('the database is closed')) },
  });
  made.add('a');
  made.engine.start();
  await made.until(() => made.running.size === 1);
  made.add('b');
  made.engine.wake('b', 0);
  await made.engine.stop(1);
  await settle();
  expect(made.runningOf('b')).toEqual([]);
  made.endAll();
  await settle();
  expect(made.errors).toEqual([]);
});

test('begun again, it forgets what is no longer there, and takes the retry of what was in flight', async () => {
  const made = makeEngine({ perReceiver: 4, overall: 4 });
  made.add('a');
  made.add('gone', 1, 60_000);
  made.engine.start();
  await made.until(() => made.running.size === 1);
  await made.engine.stop(1);
  made.rows.splice(1);
  made.engine.start();
  expect(made.engine.nextDue()).toBeNull();
  for (const end of made.running.values()) end(90_000);
  await settle();
  expect(made.engine.nextDue()).toBe(90_000);
});

test('the timer is for the earliest that is not due yet: what waits for room does not spin', async () => {
  const made = makeEngine({ perReceiver: 1, overall: 1 });
  const looks = vi.spyOn(made.clock, 'realUntil');
  made.clock.setSpeed(1);
  made.add('hung', 2);
  made.add('soon', 1, 50);
  made.add('later', 1, 2 ** 40);
  made.engine.start();
  await made.until(() => made.runningOf('soon').length === 1);
  expect(looks.mock.calls.length).toBeLessThan(15);
});

test('stop ends too when the claim in flight finds nothing', async () => {
  const { promise: claiming, resolve: release } = withResolvers();
  const made = makeEngine({
    perReceiver: 4,
    overall: 4,
    parts: { claim: () => claiming.then(() => []) },
  });
  made.add('a');
  made.engine.start();
  await settle();
  expect(made.engine.isBusy()).toBe(true);
  const stopping = made.engine.stop(60_000);
  release();
  await stopping;
});

test('a claim that fails is tried again after a pause, without spinning', async () => {
  let fails = 0;
  const rows: Row[] = [{ id: 1, receiver: 'a', due: 0, claimed: false }];
  const made = makeEngine({
    perReceiver: 4,
    overall: 4,
    parts: {
      claim: async () => {
        if (fails++ < 1) throw new Error('disk full');
        return rows.splice(0);
      },
    },
  });
  made.add('a');
  made.engine.start();
  await made.until(() => made.errors.length === 1);
  made.engine.recheck();
  await settle();
  expect(fails).toBe(1);
  await made.until(() => made.running.size === 1);
  expect(made.errors).toHaveLength(1);
});

test('an attempt that cannot be recorded is reported and gives its place back', async () => {
  const made = makeEngine({
    perReceiver: 1,
    overall: 1,
    parts: {
      send: async () => null,
      record: async (row) => {
        throw new Error(`attempt ${row.id}`);
      },
    },
  });
  made.add('a', 3);
  made.engine.start();
  await made.until(() => made.errors.length === 3);
  await settle();
  expect(made.engine.isBusy()).toBe(false);
});
