// Restores thousands of mutated snapshots into a running gateway: each is refused or harmless, the old content stays,
// the gateway answers. Alone: node scripts/fuzz/snapshots.mjs --seed 1 --count 200
import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { mutateSnapshot, readReleased } from './mutate-snapshot.mjs';
import { createChoices } from './seeded.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** One answer at most: more is a hang. */
const LIMIT_MS = 60_000;
/** How often everything is compared, and an event is sent. */
const LOOK_EVERY = 25;
const SECRET = 'demo-incoming-secret';

/**
 * @param {{ seed: number, count: number, report?: (line: string) => void }} options
 * @returns {Promise<{ count: number, refused: number, taken: number, growthMb: number, problems: string[] }>}
 */
export async function fuzzSnapshots({ seed, count, report = () => {} }) {
  const { startEmulator } = await import(pathToFileURL(join(root, 'dist/index.js')).href);
  const folder = mkdtempSync(join(tmpdir(), 'carvos-fuzz-'));
  const receiver = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200).end());
  });
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const emulator = await startEmulator({
    database: join(folder, 'carvos.db'),
    webhookUrl: `http://127.0.0.1:${receiver.address().port}/`,
    speed: 'manual',
  });
  const call = createCall(emulator);
  const problems = [];
  let [refused, taken, before] = [0, 0, 0];
  try {
    await fill(emulator, call);
    const own = (await call('GET', '/snapshot?secrets=1')).bytes;
    const bases = [own, own, own, ...readReleased(root, readdirSync(join(root, 'fixtures/versions')))];
    let content = await read(call);
    for (let round = 0; round < count && problems.length < 10; round++) {
      const choices = choicesOf(seed, round);
      const file = join(folder, 'mutant.db');
      const what = mutateSnapshot(file, choices.pick(bases), choices);
      const say = (problem) => {
        const kept = join(tmpdir(), `carvos-fuzz-${seed}-${round}.db`);
        writeFileSync(kept, readFileSync(file));
        problems.push(`round ${round} (${what}): ${problem}; the file is ${kept}`);
      };
      try {
        const { status, text } = await call('PUT', '/snapshot', readFileSync(file));
        if (status === 422) {
          refused++;
          const detail = JSON.parse(text).detail;
          if (typeof detail !== 'string' || detail === '') say(`refused without a reason: ${text}`);
          await expectSame(call, content, round % LOOK_EVERY === 0, say);
        } else if (status === 200) {
          taken++;
          await expectHarmless(emulator, call, say);
          const back = await call('PUT', '/snapshot', own);
          if (back.status !== 200) say(`the way back is ${back.status}: ${back.text}`);
          content = await read(call);
        } else say(`answered ${status}: ${text.slice(0, 300)}`);
        if (round % LOOK_EVERY === 0) {
          const sent = await send(emulator, `round-${round}`);
          if (sent !== 202) say(`an event is answered ${sent}`);
          await settle(call);
          content = await read(call);
        }
      } catch (error) {
        say(`${error.name}: ${error.message}`);
      }
      if (round === Math.min(200, count >> 1)) before = process.memoryUsage.rss();
      if ((round + 1) % 500 === 0)
        report(`${round + 1} snapshots: ${refused} refused, ${taken} taken, ${problems.length} problems`);
    }
  } finally {
    await emulator.close();
    receiver.closeAllConnections();
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const growthMb = Math.round((process.memoryUsage.rss() - before) / 1024 ** 2);
  return { count: refused + taken, refused, taken, growthMb, problems };
}

function createCall(emulator) {
  return async (method, path, body) => {
    const response = await fetch(`${emulator.url}/_carvos/v1${path}`, {
      method,
      body,
      headers: {
        authorization: `Bearer ${emulator.controlToken}`,
        'content-type': path === '/snapshot' ? 'application/vnd.sqlite3' : 'application/json',
      },
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, bytes, text: bytes.toString() };
  };
}

/** Some of everything that a snapshot holds. */
async function fill(emulator, call) {
  await call('POST', '/faults', JSON.stringify({ id: 'kept', kind: 'status-500', event: 'vacancy.deleted' }));
  for (let n = 0; n < 6; n++) await send(emulator, `first-${n}`);
  await settle(call);
}

async function send(emulator, name) {
  const body = JSON.stringify({
    event: 'candidate.created',
    event_id: `evt-${name}`,
    client_id: 'acme-corp',
    user_id: 'admin-user',
    candidate_id: `cand-${name}`,
    first_name: 'Sanne',
    last_name: 'de Wit',
    email: 'sanne@example.com',
  });
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex');
  const response = await fetch(`${emulator.url}/v1/webhooks/demo-ats`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-webhook-signature': `t=${t},v1=${v1}` },
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  await response.text();
  return response.status;
}

async function settle(call) {
  for (;;) {
    const { jobs, deliveries } = JSON.parse((await call('GET', '/status')).text);
    if (jobs.queued + jobs.running + deliveries.pending === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What has to be the same after a refusal. */
async function read(call) {
  return { status: await readStatus(call), log: (await call('GET', '/log?limit=1000')).text };
}

async function readStatus(call) {
  const { status, text } = await call('GET', '/status');
  const { events, jobs, deliveries, gateway_id, ats } = JSON.parse(text);
  return JSON.stringify({ status, events, jobs, deliveries, gateway_id, ats });
}

async function expectSame(call, content, whole, say) {
  if ((await readStatus(call)) !== content.status) say('the status changed');
  if (whole && (await call('GET', '/log?limit=1000')).text !== content.log) say('the log changed');
}

/** Everything that shows what was taken answers, and the gateway is there for an ATS. */
async function expectHarmless(emulator, call, say) {
  const expectFine = (path, status) => status < 500 || say(`${path} is ${status}`);
  const pages = {};
  for (const path of [
    '/status',
    '/log?limit=1000',
    '/jobs?limit=1000',
    '/audit',
    '/faults',
    '/workspaces',
    '/clock',
    '/assumptions',
  ]) {
    const answer = await call('GET', path);
    expectFine(path, answer.status);
    pages[path] = answer.status === 200 ? JSON.parse(answer.text) : {};
  }
  const records = pages['/log?limit=1000'].items ?? [];
  for (const { delivery_id, reference_id, id } of records.slice(0, 4)) {
    const paths = [`/deliveries/${encodeURIComponent(delivery_id)}`, `/log/${id}`];
    if (reference_id !== null) paths.push(`/references/${encodeURIComponent(reference_id)}`);
    for (const path of paths) expectFine(path, (await call('GET', path)).status);
  }
  expectFine('/clock/advance', (await call('POST', '/clock/advance', '{"ms":1000}')).status);
  expectFine('a webhook', await send(emulator, 'harmless'));
  const ready = await fetch(`${emulator.url}/readyz`, { signal: AbortSignal.timeout(LIMIT_MS) });
  await ready.text();
  if (ready.status !== 200) say(`/readyz is ${ready.status}`);
}

/** Of each round its own, so that a round can be had again alone. */
function choicesOf(seed, round) {
  return createChoices(Math.imul(seed, 0x9e3779b1) ^ Math.imul(round + 1, 0x85ebca6b));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '200' },
    },
  });
  const [seed, count] = [Number(values.seed), Number(values.count)];
  const result = await fuzzSnapshots({ seed, count, report: (line) => console.log(line) });
  console.log(JSON.stringify({ seed, ...result }, null, 2));
  if (result.problems.length > 0) process.exitCode = 1;
}
