// POST -> 202, durable, signature and schema checked, AI and delivery idle; beside bare Express.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { load } from './load.mjs';
import { loopMilliseconds, median, signedEvent, startProcess } from './support.mjs';

const PATH = '/v1/webhooks/bench';

/**
 * @returns the ratio of rates, and that of the processor time that the event loops took: other work on the machine takes
 *   away from the first, above all where it keeps the disk busy.
 */
export async function benchIngest({ bundle, folder, requests, rounds }) {
  const express = [];
  const carvos = [];
  const expressMs = [];
  const carvosMs = [];
  let accepted = 0;
  let errors = 0;
  const database = join(folder, 'ingest.db');
  const bare = await startProcess('server-express.mjs');
  const gateway = await startProcess('server-carvos.mjs', bundle, database, '', '{}');
  await load(bare.url, PATH, prepare('warm', 2000));
  for (let round = 0; round < rounds; round++) {
    for (const [server, rates, times] of [
      [bare, express, expressMs],
      [gateway, carvos, carvosMs],
    ]) {
      // Signed beforehand: only sending is measured.
      const prepared = prepare(round, requests);
      const from = loopMilliseconds(server.pid);
      const result = await load(server.url, PATH, prepared);
      times.push(loopMilliseconds(server.pid) - from);
      rates.push(result.perSecond);
      errors += requests - result.ok;
      if (server === gateway) accepted += result.ok;
    }
  }
  await bare.stop();
  await gateway.stop();
  const rows = new Database(database, { readonly: true }).prepare('SELECT count(*) AS n FROM event').get().n;
  return {
    expressPerSecond: median(express),
    carvosPerSecond: median(carvos),
    ratio: median(carvos.map((rate, i) => rate / express[i])),
    cpuRatio: median(carvosMs.map((ms, i) => expressMs[i] / ms)),
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
