// The screen, as built, in a pseudo terminal: from a key to the frame that shows what it did, and its
// memory over time; with 100,000 deliveries in the database and 200 a second arriving.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Pool } from 'undici';
import { v7 } from 'uuid';
import {
  figures,
  repeatFor,
  residentMegabytes,
  signedEvent,
  startGateway,
  startProcess,
} from './support.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const CARVOS = join(here, '../bin/carvos.cjs');
const PER_SECOND = 200;
/** A person holds a key down at about this rate. */
const BETWEEN_KEYS_MS = 40;

export async function benchInspect({ bundle, folder, minutes, deliveries, columns, rows }) {
  if (!existsSync(join(here, '../dist/cli.cjs'))) throw new Error('npm run build first');
  const database = join(folder, `inspect-${columns}x${rows}.db`);
  await fill(bundle, database, deliveries);
  const receiver = await startProcess('server-receiver.mjs');
  const gateway = await startGateway(bundle, database, receiver.url);
  const traffic = startTraffic(gateway.url, PER_SECOND);
  const terminal = await openTerminal(columns, rows, gateway);
  const times = {};
  const memory = [];
  const gatewayMemory = [];
  const timed = async (name, keys, expect) => {
    const { ms, screen } = await terminal.press(keys, expect);
    if (ms === null)
      throw new Error(`${name} (${JSON.stringify(keys)}): no ${expect} in\n${screen.join('\n')}`);
    times[name] ??= [];
    times[name].push(ms);
    await delay(BETWEEN_KEYS_MS);
    return screen;
  };
  let cpuShare;
  let sentPerSecond;
  try {
    await terminal.press('', 'live[\\s\\S]*▶');
    // What is compiled and allocated at first is not growth.
    await round(timed, rows);
    for (const name of Object.keys(times)) delete times[name];
    const from = Date.now();
    let nextSample = from;
    const cpuBefore = cpuSeconds(terminal.pid);
    const sentBefore = traffic.sent();
    await repeatFor(minutes, async () => {
      await round(timed, rows);
      if (Date.now() >= nextSample) {
        memory.push(residentMegabytes(terminal.pid));
        gatewayMemory.push(residentMegabytes(gateway.pid));
        nextSample += Math.max(5000, (minutes * 60_000) / 20);
      }
    });
    const seconds = (Date.now() - from) / 1000;
    cpuShare = (cpuSeconds(terminal.pid) - cpuBefore) / seconds;
    sentPerSecond = (traffic.sent() - sentBefore) / seconds;
  } finally {
    terminal.close();
    await traffic.stop();
    await gateway.stop();
    await receiver.stop();
  }
  // Names in brackets are no keys: how long a search takes to come to its first page.
  const all = Object.entries(times).flatMap(([name, values]) => (name.startsWith('(') ? [] : values));
  return {
    keys: [['all keys', all], ...Object.entries(times)].map(([name, values]) => ({
      name,
      ...figures(values),
    })),
    cpuShare,
    memory,
    gatewayMemory,
    sentPerSecond,
    megabytes: statSync(database).size / 2 ** 20,
  };
}

/** One round of the keys that are pressed most. Expressions name the row of the selection, which others' arrivals do not move. */
async function round(timed, rows) {
  const titles = 2;
  const at = (row) => `^(?:[^\\n]*\\n){${titles + row}}▶`;
  // Selected there already: a `g` here would be the time until something else changes the screen.
  await timed('(found all)', '', `${at(0)}[^\\n]*✓`);
  // Following ends with the first j; from then on rows stand still.
  for (let row = 1; row <= 12; row++) await timed('j', 'j', at(row));
  for (let row = 11; row >= 2; row--) await timed('k', 'k', at(row));
  await timed('Enter', '\r', '\\[1 request\\]');
  await timed('(found detail)', '', '\\[1 request\\][\\s\\S]*candidate');
  for (const [index, name] of ['response', 'attempts', 'signature', 'AI job', 'trace', 'request'].entries()) {
    await timed('Tab', '\t', `\\[${((index + 1) % 6) + 1} ${name}\\]`);
  }
  await timed('j in detail', 'j', '›\\s+id ');
  // A wide screen shows the list beside the detail.
  await timed('Esc', '\x1b', `^(?![\\s\\S]*Esc back)${at(2)}`);
  await timed('page down', '\x1b[6~', at(rows - 5));
  await timed('g', 'g', at(0));
  let text = '';
  await timed('/', '/', 'filter: /▏');
  for (const letter of 'cand-9') {
    text += letter;
    await timed('/ text', letter, `filter: /${text}▏`);
  }
  await timed('(found text)', '', `filter: /${text}▏ +\\d+\\+? found`);
  await timed('Esc', '\x1b', `^(?![\\s\\S]*filter:)`);
  await timed('o', 'o', 'filter: only success');
  await timed('o', 'o', 'filter: only failure');
  await timed('(found outcome)', '', 'only failure +\\d+\\+? found');
  await timed('Esc', '\x1b', `^(?![\\s\\S]*filter:)`);
}

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  // User and system time, in hundredths of a second on every Linux.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function openTerminal(columns, rows, { url, token }) {
  const env = { ...process.env, CARVOS_URL: url, CARVOS_CONTROL_TOKEN: token, TERM: 'xterm-256color' };
  // In CI, Ink would draw nothing.
  delete env.CI;
  const child = spawn(
    'python3',
    [join(here, 'terminal.py'), columns, rows, process.execPath, CARVOS, 'inspect'].map(String),
    { env, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the terminal is gone');
    return JSON.parse(value);
  };
  const { pid } = await read();
  return {
    pid,
    async press(keys, expect) {
      child.stdin.write(`${JSON.stringify({ keys, expect })}\n`);
      return read();
    },
    close: () => child.stdin.end(),
  };
}

/** Events at an even rate, each of which leads to a delivery. */
export function startTraffic(url, perSecond) {
  const pool = new Pool(url, { connections: 16 });
  const from = performance.now();
  let sent = 0;
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      const due = Math.floor(((performance.now() - from) / 1000) * perSecond);
      while (sent < due) {
        pool
          .request({ path: '/v1/webhooks/bench', method: 'POST', ...signedEvent(`live-${sent++}`) })
          .then(({ body }) => body.dump())
          .catch(() => {});
      }
      await delay(5);
    }
  })();
  return {
    sent: () => sent,
    async stop() {
      stopped = true;
      await running;
      await pool.close();
    },
  };
}

/** Deliveries of the past: most succeeded. */
export async function fill(bundle, database, count) {
  const { openStore, insertDelivery, sampleDelivery, insertLog, newLogRow } = await import(
    pathToFileURL(bundle).href
  );
  const store = openStore(database);
  store.db.pragma('synchronous = OFF');
  const created = Date.now() - 3_600_000;
  store.db.transaction(() => {
    for (let i = 0; i < count; i++) {
      const id = `dlv_old_${String(i).padStart(9, '0')}`;
      const event = ['candidate.created', 'application.updated', 'vacancy.created'][i % 3];
      const shared = {
        ats_id: 'bench',
        client_id: 'acme-corp',
        reference_id: v7(),
        event,
        event_id: `evt_${String(i).padStart(16, '0')}`,
      };
      const body = { event, data: { candidate_id: `cand-${i}`, note: 'x'.repeat(400) } };
      const delivery = sampleDelivery({
        ...shared,
        id,
        lane: 'bench',
        created_at: created,
        body: Buffer.from(JSON.stringify(body)),
      });
      insertDelivery(store, delivery);
      // One failure among thousands: what a filter for it must look at.
      const failed = i % 5000 === 0;
      insertLog(
        store,
        newLogRow({
          ...shared,
          delivery_id: id,
          number: 1,
          direction: 'outgoing',
          step: 1,
          outcome: failed ? 'failure' : 'success',
          status: failed ? 500 : 200,
          duration_ms: 4,
          occurred_at: created,
          production_ms: 4,
          delivery_state: failed ? 'exhausted' : 'delivered',
          url: 'http://127.0.0.1:3000/hook',
          signature: `t=1,v1=${'0'.repeat(64)}`,
          response_body: Buffer.from('ok'),
          response_bytes: 2,
        }),
      );
    }
    store.db.exec("UPDATE delivery SET state = 'delivered', due = NULL, attempt_count = 1");
  })();
  store.close();
}
