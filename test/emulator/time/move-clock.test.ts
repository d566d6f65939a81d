import { expect, onTestFinished, test } from 'vitest';
import type { LogRecord } from '../../../src/contract/control.ts';
import type { Speed } from '../../../src/emulator/settings.ts';
import { createClockMoves } from '../../../src/emulator/time/move-clock.ts';
import { createScheduleClock } from '../../../src/emulator/time/schedule-clock.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';

const HOUR = 3_600_000;

/** Moves over attempts that are due at `dues`; each ends by itself, in its own time, unless `held`. */
function makeMoves(dues: number[], speed: Speed = 'manual') {
  let wall = 0;
  const clock = createScheduleClock(0, speed, () => wall);
  onTestFinished(clock.close);
  const log: string[] = [];
  const watching = new Set<(record: LogRecord) => void>();
  let inFlight = 0;
  let held = false;
  let looked = () => {};
  let ageing = Promise.resolve();
  const isDue = () => dues.length > 0 && dues[0]! <= clock.now();
  const moves = createClockMoves({
    clock: {
      ...clock,
      get mode() {
        return clock.mode;
      },
      jumpTo(time) {
        log.push(`jump ${time}`);
        clock.jumpTo(time);
      },
    },
    watchAttempts(listener) {
      watching.add(listener);
      return () => watching.delete(listener);
    },
    isBusy() {
      looked();
      return inFlight > 0 || isDue();
    },
    nextDue() {
      looked();
      return dues[0] ?? null;
    },
    age(ms) {
      log.push(`age ${ms}`);
      looked();
      return ageing;
    },
    async onAdvanced() {
      log.push('sweep');
    },
  });
  const end = (due: number) => {
    inFlight--;
    log.push(`made ${due}`);
    for (const listener of [...watching]) listener({ id: `${due}` } as LogRecord);
    moves.quiet();
  };
  const serve = () => {
    while (!held && isDue()) {
      const due = dues.shift()!;
      inFlight++;
      void Promise.resolve().then(() => end(due));
    }
  };
  clock.onChange(() => void Promise.resolve().then(serve));
  return {
    clock,
    moves,
    log,
    watching,
    pass(ms: number) {
      wall += ms;
    },
    hold() {
      held = true;
    },
    letGo() {
      held = false;
      serve();
    },
    whenLooked(work: () => void) {
      looked = work;
    },
    whileAgeing(until: Promise<void>) {
      ageing = until;
    },
  };
}

/** Lets everything that is ready to run do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('advance makes what is due on the way, ages by whole hours before it and by the rest after it, and then sweeps', async () => {
  const { moves, log, clock } = makeMoves([1000, HOUR, HOUR + 1, 3 * HOUR, 4 * HOUR, 4 * HOUR + 1]);
  const { fired } = await moves.advance(4 * HOUR);
  expect(log).toEqual([
    ...['jump 1000', 'made 1000'],
    ...[`age ${HOUR}`, `jump ${HOUR}`, `made ${HOUR}`],
    ...[`jump ${HOUR + 1}`, `made ${HOUR + 1}`],
    ...[`age ${2 * HOUR}`, `jump ${3 * HOUR}`, `made ${3 * HOUR}`],
    ...[`age ${HOUR}`, `jump ${4 * HOUR}`, `made ${4 * HOUR}`],
    ...['age 0', `jump ${4 * HOUR}`, 'sweep'],
  ]);
  expect(fired.map(({ id }) => id)).toEqual(['1000', HOUR, HOUR + 1, 3 * HOUR, 4 * HOUR].map(String));
  expect(clock.now()).toBe(4 * HOUR);
  for (const ms of [-1, Number.NaN]) expect(() => moves.advance(ms)).toThrow(RangeError);
});

test('next goes to the next due time and drain to the last; neither ages anything', async () => {
  const { moves, log } = makeMoves([2 * HOUR, 2 * HOUR, 5 * HOUR, 9 * HOUR]);
  expect((await moves.next()).fired).toHaveLength(2);
  expect((await moves.drain()).fired).toHaveLength(2);
  expect(await moves.next()).toEqual({ fired: [], unlisted: 0 });
  const made = [2, 2, 5, 9].map((hours) => `made ${hours * HOUR}`);
  const jumps = [2, 5, 9].map((hours) => `jump ${hours * HOUR}`);
  expect(log).toEqual([jumps[0], made[0], made[1], jumps[1], made[2], jumps[2], made[3]]);
});

test('of more than a thousand attempts a move lists the first thousand and counts the others', async () => {
  const { moves, watching } = makeMoves(Array.from({ length: 1002 }, (_, n) => n + 1));
  const { fired, unlisted } = await moves.drain();
  expect([fired.length, fired.at(-1)?.id, unlisted, watching.size]).toEqual([1000, '1000', 2, 0]);
});

test('the clock stands still while it is moved, and goes on then', async () => {
  const { moves, clock, pass, hold, letGo } = makeMoves([100], 1);
  hold();
  const moving = moves.next();
  await settle();
  expect(clock.now()).toBe(100);
  pass(500);
  expect(clock.now()).toBe(100);
  letGo();
  await moving;
  pass(500);
  expect(clock.now()).toBe(600);
});

test('a move waits for what was in flight before, does not list it, and begins where the one before ended', async () => {
  const { moves, log, hold, letGo, clock } = makeMoves([0, 500, 1000]);
  hold();
  const first = moves.advance(700);
  const second = moves.advance(300);
  await settle();
  expect(log).toEqual([]);
  letGo();
  expect((await first).fired.map(({ id }) => id)).toEqual(['500']);
  expect((await second).fired.map(({ id }) => id)).toEqual(['1000']);
  expect(clock.now()).toBe(1000);
});

test('the moves that wait fail with what makes the wait endless; the next goes on', async () => {
  const { moves, hold, letGo, watching } = makeMoves([500, 600]);
  hold();
  const move = moves.next();
  const behind = moves.next();
  await settle();
  moves.fail(new Error('gone'));
  await expect(move).rejects.toThrow('gone');
  await settle();
  letGo();
  expect((await behind).fired.map(({ id }) => id)).toEqual(['600']);
  expect(watching.size).toBe(0);
});

const ENDS = { replaced: 'replacing', close: 'shutting_down' } as const;

test.each(Object.keys(ENDS) as (keyof typeof ENDS)[])(
  'a move does nothing more after `%s`, whenever that comes',
  async (name) => {
    let isOver = false;
    for (let number = 1; !isOver; number++) {
      const made = makeMoves([100, HOUR, 2 * HOUR]);
      let looks = 0;
      let before: string[] = [];
      made.whenLooked(() => {
        // Between this look and what follows from it.
        if (++looks === number)
          void Promise.resolve().then(() => {
            made.moves[name]();
            before = [...made.log];
          });
      });
      const move = made.moves.advance(3 * HOUR);
      const ended = await move.then(
        () => null,
        (error) => error.code,
      );
      isOver = looks < number;
      if (isOver) expect(ended).toBeNull();
      else {
        expect(ended, `look ${number}`).toBe(ENDS[name]);
        const after = made.log.slice(before.length).filter((entry) => !entry.startsWith('made'));
        expect(after, `look ${number}`).toEqual([]);
      }
    }
  },
);

test.each(Object.keys(ENDS) as (keyof typeof ENDS)[])(
  'after `%s` a move that waits ends, and so does one that waits for its turn',
  async (name) => {
    const { moves, hold, clock } = makeMoves([500]);
    hold();
    const asked = [moves.drain(), moves.advance(1)];
    await settle();
    moves[name]();
    for (const move of asked) await expect(move).rejects.toMatchObject({ code: ENDS[name] });
    expect(clock.now()).toBe(500);
  },
);

test('after `replaced` a new move is made, and after `close` none', async () => {
  const { moves, clock } = makeMoves([]);
  moves.replaced();
  await moves.advance(5);
  expect(clock.now()).toBe(5);
  moves.close();
  await expect(moves.advance(5)).rejects.toMatchObject({ code: 'shutting_down' });
  expect(clock.now()).toBe(5);
});

test('at max the clock goes to what is due next whenever everything is quiet, and at no other speed', async () => {
  const { moves, clock, log, hold, letGo } = makeMoves([500, 900], 'max');
  hold();
  moves.quiet();
  expect(clock.now()).toBe(500);
  moves.quiet();
  expect(clock.now()).toBe(500);
  letGo();
  await settle();
  expect(log).toEqual(['jump 500', 'made 500', 'jump 900', 'made 900']);
  const manual = makeMoves([500]);
  manual.moves.quiet();
  expect(manual.clock.now()).toBe(0);
});

test('at max too a move goes its own way', async () => {
  const { moves, clock, whileAgeing } = makeMoves([2 * HOUR], 'max');
  const { promise, resolve } = withResolvers();
  whileAgeing(promise);
  const move = moves.advance(HOUR);
  await settle();
  moves.quiet();
  expect(clock.now()).toBe(0);
  resolve();
  await move;
  expect(clock.now()).toBe(HOUR);
  moves.quiet();
  expect(clock.now()).toBe(2 * HOUR);
});

test('what becomes pending while a move is at its end is made by it, where it is due by then', async () => {
  const dues: number[] = [];
  const { moves, log, whileAgeing } = makeMoves(dues);
  const { promise, resolve } = withResolvers();
  whileAgeing(promise);
  const move = moves.advance(HOUR);
  await settle();
  dues.push(HOUR - 1, HOUR + 1);
  resolve();
  expect((await move).fired.map(({ id }) => id)).toEqual([`${HOUR - 1}`]);
  expect(log).toEqual([`age ${HOUR}`, `jump ${HOUR}`, `made ${HOUR - 1}`, 'sweep']);
});
