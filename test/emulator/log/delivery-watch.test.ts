import { expect, onTestFinished, test } from 'vitest';
import { criteriaOf } from '../../../src/contract/delivery-match.ts';
import { createLiveFeed } from '../../../src/emulator/live-feed.ts';
import { createDeliveryWatch } from '../../../src/emulator/log/delivery-watch.ts';
import { insertDelivery } from '../../../src/emulator/store/deliveries.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { sampleDelivery } from '../../support/sample-delivery.ts';

/** A database of settled deliveries, each with its number as score. */
function fill(count: number) {
  const store = openStore(':memory:');
  onTestFinished(() => store.close());
  const liveFeed = createLiveFeed();
  const clock = { now: () => 0, realUntil: () => null };
  const add = (number: number) => {
    const delivery = sampleDelivery({
      id: `dlv_${number}`,
      ats_id: 'demo-ats',
      client_id: 'acme-corp',
      reference_id: `ref-${number}`,
      event: 'application.created',
      event_id: `evt-${number}`,
      lane: 'demo-ats',
      body: Buffer.from(JSON.stringify({ status: 'success', data: { score: number } })),
    });
    insertDelivery(store, delivery);
    store.sql("UPDATE delivery SET state = 'delivered' WHERE id = ?").run(`dlv_${number}`);
  };
  store.db.transaction(() => {
    for (let number = 1; number <= count; number++) add(number);
  })();
  return { store, liveFeed, add, watch: createDeliveryWatch({ store, clock, liveFeed }) };
}

/** Counts turns of the event loop until it is stopped. */
function countTurns() {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  return {
    stop() {
      clearImmediate(next);
      return turns;
    },
  };
}

const never = new AbortController().signal;

test('who waits finds the last of many, and lets the gateway work meanwhile', async () => {
  const count = 12_000;
  const { watch } = fill(count);
  const turns = countTurns();
  const outcome = await watch.wait(criteriaOf(['data'], { score: count }), 60_000, never);
  expect(outcome).toMatchObject({ met: true, delivery: { id: `dlv_${count}` } });
  expect(turns.stop()).toBeGreaterThan(3);
});

test('the oldest that fits is found first, also where one comes while it is looked for', async () => {
  const { watch, liveFeed, add } = fill(11_000);
  const waiting = watch.wait(criteriaOf(['status'], 'success'), 60_000, never);
  const another = watch.wait([...criteriaOf(['data'], { score: 10_500 })], 60_000, never);
  add(10_500.5);
  liveFeed.touch('ref-10500.5');
  expect(await waiting).toMatchObject({ met: true, delivery: { id: 'dlv_1' } });
  expect(await another).toMatchObject({ met: true, delivery: { id: 'dlv_10500' } });
});

test('what comes later ends the wait; what never comes ends it with the closest', async () => {
  const { watch, liveFeed, add } = fill(3);
  const waiting = watch.wait(criteriaOf(['data'], { score: 4 }), 60_000, never);
  add(4);
  liveFeed.touch('ref-4');
  expect(await waiting).toMatchObject({ met: true, delivery: { id: 'dlv_4' } });
  const unmet = await watch.wait(
    [...criteriaOf(['event'], 'application.created'), ...criteriaOf(['data'], { score: 9 })],
    1,
    never,
  );
  expect(unmet).toMatchObject({ met: false, closest: { delivery: { id: 'dlv_4' } } });
  const other = await watch.wait(
    [...criteriaOf(['reference_id'], 'ref-1'), ...criteriaOf(['data'], { score: 3 })],
    1,
    never,
  );
  expect(other).toMatchObject({ met: false, closest: { delivery: { id: 'dlv_1' } } });
  const gone = new AbortController();
  const given = watch.wait(criteriaOf(['data'], { score: 10 }), 60_000, gone.signal);
  gone.abort();
  expect(await given).toBeNull();
});

test('many that changed at once are looked at in slices, too', async () => {
  const count = 8000;
  const { store, watch, liveFeed, add } = fill(0);
  const waiting = watch.wait(criteriaOf(['data'], { score: count }), 60_000, never);
  // Its first look, at nothing, is over.
  await new Promise((resolve) => setImmediate(resolve));
  store.db.transaction(() => {
    for (let number = 1; number <= count; number++) add(number);
  })();
  for (let number = 1; number <= count; number++) liveFeed.touch(`ref-${number}`);
  const turns = countTurns();
  expect(await waiting).toMatchObject({ met: true, delivery: { id: `dlv_${count}` } });
  expect(turns.stop()).toBeGreaterThan(5);
});
