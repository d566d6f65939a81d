// Claim -> sign -> POST -> attempt row, FULL; beside a raw undici Pool loop that sends the same requests and stores
// nothing. Each round starts both anew, and takes the first requests apart from the next ones, by which
// their code is compiled.
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { v7 } from 'uuid';
import { median, startGateway, startProcess } from './support.mjs';

export const BODY = Buffer.from(
  JSON.stringify({ event: 'candidate.created', data: { note: 'x'.repeat(400) } }),
);

export async function benchDelivery({ bundle, folder, count, rounds }) {
  const internals = await import(pathToFileURL(bundle).href);
  const receiver = await startProcess('server-receiver.mjs');
  const raw = [];
  const carvos = [];
  for (let round = 0; round < rounds; round++) {
    const loop = await startProcess('client-raw.mjs', receiver.url);
    raw.push(await measure(receiver, count, () => void loop.ask({ count: 2 * count + RUN_OUT })));
    await loop.stop();
    const database = join(folder, `delivery-${round}.db`);
    fillPending(internals, database, 2 * count + RUN_OUT);
    let gateway;
    const start = async () => {
      gateway = await startGateway(bundle, database, receiver.url);
    };
    carvos.push(await measure(receiver, count, start));
    await gateway.stop();
  }
  await receiver.stop();
  const compare = (phase) => ({
    rawPerSecond: median(raw.map((rates) => rates[phase])),
    carvosPerSecond: median(carvos.map((rates) => rates[phase])),
    ratio: median(carvos.map((rates, i) => rates[phase] / raw[i][phase])),
  });
  return { fromStart: compare(0), warm: compare(1) };
}

/** Requests beyond those that are measured, so that none of these is the last one's lonely tail. */
const RUN_OUT = 1000;

/** Requests a second of the first `count`, and of the next. */
async function measure(receiver, count, start) {
  const first = receiver.ask({ waitFor: count });
  await start();
  const fromStart = (count / (await first).ms) * 1000;
  const warm = (count / (await receiver.ask({ waitFor: count })).ms) * 1000;
  return [fromStart, warm];
}

export function fillPending(internals, database, count, { due = 0, lane = 'bench' } = {}) {
  const { openStore, insertDelivery, sampleDelivery } = internals;
  const store = openStore(database);
  store.db.pragma('synchronous = OFF');
  store.db.transaction(() => {
    for (let i = 0; i < count; i++) {
      const delivery = sampleDelivery({
        id: `dlv_${lane}_${String(i).padStart(9, '0')}`,
        ats_id: 'bench',
        client_id: 'acme-corp',
        reference_id: v7(),
        event_id: `evt_${String(i).padStart(16, '0')}`,
        lane,
        due: typeof due === 'function' ? due(i) : due,
        created_at: Date.now(),
        body: BODY,
      });
      insertDelivery(store, delivery);
    }
  })();
  store.close();
  // Otherwise the system writes it out while the benchmark runs.
  const file = openSync(database, 'r+');
  fsyncSync(file);
  closeSync(file);
}
