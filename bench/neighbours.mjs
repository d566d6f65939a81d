// From the 202 to the first attempt's arrival at a good receiver, alone and beside bad ones: 200 that hang, a name
// that is never answered, and one that answers byte by byte.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { emulatorOptions, quantile, signedEvent, startProcess } from './support.mjs';

const HUNG = 200;
const EVENTS_PER_SECOND = 100;
const DRIP_MS = 5;
const PRELOAD = fileURLToPath(new URL('../test/support/odd-names.cjs', import.meta.url));

let sent = 0;

export async function benchNeighbours({ bundle, folder, events, rounds }) {
  const arrived = new Map();
  const bad = { hung: 0, drips: 0 };
  const server = createServer((request, response) => {
    if (request.url === '/good') arrived.set(request.headers['x-carv-causation-id'], performance.now());
    request.resume();
    request.on('end', () => {
      if (request.url === '/good') response.writeHead(200, { 'content-length': 2 }).end('ok');
      else if (request.url === '/drips') drip(response, bad);
      else bad.hung++;
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const [model] = emulatorOptions(null, '').ats;
  const ats = (id, url) => ({ ...model, id, name: id, apiKey: `key-${id}`, webhookUrl: url });
  const neighbours = [
    ats('dead', `http://silent.test:${port}/hook`),
    ats('drips', `http://127.0.0.1:${port}/drips`),
    ...Array.from({ length: HUNG }, (_, n) => ats(`hung-${n}`, `http://127.0.0.1:${port}/hung`)),
  ];
  const gateway = await withSilentName(folder, () =>
    startProcess(
      'server-carvos.mjs',
      bundle,
      join(folder, 'neighbours.db'),
      '',
      JSON.stringify({ ats: [ats('good', `http://localhost:${port}/good`), ...neighbours] }),
    ),
  );
  const pool = new Pool(gateway.url, { connections: 16 });
  const send = async (id) => {
    const event = { method: 'POST', ...signedEvent(++sent) };
    const { body } = await pool.request({ path: `/v1/webhooks/${id}`, ...event });
    return (await body.json()).reference_id;
  };

  /** Milliseconds from each 202 to the arrival. */
  async function measure() {
    const answered = new Map();
    const from = performance.now();
    const sends = [];
    for (let i = 0; i < events; i++) {
      const wait = from + (i * 1000) / EVENTS_PER_SECOND - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      sends.push(send('good').then((id) => answered.set(id, performance.now())));
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

  const alone = [];
  const beside = [];
  await measure(); // warms up
  for (let round = 0; round < rounds; round++) {
    alone.push(...(await measure()));
    const before = bad.hung;
    await Promise.all(neighbours.map(({ id }) => send(id)));
    while (bad.hung < before + HUNG) await new Promise((resolve) => setTimeout(resolve, 5));
    beside.push(...(await measure()));
    // Those that hang are given up after 5 s; the next round begins alone.
    await new Promise((resolve) => setTimeout(resolve, 6000));
  }
  await pool.close();
  await gateway.stop();
  server.closeAllConnections();
  server.close();
  const p99 = (waits) =>
    quantile(
      waits.sort((a, b) => a - b),
      0.99,
    );
  return { alone: p99(alone), beside: p99(beside), hung: bad.hung, drips: bad.drips };
}

function drip(response, bad) {
  response.socket.setNoDelay(true);
  const timer = setInterval(() => {
    bad.drips++;
    response.write('x');
  }, DRIP_MS);
  response.on('close', () => clearInterval(timer));
}

/** Its lookups of `*.test` are answered by a pipe that nobody writes to. */
async function withSilentName(folder, start) {
  const pipe = join(folder, 'nobody-writes');
  execFileSync('mkfifo', [pipe]);
  const kept = { ...process.env };
  Object.assign(process.env, { NODE_OPTIONS: `--require ${PRELOAD}`, ODD_NAMES_PIPE: pipe });
  try {
    return await start();
  } finally {
    process.env = kept;
  }
}
