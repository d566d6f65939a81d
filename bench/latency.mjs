// From the 202 to the first attempt's arrival, at 100 events a second.
import { join } from 'node:path';
import { Pool } from 'undici';
import { figures, listen, signedEvent, startGateway } from './support.mjs';

const EVENTS_PER_SECOND = 100;

export async function benchLatency({ bundle, folder, events }) {
  const arrived = new Map();
  const receiver = await listen((request, response) => noteArrival(arrived, request, response));
  const gateway = await startGateway(bundle, join(folder, 'latency.db'), `${receiver.url}/hook`);
  const { send, close } = createSender(gateway.url);
  const waits = await measureArrivals(() => send('bench'), arrived, events);
  await close();
  await gateway.stop();
  receiver.close();
  return figures(waits);
}

export function noteArrival(arrived, request, response) {
  arrived.set(request.headers['x-carv-causation-id'], performance.now());
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-length': 2 }).end('ok'));
}

export function createSender(url) {
  const pool = new Pool(url, { connections: 16 });
  let sent = 0;
  const send = async (atsId) => {
    const event = { method: 'POST', ...signedEvent(++sent) };
    const { body } = await pool.request({ path: `/v1/webhooks/${atsId}`, ...event });
    return (await body.json()).reference_id;
  };
  return { send, close: () => pool.close() };
}

/** Milliseconds from each 202 to the arrival. */
export async function measureArrivals(send, arrived, events) {
  const answered = new Map();
  const from = performance.now();
  const sends = [];
  for (let i = 0; i < events; i++) {
    const wait = from + (i * 1000) / EVENTS_PER_SECOND - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    sends.push(send().then((id) => answered.set(id, performance.now())));
  }
  await Promise.all(sends);
  const until = performance.now() + 20_000;
  while ([...answered.keys()].some((id) => !arrived.has(id))) {
    if (performance.now() > until) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  // One that never arrived counts as for ever; one that was there before its 202 was read here as 0.
  return [...answered].map(([id, at]) => Math.max(0, (arrived.get(id) ?? Number.POSITIVE_INFINITY) - at));
}
