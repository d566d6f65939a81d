// How long one claim takes with many rows pending, also behind due rows of a receiver that hangs.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fillPending } from './delivery.mjs';
import { figures, residentMegabytes, startGateway } from './support.mjs';

const CLAIMS = 2000;

export async function benchClaim({ bundle, folder, sizes }) {
  const internals = await import(pathToFileURL(bundle).href);
  const results = [];
  for (const size of sizes) {
    const database = join(folder, `claim-${size}.db`);
    fillPending(internals, database, size, { due: (i) => i });
    results.push({ rows: size, hung: 0, ...measure(internals, database, 'bench') });
    if (size === sizes.at(-1)) {
      fillPending(internals, database, 300_000, { due: 0, lane: 'hung' });
      results.push({ rows: size, hung: 300_000, ...measure(internals, database, 'bench') });
    }
  }
  return results;
}

function measure({ openStore, claimDue }, database, lane) {
  const store = openStore(database);
  const times = [];
  store.db.transaction(() => {
    for (let i = 0; i < CLAIMS; i++) {
      const from = performance.now();
      const claim = claimDue(store, lane, Number.MAX_SAFE_INTEGER, 1, 0);
      times.push(performance.now() - from);
      store.claims.add(claim);
    }
  })();
  store.close();
  return figures(times);
}

/** Resident memory of a gateway with many deliveries pending. */
export async function benchMemory({ bundle, folder, pending }) {
  const internals = await import(pathToFileURL(bundle).href);
  const database = join(folder, 'memory.db');
  fillPending(internals, database, pending, { due: 1e12 });
  const gateway = await startGateway(bundle, database, 'http://127.0.0.1:9/');
  await fetch(`${gateway.url}/_carvos/v1/status`, { headers: { authorization: `Bearer ${gateway.token}` } });
  const megabytes = residentMegabytes(gateway.pid);
  await gateway.stop();
  return { pending, megabytes };
}
