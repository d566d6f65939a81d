// One turn of one queue in a process of its own. argv: side, database, jobs, at once, synchronous, module of
// the queue (our bundle, or plainjob's entry), `engine` where that works off one by one too. Sends how long
// enqueueing and working off took.
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';

const [side, database, jobs, atOnce, synchronous, module, way] = process.argv.slice(2);
const BODY = JSON.stringify({ event: 'candidate.created', data: { note: 'x'.repeat(450) } });
const DELIVERED = { state: 'delivered', step: 1, due: null, production_ms: 0 };
const queue = await import(pathToFileURL(module).href);
const run = side === 'carvos' ? runCarvos : runPlainjob;
// What the compiler and the first pages cost is not measured.
await run(`${database}-warm`, Math.min(1000, Number(jobs)), Number(atOnce));
process.send(await run(database, Number(jobs), Number(atOnce)));

/** Through the store, and the engine unless each step is awaited; as in the gateway, but nothing is sent. */
async function runCarvos(file, count, lot) {
  const store = queue.openStore(file);
  const from = performance.now();
  for (let done = 0; done < count; done += lot) {
    const size = Math.min(lot, count - done);
    const added = Array.from({ length: size }, (_, i) =>
      store.group.submit(() => queue.insertDelivery(store, newDelivery(done + i))),
    );
    await Promise.all(added);
  }
  const enqueued = performance.now();
  if (lot === 1 && way !== 'engine') await workOneByOne(store, count);
  else await workWithEngine(store, count, lot);
  const ended = performance.now();
  const sql =
    "SELECT count(*) FROM delivery d JOIN log l ON l.delivery_id = d.id WHERE d.state = 'delivered'";
  const rows = store.db.prepare(sql).pluck().get();
  const setting = store.db.pragma('synchronous', { simple: true });
  store.close();
  return report({ from, enqueued, ended, rows, setting });
}

async function workOneByOne(store, count) {
  for (let i = 0; i < count; i++) {
    const [delivery] = await claim(store, { limit: () => 1 });
    await record(store, delivery, Date.now());
  }
}

function workWithEngine(store, count, lot) {
  let worked = 0;
  return new Promise((resolve) => {
    const engine = queue.createDeliveryEngine({
      clock: { now: () => 1, onChange: () => {}, realUntil: () => null },
      bounds: { perReceiver: lot, overall: lot },
      lanes: () => ['bench'],
      nextDue: (lane) => queue.nextDueOf(store, lane),
      isPaused: () => false,
      claim: (_lane, _now, limit) => claim(store, { limit }),
      send: async () => Date.now(),
      async record(delivery, startedAt) {
        await record(store, delivery, startedAt);
        if (++worked === count) resolve(engine.stop(1000));
        return null;
      },
      onError: fail,
    });
    engine.start();
  });
}

/** These two do in the database what src/emulator/outgoing/attempts.ts does. */
async function claim(store, { limit }) {
  const work = () => queue.claimDue(store, 'bench', 1, limit(), Date.now());
  const claimed = await store.group.submit(work, 'committed');
  store.claims.add(claimed);
  return claimed.deliveries;
}

async function record(store, delivery, startedAt) {
  const row = queue.newLogRow(attemptOf(delivery, startedAt));
  await store.group.submit(() => {
    queue.markAttempt(store, delivery.seq, { ...DELIVERED, attempt_count: 1 });
    queue.insertLog(store, row);
  });
  store.claims.release(delivery);
}

/** As its README shows: `add` (or `addMany`), and a worker, which takes one job at a time. */
async function runPlainjob(file, count, lot) {
  const db = new Database(file);
  const logger = { error: fail, warn() {}, info() {}, debug() {} };
  const jobs = queue.defineQueue({ connection: queue.better(db), serializer: (data) => data, logger });
  if (synchronous === 'full') db.pragma('synchronous = FULL');
  const from = performance.now();
  for (let done = 0; done < count; done += lot) {
    const size = Math.min(lot, count - done);
    if (size === 1) jobs.add('bench', BODY);
    else jobs.addMany('bench', Array(size).fill(BODY));
  }
  const enqueued = performance.now();
  let worked = 0;
  let ended;
  const worker = queue.defineWorker('bench', () => {}, {
    queue: jobs,
    logger,
    onCompleted() {
      if (++worked < count) return;
      ended = performance.now();
      void worker.stop();
    },
  });
  await worker.start();
  const rows = jobs.countJobs({ status: 2 });
  const setting = db.pragma('synchronous', { simple: true });
  jobs.close();
  return report({ from, enqueued, ended, rows, setting });
}

function report({ from, enqueued, ended, rows, setting }) {
  return { enqueue: enqueued - from, work: ended - enqueued, both: ended - from, rows, setting };
}

function newDelivery(i) {
  return queue.sampleDelivery({
    id: `dlv_${String(i).padStart(16, '0')}`,
    ats_id: 'bench',
    client_id: 'acme-corp',
    reference_id: `0199a5d6-3f70-7c2a-8b11-${String(i).padStart(12, '0')}`,
    event_id: `evt_${String(i).padStart(16, '0')}`,
    lane: 'bench',
    created_at: Date.now(),
    body: Buffer.from(BODY),
  });
}

/** What the gateway writes down of an attempt. */
function attemptOf(delivery, startedAt) {
  return {
    delivery_id: delivery.id,
    direction: 'outgoing',
    step: delivery.step,
    ats_id: delivery.ats_id,
    client_id: delivery.client_id,
    event: delivery.event,
    event_id: delivery.event_id,
    reference_id: delivery.reference_id,
    status: 200,
    duration_ms: 1,
    occurred_at: startedAt,
    production_ms: 1,
    delivery_state: 'delivered',
    url: 'http://127.0.0.1:3000/webhooks/carvos',
    request_headers: queue.LOGGED_REQUEST,
    signature: `t=1763900000,v1=${'0'.repeat(64)}`,
    response_headers: '{"content-type":"application/json","content-length":"21"}',
    response_body: Buffer.from('{"status":"received"}'),
    response_bytes: 21,
  };
}

function fail(error) {
  throw error instanceof Error ? error : new Error(String(error));
}
