// The delays before the attempts of a failing delivery at --speed 600, from the end of the one before.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { signedEvent, startProcess } from './support.mjs';

/** Production delays at speed 600, in milliseconds (contract, section 5). */
const EXPECTED = [100, 500, 3000, 12_000];

export async function benchSchedule({ bundle, folder }) {
  const arrivals = [];
  const ends = [];
  const server = createServer((request, response) => {
    arrivals.push(performance.now());
    request.resume();
    response.on('finish', () => ends.push(performance.now()));
    request.on('end', () => response.writeHead(arrivals.length < 5 ? 500 : 200).end());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  const overrides = JSON.stringify({ speed: 600 });
  const gateway = await startProcess(
    'server-carvos.mjs',
    bundle,
    join(folder, 'schedule.db'),
    url,
    overrides,
  );
  await fetch(`${gateway.url}/v1/webhooks/bench`, { method: 'POST', ...signedEvent(0) });
  while (arrivals.length < 5) await new Promise((resolve) => setTimeout(resolve, 20));
  await gateway.stop();
  server.closeAllConnections();
  server.close();
  return EXPECTED.map((expected, i) => {
    const delay = arrivals[i + 1] - ends[i];
    return { expected, delay, ok: Math.abs(delay - expected) <= Math.max(50, expected * 0.2) };
  });
}
