import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FaultRule } from '../../../src/contract/fault-rule.ts';
import { decideFault, type FaultMoment, matchesFault } from '../../../src/emulator/faults/decide-fault.ts';

const moment: fc.Arbitrary<FaultMoment> = fc.record({
  on: fc.constantFrom('delivery', 'ingress'),
  atsId: fc.string({ maxLength: 10 }),
  clientId: fc.string({ maxLength: 10 }),
  incomingId: fc.string({ maxLength: 20 }),
  event: fc.constantFrom('candidate.created', 'vacancy.updated'),
  attempt: fc.integer({ min: 1, max: 5 }),
});

test('the share is met over 10,000 decisions, whatever seed, share and id', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 31 }),
      fc.double({ min: 0.02, max: 0.98, noNaN: true }),
      fc.string({ minLength: 1, maxLength: 12 }),
      (seed, share, id) => {
        const rule = FaultRule.parse({ kind: 'stale', share });
        let applied = 0;
        for (let index = 0; index < 10_000; index++) {
          const one = { atsId: 'a', clientId: 'c', event: 'candidate.created', attempt: 1 };
          applied += decideFault(seed, id, rule, { ...one, on: 'delivery', incomingId: `evt-${index}` })
            ? 1
            : 0;
        }
        // Five standard deviations are less than 250.
        expect(Math.abs(applied - share * 10_000)).toBeLessThan(250);
      },
    ),
    { numRuns: 15 },
  );
});

test('a decision depends on the moment alone, not on what was decided before or the order', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(moment, { minLength: 2, maxLength: 30 }), (seed, moments) => {
      const rule = FaultRule.parse({ kind: 'slow', share: 0.5 });
      const forward = moments.map((one) => decideFault(seed, 'r', rule, one));
      const backward = [...moments].reverse().map((one) => decideFault(seed, 'r', rule, { ...one }));
      expect(backward.reverse()).toEqual(forward);
    }),
  );
});

test('each part of the moment, the seed and the id count in the decision', () => {
  const rule = FaultRule.parse({ kind: 'slow', share: 0.5 });
  const base: FaultMoment = {
    on: 'delivery',
    atsId: 'a',
    clientId: 'c',
    incomingId: 'evt',
    event: 'candidate.created',
    attempt: 1,
  };
  const decisions = (change: (index: number) => [number, string, Partial<FaultMoment>]) =>
    Array.from({ length: 64 }, (_, index) => {
      const [seed, id, part] = change(index);
      return decideFault(seed, id, rule, { ...base, ...part });
    });
  const changes: ((index: number) => [number, string, Partial<FaultMoment>])[] = [
    (index) => [index, 'r', {}],
    (index) => [1, `r${index}`, {}],
    (index) => [1, 'r', { atsId: `a${index}` }],
    (index) => [1, 'r', { clientId: `c${index}` }],
    (index) => [1, 'r', { incomingId: `evt${index}` }],
    (index) => [1, 'r', { event: `e${index}` }],
    (index) => [1, 'r', { attempt: index }],
  ];
  for (const change of changes) expect(new Set(decisions(change)).size).toBe(2);
  const replayed = decisions((index) => [1, 'r', { attempt: index, replay: true }]);
  expect(replayed).not.toEqual(decisions(changes.at(-1)!));
  // Parts do not run into each other.
  expect(decisions((index) => [1, 'r', { atsId: `${index}x`, clientId: 'y' }])).not.toEqual(
    decisions((index) => [1, 'r', { atsId: `${index}`, clientId: 'xy' }]),
  );
});

test('first: exactly the attempts up to it; never a replay', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), moment, (first, one) => {
      const rule = FaultRule.parse({ kind: 'slow', first });
      expect(decideFault(1, 'r', rule, one)).toBe(one.attempt <= first);
      expect(decideFault(1, 'r', rule, { ...one, replay: true })).toBe(false);
    }),
  );
});

test('a rule without conditions matches all there, and nothing elsewhere', () => {
  fc.assert(
    fc.property(moment, (one) => {
      expect(matchesFault(FaultRule.parse({ kind: 'slow', on: one.on }), one)).toBe(true);
      const elsewhere = one.on === 'ingress' ? 'delivery' : 'ingress';
      expect(matchesFault(FaultRule.parse({ kind: 'slow', on: elsewhere }), one)).toBe(false);
    }),
  );
});
