import { statSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { type Advance, createRetention, retentionCutoff } from '../../../src/emulator/state/retention.ts';
import { insertEvent } from '../../../src/emulator/store/events.ts';
import { insertLog, newLogRow } from '../../../src/emulator/store/log.ts';
import { openStore, readMeta, writeMeta } from '../../../src/emulator/store/open-store.ts';
import { createScheduleClock } from '../../../src/emulator/time/schedule-clock.ts';
import { candidateCreated, postWebhook, startDelivering } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';

const DAY = 86_400_000;

function openTestStore(file = `${tempFolder()}/carvos.db`) {
  const store = openStore(file);
  onTestFinished(() => store.close());
  const count = (table: string) => store.sql<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).get()!.n;
  return { store, count };
}

test('the cutoff counts an advance only for what existed then', () => {
  const now = 100 * DAY;
  const advances: Advance[] = [
    { at: now - 5 * DAY, ms: 3 * DAY },
    { at: now - 2 * DAY, ms: 4 * DAY },
  ];
  // Against the definition: the age of something made at `t`.
  const age = (t: number) =>
    now - t + advances.filter((one) => one.at >= t).reduce((sum, one) => sum + one.ms, 0);
  for (const keep of [DAY, 3 * DAY, 6.5 * DAY, 7 * DAY, 9 * DAY, 12 * DAY, 20 * DAY]) {
    const cutoff = retentionCutoff(now, advances, keep);
    for (let t = now - 30 * DAY; t <= now; t += DAY / 8) {
      expect(
        t < cutoff || (t === cutoff && age(t) > keep),
        `kept ${keep / DAY} d, made ${(now - t) / DAY} d ago`,
      ).toBe(age(t) > keep);
    }
  }
  expect(retentionCutoff(now, [])).toBe(now - 7 * DAY);
});

test('what is older than seven days goes, in batches, with all that only it referred to', async () => {
  const { store, count } = openTestStore();
  const clock = createScheduleClock(0, 'manual');
  onTestFinished(() => clock.close());
  const now = Date.now();
  store.db.transaction(() => {
    for (let i = 0; i < 1800; i++) {
      const age = i < 1200 ? 8 * DAY : DAY;
      const reference_id = `ref-${i}`;
      const seq = insertEvent(
        store,
        {
          reference_id,
          ats_id: 'a',
          client_id: 'c',
          user_id: null,
          event: 'candidate.created',
          event_id: `e-${i}`,
          via: 'webhook',
          target_id: null,
          body: Buffer.from('{}'),
          body_hash: Buffer.from('x'),
          received_at: now - age,
        },
        null,
      );
      if (i >= 500 && i % 100 !== 7) store.sql("UPDATE job SET state = 'done' WHERE event_seq = ?").run(seq);
      insertLog(
        store,
        newLogRow({
          delivery_id: `in-${i}`,
          direction: 'incoming',
          outcome: 'success',
          occurred_at: now - age,
          url: '/',
          reference_id,
          event_seq: seq,
        }),
      );
    }
  })();
  const sizes: number[] = [];
  const { group } = store;
  const submit = group.submit.bind(group);
  group.submit = async (work) => {
    const before = count('log');
    const result = await submit(work);
    sizes.push(before - count('log'));
    return result;
  };
  const retention = createRetention({
    store,
    isBusy: () => false,
    onError: (error) => expect.fail(String(error)),
  });
  // Of 1200 old ones 507 have an open job, all of the first batch among them: they stay.
  expect(await retention.sweep()).toBe(693);
  expect([count('log'), count('event'), count('job')]).toEqual([1107, 1107, 1107]);
  expect(sizes.length).toBeGreaterThanOrEqual(3);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
  expect(await retention.sweep()).toBe(0);
});

test('clock advance ages what is there: settled things go, pending ones stay with their whole log', async () => {
  let failing = true;
  const { emulator, control, postAndWait } = await startDelivering({ respond: () => (failing ? 500 : 200) });
  const { reference_id: stuck } = await postAndWait('first-attempt');
  failing = false;
  const { reference_id: done } = await postAndWait('settled');
  await postWebhook(emulator.url, candidateCreated(), { secret: 'wrong' });
  await control.clockMove('pause');
  failing = true;

  // Paused, yet told to move: attempts 2 and 3 fail, 4 is due in 30 minutes.
  await control.clockMove({ advance: 10 * 60_000 });
  expect((await control.trace(stuck)).deliveries[0]).toMatchObject({ attempt_count: 3, state: 'pending' });
  await control.clockMove({ advance: 6.9 * DAY });
  expect((await control.trace(done)).settled).toBe(true);
  await control.clockMove({ advance: 0.2 * DAY });
  await expect(control.trace(done)).rejects.toMatchObject({ status: 404 });
  // The one that was stuck was exhausted on the way: its last attempts count as made now.
  const { items } = await control.log({ limit: 100 });
  expect(items.filter((one) => one.reference_id === done)).toEqual([]);
  expect(items.filter((one) => one.error?.code === 'mismatch')).toEqual([]);

  // Numbers are never given twice, so a new event is still processed.
  failing = false;
  const { trace } = await postAndWait('settled');
  expect(trace.deliveries[0]?.state).toBe('delivered');
});

test('the latest 500 moves of the clock are remembered, older ones together, and none that concerns only what is gone', async () => {
  const { store } = openTestStore(':memory:');
  const retention = createRetention({ store, isBusy: () => false, onError: () => {} });
  const advances = () => JSON.parse(readMeta(store.sql, 'advances')!) as Advance[];
  const moveAfter = async (before: Advance[], ms: number) => {
    writeMeta(store.sql, 'advances', JSON.stringify(before));
    await retention.age(ms);
    return advances();
  };
  const from = Date.now() - 5 * DAY;
  const many = Array.from({ length: 501 }, (_, index) => ({ at: from + index * 1000, ms: 10 + index }));
  const kept = await moveAfter(many, 7);
  // What came between the first three is called younger than it is, so that nothing goes too early.
  expect(kept.slice(0, -1)).toEqual([{ at: from, ms: 10 + 11 + 12 }, ...many.slice(3)]);
  expect(kept.at(-1)).toMatchObject({ ms: 7 });
  expect(await moveAfter([{ at: from, ms: 1 }], 8 * DAY)).toMatchObject([{ ms: 8 * DAY }]);
});

test('one long advance does not delete the attempts that it has just made', async () => {
  const { control, postAndWait } = await startDelivering({ respond: () => 500, speed: 'manual' });
  const { reference_id: reference } = await postAndWait('first-attempt');
  const { fired } = await control.clockMove({ advance: 7 * DAY + 60_000 });
  expect(fired.map((record) => record.step)).toEqual([2, 3, 4, 5]);
  // The last is as old as the rest of the way: 6 days and 21 hours.
  const [delivery] = (await control.trace(reference)).deliveries;
  expect(delivery).toMatchObject({ state: 'exhausted', attempt_count: 5 });
  expect(delivery!.attempts.map((record) => record.step)).toContain(5);
  await control.clockMove({ advance: 7 * DAY });
  await expect(control.trace(reference)).rejects.toMatchObject({ status: 404 });
});

test('a pending delivery and its log are never swept', async () => {
  const { emulator, control, postAndWait } = await startDelivering({
    respond: () => 500,
    database: `${tempFolder()}/carvos.db`,
  });
  await postAndWait('first-attempt');
  const { database } = await control.status();
  await emulator.close();

  const { store, count } = openTestStore(database);
  store.sql('UPDATE log SET occurred_at = occurred_at - ?').run(30 * DAY);
  const retention = createRetention({ store, isBusy: () => false, onError: () => {} });
  await retention.sweep();
  expect(
    store.sql<{ n: number }>("SELECT count(*) AS n FROM log WHERE direction = 'outgoing'").get()!.n,
  ).toBe(1);
  expect([count('delivery'), count('delivery_body'), count('event')]).toEqual([1, 1, 1]);
  store.sql("UPDATE delivery SET state = 'exhausted'").run();
  await retention.sweep();
  expect(['log', 'delivery', 'delivery_body', 'event', 'job'].map(count)).toEqual([0, 0, 0, 0, 0]);
});

test('the WAL is folded in when nothing is in flight, and not while something is', async () => {
  const { store } = openTestStore();
  let busy = true;
  let asked = 0;
  const wal = () => statSync(`${store.file}-wal`).size;
  const database = () => statSync(store.file).size;
  const retention = createRetention({
    store,
    isBusy: () => {
      asked += 1;
      return busy;
    },
    onError: (error) => expect.fail(String(error)),
    checkpointEveryMs: 5,
  });
  onTestFinished(() => retention.stop());
  retention.start();
  const put = (key: string, bytes: number) =>
    store.group.submit(() => store.sql('INSERT INTO meta VALUES (?, ?)').run(key, 'x'.repeat(bytes)));
  const empty = database();
  await put('a', 100_000);
  const size = wal();
  expect(size).toBeGreaterThan(100_000);
  // The timer came round, with something to fold in, and was told that it may not.
  const before = asked;
  await expect.poll(() => asked, { interval: 5 }).toBeGreaterThan(before + 2);
  expect(database()).toBe(empty);
  busy = false;
  await expect.poll(database).toBeGreaterThan(100_000);
  // What comes next is written over what was folded in: a file that grows takes longer to flush.
  busy = true;
  await put('b', 10);
  expect(wal()).toBe(size);
});

test('a WAL that has grown large is folded in while something is in flight', async () => {
  const { store } = openTestStore();
  const wal = () => statSync(`${store.file}-wal`).size;
  const retention = createRetention({
    store,
    isBusy: () => true,
    onError: (error) => expect.fail(String(error)),
    checkpointEveryMs: 5,
  });
  onTestFinished(() => retention.stop());
  store.sql("INSERT INTO meta VALUES ('a', ?)").run('x'.repeat(34 * 1024 * 1024));
  expect(wal()).toBeGreaterThan(32 * 1024 * 1024);
  retention.start();
  await expect.poll(wal).toBe(0);
});
