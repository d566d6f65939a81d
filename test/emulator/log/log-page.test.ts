import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type LogPage, LogQuery } from '../../../src/contract/control.ts';
import { readLogPage } from '../../../src/emulator/log/page.ts';
import { openLogReader } from '../../../src/emulator/log/reader.ts';
import { insertLog, newLogRow } from '../../../src/emulator/store/log.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { candidateCreated, postWebhook, startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';

/** A gateway whose log has one record per given first name, oldest first. */
async function withLog(names: string[], overrides = {}) {
  const { emulator, control } = await startTestEmulator(overrides);
  for (const first_name of names) {
    await postWebhook(emulator.url, candidateCreated({ first_name, client_id: 'nobody' }));
  }
  return { emulator, control };
}

test('pages go on in both directions without a hole', async () => {
  const { control } = await withLog(['a', 'b', 'c', 'd', 'e']);
  const all = (await control.log()).items.map((one) => one.id);
  expect(all).toHaveLength(5);
  const down: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await control.log({ limit: 2, cursor });
    down.push(...page.items.map((one) => one.id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  expect(down).toEqual(all);
  let up: string[] = [];
  let after: string | undefined = '0';
  do {
    const page = await control.log({ limit: 2, after });
    up = [...page.items.map((one) => one.id), ...up];
    after = page.next_cursor ?? undefined;
  } while (after);
  expect(up).toEqual(all);
});

test('newer_cursor leads to exactly what came since', async () => {
  const { emulator, control } = await withLog(['a', 'b']);
  const first = await control.log();
  expect((await control.log({ after: first.newer_cursor })).items).toEqual([]);
  await postWebhook(emulator.url, candidateCreated({ client_id: 'nobody' }));
  const second = await control.log({ after: first.newer_cursor });
  expect(second.items[0]?.id).not.toBe(first.items[0]?.id);
  expect((await control.log({ after: second.newer_cursor })).items).toEqual([]);
});

test('text is found in bodies and fields, in any case, with pages', async () => {
  const { control } = await withLog(['Needle one', 'other', 'NEEDLE two', 'other', 'needle three']);
  const found = await control.log({ text: 'needle' });
  expect(found.items).toHaveLength(3);
  const first = await control.log({ text: 'needle', limit: 1 });
  const rest = await control.log({ text: 'needle', cursor: first.next_cursor ?? '' });
  expect([...first.items, ...rest.items].map((one) => one.id)).toEqual(found.items.map((one) => one.id));
  const id = found.items[0]!.delivery_id;
  expect((await control.log({ text: id.toUpperCase() })).items.map((one) => one.delivery_id)).toEqual([id]);
  expect((await control.log({ text: '404' })).items).toHaveLength(5);
  expect((await control.log({ text: 'needle', outcome: 'success' })).items).toEqual([]);
  expect((await control.log({ text: 'absent' })).next_cursor).toBeNull();
});

test('a search gives way to the gateway, however large the bodies are', async () => {
  const { emulator, control } = await startTestEmulator();
  const body = 'x'.repeat(900_000);
  for (let i = 0; i < 60; i++)
    await postWebhook(emulator.url, candidateCreated({ first_name: body, client_id: 'nobody' }));
  const asked = control.log({ text: 'not in there' });
  let turns = 0;
  let done = false;
  void asked.then(() => {
    done = true;
  });
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  let page = await asked;
  while (page.next_cursor !== null) {
    page = await control.log({ text: 'not in there', cursor: page.next_cursor });
  }
  expect(page.items).toEqual([]);
  // No turn of the event loop took all of it.
  expect(turns).toBeGreaterThan(1);
});

test('a cursor that is none of ours is refused', async () => {
  const { control } = await withLog([]);
  await expect(control.log({ after: 'x' })).rejects.toMatchObject({ status: 400 });
});

test('a database is read without a gateway, and not changed by it', async () => {
  const database = join(tempFolder(), 'carvos.db');
  const { emulator, control } = await withLog(['Jane'], { database });
  const live = await control.log();
  await emulator.close();
  const reader = await openLogReader(database);
  const read = await reader.log({});
  expect(read.items).toEqual(live.items);
  expect(reader.delivery(live.items[0]!.delivery_id)?.body.text).toContain('Jane');
  expect(reader.logRecord(live.items[0]!.id)?.response?.status).toBe(404);
  reader.close();
  await expect(openLogReader(join(tempFolder(), 'absent.db'))).rejects.toThrow(/absent\.db/);
});

test('a filter that few of many records fit gives way to the gateway, and finds all', async () => {
  const folder = tempFolder();
  const store = openStore(join(folder, 'many.db'));
  onTestFinished(() => store.close());
  const rare = [1, 60_000, 60_001, 199_999];
  store.db.transaction(() => {
    for (let i = 1; i <= 200_000; i++) {
      const outcome = rare.includes(i) ? 'failure' : 'success';
      insertLog(
        store,
        newLogRow({ delivery_id: `dlv_${i}`, direction: 'outgoing', outcome, occurred_at: i }),
      );
    }
  })();
  const clock = { now: () => 0, realUntil: () => null };
  const ids = async (query: Partial<LogQuery>) => {
    let turns = 0;
    let page: LogPage | null | undefined;
    void readLogPage(store, clock, LogQuery.parse(query)).then((found) => {
      page = found;
    });
    while (page === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    expect(page!.next_cursor).toBeNull();
    return { ids: page!.items.map((item) => Number(item.cursor)), turns };
  };
  const down = await ids({ outcome: 'failure' });
  expect(down.ids).toEqual([...rare].reverse());
  // At most 50,000 records in a turn.
  expect(down.turns).toBeGreaterThanOrEqual(4);
  expect((await ids({ outcome: 'failure', after: '60000' })).ids).toEqual([199_999, 60_001]);
  expect((await ids({ outcome: 'failure', cursor: '60001' })).ids).toEqual([60_000, 1]);
  const none = await ids({ direction: 'incoming' });
  expect(none.ids).toEqual([]);
  expect(none.turns).toBeGreaterThanOrEqual(4);
  // Nobody waits any more: it ends long before the log does.
  const gone = new AbortController();
  const asked = readLogPage(store, clock, LogQuery.parse({ direction: 'incoming' }), gone.signal);
  gone.abort();
  expect((await asked)!.searched_to).toBeNull();
});
