import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createJobQueue, type QueuedJob } from '../../../src/emulator/processing/job-queue.ts';

function job(seq: number, writes: string, reads: string[] = []): QueuedJob {
  return { seq, presetError: null, writes, reads };
}

test('jobs of one entity run one after the other, in order', () => {
  const queue = createJobQueue();
  const [first, second, third] = [job(1, 'c1'), job(2, 'c1'), job(3, 'c1')];
  for (const one of [first, second, third]) queue.add(one);
  expect(queue.take()).toBe(first);
  expect(queue.take()).toBeUndefined();
  queue.done(first);
  expect(queue.take()).toBe(second);
  queue.done(second);
  expect(queue.take()).toBe(third);
  queue.done(third);
  expect(queue.size).toBe(0);
});

test('an application waits for its candidate and its vacancy, not for another application', () => {
  const queue = createJobQueue();
  const [candidate, vacancy] = [job(1, 'c1'), job(2, 'v1')];
  const [one, two] = [job(3, 'a1', ['c1', 'v1']), job(4, 'a2', ['v1'])];
  for (const each of [candidate, vacancy, one, two]) queue.add(each);
  expect([queue.take(), queue.take(), queue.take()]).toEqual([candidate, vacancy, undefined]);
  queue.done(vacancy);
  expect([queue.take(), queue.take()]).toEqual([two, undefined]);
  queue.done(candidate);
  expect(queue.take()).toBe(one);
});

/** What the contract says, word by word: no earlier open job may write what this one writes or reads. */
function mayRun(one: QueuedJob, open: QueuedJob[]): boolean {
  const keys = new Set([one.writes, ...one.reads]);
  return !open.some((earlier) => earlier.seq < one.seq && keys.has(earlier.writes));
}

const entity = fc.constantFrom('c1', 'c2', 'v1', 'a1', 'a2');
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), writes: entity, reads: fc.array(entity, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constant('done' as const), which: fc.nat() }),
);

test('it gives out exactly what a naive model allows, whatever the order of adding, taking and ending', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = createJobQueue();
      let open: QueuedJob[] = [];
      let taken: QueuedJob[] = [];
      let seq = 0;
      const take = () => {
        const runnable = open.filter((one) => !taken.includes(one) && mayRun(one, open));
        const got = queue.take();
        if (runnable.length === 0) expect(got).toBeUndefined();
        else expect(runnable).toContain(got);
        if (got) taken.push(got);
        return got;
      };
      const end = (which: number) => {
        const one = taken[which % taken.length]!;
        taken = taken.filter((each) => each !== one);
        open = open.filter((each) => each !== one);
        queue.done(one);
      };
      for (const each of steps) {
        if (each.kind === 'add') {
          const added = job(++seq, each.writes, each.reads);
          open.push(added);
          queue.add(added);
        } else if (each.kind === 'take') take();
        else if (taken.length > 0) end(each.which);
        expect(queue.size).toBe(open.length);
      }
      // Nothing is ever stuck: taking and ending in turn empties it.
      while (open.length > 0) {
        while (take());
        end(0);
      }
      expect(queue.size).toBe(0);
    }),
    { numRuns: 300 },
  );
});
