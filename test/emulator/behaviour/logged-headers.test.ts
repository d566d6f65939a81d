import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { outgoingSample } from '../../../src/contract/samples.ts';
import { startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { type Received, startTestReceiver } from '../../support/receiver.ts';

/** What HTTP adds by itself, and the signature, which the log has apart. */
const APART = ['connection', 'content-length', 'x-webhook-signature'];

function sentHeaders({ headers }: Received): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !APART.includes(name)));
}

async function setUp() {
  const [here, there] = [await startTestReceiver(() => 500), await startTestReceiver()];
  const database = `${tempFolder()}/log.db`;
  const { control, postAndWait } = await startTestEmulator({ database }, here.url);
  const { trace } = await postAndWait('first-attempt');
  const origin = trace.deliveries[0]!.id;
  /** Of an attempt in the log, with lower-case names. */
  const loggedHeaders = async (delivery: string) => {
    const { request } = await control.logRecord(`${delivery}/1`);
    return Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
  };
  return { here, there, database, control, origin, loggedHeaders };
}

test('the log has the headers that were sent: of an event, of its replay elsewhere, of a test event', async () => {
  const { here, there, control, origin, loggedHeaders } = await setUp();
  expect(await loggedHeaders(origin)).toEqual(sentHeaders(here.received[0]!));

  const replay = await control.replay(origin, { to: there.url });
  expect(await loggedHeaders(replay.id)).toEqual(sentHeaders(there.received[0]!));
  expect(there.received[0]!.headers.host).not.toBe(here.received[0]!.headers.host);

  const sample = Buffer.from(JSON.stringify(outgoingSample('application.created')));
  const { delivery } = await control.sendTestEvent('test-ats', sample);
  // A test event that is sent again is one still.
  expect((await control.replay(delivery.id)).test).toBe(true);
  const sent = sentHeaders(here.received[1]!);
  expect(await loggedHeaders(delivery.id)).toEqual(sent);
  expect(sent).toMatchObject({ 'x-carvos-test': 'true', 'x-carv-event': 'application.created' });
});

test('headers that an earlier version logged are shown as it logged them', async () => {
  const { database, origin, loggedHeaders } = await setUp();
  const db = new Database(database);
  db.prepare('UPDATE log SET request_headers = ? WHERE delivery_id = ?').run(
    JSON.stringify({ 'User-Agent': 'earlier', 'X-Carv-Event': 'as it was', Host: 'as.it.was' }),
    origin,
  );
  db.close();
  expect(await loggedHeaders(origin)).toMatchObject({
    'user-agent': 'earlier',
    'x-carv-event': 'as it was',
    host: 'as.it.was',
  });
});
