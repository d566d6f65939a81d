// The delays before the attempts of a failing delivery at --speed 600, from the end of the one before.
import { join } from 'node:path';
import { listen, signedEvent, startGateway } from './support.mjs';

/** Production delays at speed 600, in milliseconds (contract, section 5). */
const EXPECTED = [100, 500, 3000, 12_000];

export async function benchSchedule({ bundle, folder }) {
  const arrivals = [];
  const ends = [];
  const receiver = await listen((request, response) => {
    arrivals.push(performance.now());
    request.resume();
    response.on('finish', () => ends.push(performance.now()));
    request.on('end', () => response.writeHead(arrivals.length < 5 ? 500 : 200).end());
  });
  const gateway = await startGateway(bundle, join(folder, 'schedule.db'), `${receiver.url}/hook`, {
    speed: 600,
  });
  await fetch(`${gateway.url}/v1/webhooks/bench`, { method: 'POST', ...signedEvent(0) });
  while (arrivals.length < 5) await new Promise((resolve) => setTimeout(resolve, 20));
  await gateway.stop();
  receiver.close();
  return EXPECTED.map((expected, i) => {
    const delay = arrivals[i + 1] - ends[i];
    return { expected, delay, ok: Math.abs(delay - expected) <= Math.max(50, expected * 0.2) };
  });
}
