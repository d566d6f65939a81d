import { expect, onTestFinished, test } from 'vitest';
import { insertDelivery } from '../../../src/emulator/store/deliveries.ts';
import { insertEvent } from '../../../src/emulator/store/events.ts';
import { insertLog, listLog, newLogRow } from '../../../src/emulator/store/log.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { sweepBatch } from '../../../src/emulator/store/sweep.ts';
import { sampleDelivery } from '../../support/sample-delivery.ts';

const OF_ALL = { ats_id: 'a', client_id: 'c', event: 'candidate.created' } as const;

/** A reference with a request, the same request again later, and two attempts of its delivery. */
function fill(references: string[]) {
  const store = openStore(':memory:');
  onTestFinished(() => store.close());
  for (const [index, reference_id] of references.entries()) {
    const id = `dlv_${reference_id}`;
    const event = { ...OF_ALL, reference_id, event_id: `e-${reference_id}`, user_id: null, target_id: null };
    const event_seq = insertEvent(
      store,
      { ...event, via: 'webhook', body: Buffer.from('{}'), body_hash: Buffer.from('x'), received_at: 0 },
      null,
    );
    store.sql("UPDATE job SET state = 'done'").run();
    insertDelivery(store, sampleDelivery({ id, reference_id, event_id: `out-${reference_id}` }));
    store.sql("UPDATE delivery SET state = 'delivered'").run();
    const log = (fields: Parameters<typeof newLogRow>[0]) =>
      insertLog(store, newLogRow({ ...OF_ALL, reference_id, ...fields }));
    log({ delivery_id: `in-${index}`, direction: 'incoming', event_seq, occurred_at: 10 });
    log({ delivery_id: id, direction: 'outgoing', number: 1, occurred_at: 20 });
    log({ delivery_id: id, direction: 'outgoing', number: 2, occurred_at: 30 });
    log({ delivery_id: `again-${index}`, direction: 'incoming', event_seq, occurred_at: 90 });
  }
  return store;
}

test('what stands under a reference in the log: its requests and its attempts, none of another', () => {
  const store = fill(['r1', 'r2', 'r3']);
  const times = (filter: Parameters<typeof listLog>[1]) =>
    listLog(store, { reference_id: 'r2', ...filter }, 10).map((row) => [row.reference_id, row.occurred_at]);
  expect(times({})).toEqual([
    ['r2', 90],
    ['r2', 30],
    ['r2', 20],
    ['r2', 10],
  ]);
  expect(times({ after: 0, direction: 'outgoing' })).toEqual([
    ['r2', 20],
    ['r2', 30],
  ]);
  expect(times({ since: 30, event: 'candidate.created' })).toEqual([
    ['r2', 90],
    ['r2', 30],
  ]);
  expect(listLog(store, { reference_id: 'nobody' }, 10)).toEqual([]);
});

test('an event stays while one of its requests is in the log, and goes with the last', () => {
  const store = fill(['r1']);
  const left = (table: string) => store.sql<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).get()!.n;
  expect(sweepBatch(store, 50, 0).deleted).toBe(3);
  expect([left('delivery'), left('event'), left('job'), left('log')]).toEqual([0, 1, 1, 1]);
  expect(sweepBatch(store, 500, 0).deleted).toBe(1);
  expect([left('event'), left('job'), left('log')]).toEqual([0, 0, 0]);
});
