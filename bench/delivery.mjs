// Claim -> sign -> POST -> attempt row, FULL; beside a raw undici Pool loop that stores nothing.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Pool } from 'undici';
import { v7 } from 'uuid';
import { median, startProcess } from './support.mjs';

const BODY = Buffer.from(JSON.stringify({ event: 'candidate.created', data: { note: 'x'.repeat(400) } }));

export async function benchDelivery({ bundle, folder, count, rounds }) {
  const { openStore, insertDelivery } = await import(pathToFileURL(bundle).href);
  const raw = [];
  const carvos = [];
  const receiver = await startProcess('server-receiver.mjs');
  for (let round = 0; round < rounds; round++) {
    raw.push((count / (await rawLoop(receiver, count))) * 1000);
    const database = join(folder, `delivery-${round}.db`);
    fillPending(openStore, insertDelivery, database, count);
    const done = receiver.ask({ waitFor: count });
    const gateway = await startProcess('server-carvos.mjs', bundle, database, receiver.url, '{}');
    carvos.push((count / (await done).ms) * 1000);
    await gateway.stop();
  }
  await receiver.stop();
  return {
    rawPerSecond: median(raw),
    carvosPerSecond: median(carvos),
    ratio: median(carvos.map((rate, i) => rate / raw[i])),
  };
}

async function rawLoop(receiver, count) {
  const pool = new Pool(new URL(receiver.url).origin, { connections: 64, pipelining: 1 });
  const done = receiver.ask({ waitFor: count });
  let left = count;
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (left-- > 0) {
        const { body } = await pool.request({ path: '/hook', method: 'POST', body: BODY });
        await body.dump();
      }
    }),
  );
  const { ms } = await done;
  await pool.close();
  return ms;
}

export function fillPending(
  openStore,
  insertDelivery,
  database,
  count,
  { due = 0, receiver = 'bench' } = {},
) {
  const store = openStore(database);
  store.db.pragma('synchronous = OFF');
  store.db.transaction(() => {
    for (let i = 0; i < count; i++) {
      insertDelivery(store, {
        id: `dlv_${receiver}_${String(i).padStart(9, '0')}`,
        ats_id: 'bench',
        client_id: 'acme-corp',
        reference_id: v7(),
        event: 'candidate.created',
        event_id: `evt_${String(i).padStart(16, '0')}`,
        receiver,
        max_steps: 5,
        due: typeof due === 'function' ? due(i) : due,
        test: false,
        replay_of: null,
        target_url: null,
        fixed_signature: null,
        created_at: Date.now(),
        body: BODY,
      });
    }
  })();
  store.close();
}
