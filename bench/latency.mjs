// From the 202 to the first attempt's arrival, at 100 events a second.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Pool } from 'undici';
import { quantile, signedEvent, startProcess } from './support.mjs';

export async function benchLatency({ bundle, folder, events }) {
  const answered = new Map();
  const arrived = new Map();
  const server = createServer((request, response) => {
    arrived.set(request.headers['x-carv-causation-id'], performance.now());
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-length': 2 }).end('ok'));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  const gateway = await startProcess('server-carvos.mjs', bundle, join(folder, 'latency.db'), url, '{}');
  const pool = new Pool(gateway.url, { connections: 16 });
  const from = performance.now();
  const sends = [];
  for (let i = 0; i < events; i++) {
    const wait = from + i * 10 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    sends.push(
      pool
        .request({ path: '/v1/webhooks/bench', method: 'POST', ...signedEvent(i) })
        .then(async ({ body }) => {
          const { reference_id } = await body.json();
          answered.set(reference_id, performance.now());
        }),
    );
  }
  await Promise.all(sends);
  while (arrived.size < events) await new Promise((resolve) => setTimeout(resolve, 5));
  await pool.close();
  await gateway.stop();
  server.closeAllConnections();
  server.close();
  // An attempt can arrive before the 202 was read here: that counts as 0.
  const waits = [...answered].map(([id, at]) => Math.max(0, arrived.get(id) - at)).sort((a, b) => a - b);
  return { median: quantile(waits, 0.5), p99: quantile(waits, 0.99), events };
}
