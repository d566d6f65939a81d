// POST -> 202, durable, signature and schema checked, AI and delivery idle; beside bare Express.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { load } from './load.mjs';
import { loopMilliseconds, median, signedEvent, startGateway, startProcess } from './support.mjs';

const PATH = '/v1/webhooks/bench';
/** Requests after which the code is compiled and the gateway's window of jobs is full. */
const WARM_UP = 12_000;

/**
 * @returns the ratio of rates, and the processor time that each event loop took for a request, in microseconds: other
 *   work on the machine takes away from the first, above all where it keeps the disk busy. `http`, `checked` and
 *   `stored` are what a 202 cannot do without (`server-floor.mjs`).
 */
export async function benchIngest({ bundle, folder, requests, rounds }) {
  const database = join(folder, 'ingest.db');
  const servers = {
    express: await startProcess('server-express.mjs'),
    carvos: await startGateway(bundle, database),
    http: await startProcess('server-floor.mjs', 'http'),
    checked: await startProcess('server-floor.mjs', 'checked'),
    stored: await startProcess('server-floor.mjs', 'stored', join(folder, 'floor.db')),
  };
  const names = Object.keys(servers);
  const rates = Object.fromEntries(names.map((name) => [name, []]));
  const times = Object.fromEntries(names.map((name) => [name, []]));
  let accepted = 0;
  let errors = 0;
  for (let round = -1; round < rounds; round++) {
    const count = round < 0 ? WARM_UP : requests;
    for (const name of names) {
      const { url, pid } = servers[name];
      // Signed beforehand: only sending is measured.
      const prepared = prepare(round, count);
      const from = loopMilliseconds(pid);
      const result = await load(url, PATH, prepared);
      errors += count - result.ok;
      if (name === 'carvos') accepted += result.ok;
      if (round < 0) continue;
      times[name].push(((loopMilliseconds(pid) - from) * 1000) / count);
      rates[name].push(result.perSecond);
    }
  }
  for (const name of names) await servers[name].stop();
  const rows = new Database(database, { readonly: true }).prepare('SELECT count(*) AS n FROM event').get().n;
  return {
    expressPerSecond: median(rates.express),
    carvosPerSecond: median(rates.carvos),
    ratio: median(rates.carvos.map((rate, i) => rate / rates.express[i])),
    cpuRatio: median(times.carvos.map((time, i) => times.express[i] / time)),
    microseconds: Object.fromEntries(names.map((name) => [name, median(times[name])])),
    accepted,
    rows,
    errors,
  };
}

/** The stub sleeps on these, so AI and delivery stay idle. */
function prepare(round, count) {
  return Array.from({ length: count }, (_, i) =>
    signedEvent(`${round}-${i}`, { email: `sanne${i}+slow-10m@example.com` }),
  );
}
