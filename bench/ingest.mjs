// POST -> 202, durable, signature and schema checked, AI and delivery idle; beside bare Express.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Pool } from 'undici';
import { median, signedEvent, startProcess } from './support.mjs';

const CONNECTIONS = 64;

export async function benchIngest({ bundle, folder, requests, rounds }) {
  const express = [];
  const carvos = [];
  let accepted = 0;
  let errors = 0;
  const database = join(folder, 'ingest.db');
  const bare = await startProcess('server-express.mjs');
  const gateway = await startProcess('server-carvos.mjs', bundle, database, '', '{}');
  await load(bare.url, prepare('warm', 2000));
  for (let round = 0; round < rounds; round++) {
    for (const [server, rates] of [
      [bare, express],
      [gateway, carvos],
    ]) {
      // Signed beforehand: only sending is measured.
      const result = await load(server.url, prepare(round, requests));
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

async function load(url, prepared) {
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  let next = 0;
  let ok = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < prepared.length) {
        const { statusCode, body } = await pool.request({
          path: '/v1/webhooks/bench',
          method: 'POST',
          ...prepared[next++],
        });
        await body.dump();
        if (statusCode === 202) ok++;
      }
    }),
  );
  const perSecond = (prepared.length / (performance.now() - from)) * 1000;
  await pool.close();
  return { perSecond, ok };
}
