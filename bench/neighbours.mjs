// From the 202 to the first attempt's arrival at a good receiver, alone and beside bad ones: 200 that hang, a name
// that is never answered, and one that answers byte by byte.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSender, measureArrivals, noteArrival } from './latency.mjs';
import { emulatorOptions, figures, listen, startGateway } from './support.mjs';

const HUNG = 200;
const DRIP_MS = 5;
const PRELOAD = fileURLToPath(new URL('../test/support/odd-names.cjs', import.meta.url));

export async function benchNeighbours({ bundle, folder, events, rounds }) {
  const arrived = new Map();
  const bad = { hung: 0, drips: 0 };
  const { port, ...receiver } = await listen((request, response) => {
    if (request.url === '/good') return noteArrival(arrived, request, response);
    request.resume();
    request.on('end', () => {
      if (request.url === '/drips') drip(response, bad);
      else bad.hung++;
    });
  });
  const [model] = emulatorOptions(null, '').ats;
  const ats = (id, url) => ({ ...model, id, name: id, apiKey: `key-${id}`, webhookUrl: url });
  const neighbours = [
    ats('dead', `http://silent.test:${port}/hook`),
    ats('drips', `http://127.0.0.1:${port}/drips`),
    ...Array.from({ length: HUNG }, (_, n) => ats(`hung-${n}`, `http://127.0.0.1:${port}/hung`)),
  ];
  const gateway = await withSilentName(folder, () =>
    startGateway(bundle, join(folder, 'neighbours.db'), '', {
      ats: [ats('good', `http://localhost:${port}/good`), ...neighbours],
    }),
  );
  const { send, close } = createSender(gateway.url);
  const measure = () => measureArrivals(() => send('good'), arrived, events);
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
  await close();
  await gateway.stop();
  receiver.close();
  return { alone: figures(alone).p99, beside: figures(beside).p99, hung: bad.hung, drips: bad.drips };
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
