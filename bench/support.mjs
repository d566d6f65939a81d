import { fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
export const SECRET = 'bench-incoming-secret';

/** Bundles the emulator's inner modules into a folder, so that plain Node can run them. */
export async function bundleInternals(folder) {
  const outfile = join(folder, 'internals.mjs');
  await build({
    entryPoints: [join(here, 'internals.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    plugins: [nativeFromCheckout],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return outfile;
}

/** The driver is native: it stays where it is, and each run's bundle is its own. */
const nativeFromCheckout = {
  name: 'native-from-checkout',
  setup({ onResolve }) {
    const path = import.meta.resolve('better-sqlite3');
    onResolve({ filter: /^better-sqlite3$/ }, () => ({ path, external: true }));
  },
};

export function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'carvos-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Starts `bench/NAME` as a process of its own; it answers with one message when it is ready. */
export function startProcess(name, ...args) {
  const child = fork(join(here, name), args.map(String), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
    child.once('message', (ready) =>
      resolve({
        ...ready,
        pid: child.pid,
        ask: (message) =>
          new Promise((answer) => {
            child.once('message', answer);
            child.send(message);
          }),
        stop: () =>
          new Promise((done) => {
            child.removeAllListeners('exit');
            child.once('exit', done);
            child.kill('SIGKILL');
          }),
      }),
    );
  });
}

/** A gateway in a process of its own, on a file database. */
export function startGateway(bundle, database, webhookUrl = '', overrides = {}) {
  return startProcess('server-carvos.mjs', bundle, database, webhookUrl, JSON.stringify(overrides));
}

/** A server in this process, on a free port. */
export async function listen(answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { port, url: `http://127.0.0.1:${port}`, close };
}

export function emulatorOptions(webhookUrl, database, overrides = {}) {
  return {
    host: '127.0.0.1',
    port: 0,
    allowHosts: [],
    database,
    provisioningLatencyMs: 0,
    unprovisioned: 'reject',
    receiverTimeoutMs: 5000,
    fallbackWebhookUrl: null,
    speed: 'manual',
    ats: [
      {
        id: 'bench',
        name: 'Bench',
        webhookUrl,
        apiKey: 'bench-key',
        incomingSecret: SECRET,
        outgoingSecret: 'bench-outgoing-secret',
        workspaces: [{ clientId: 'acme-corp', name: 'Acme', members: [] }],
      },
    ],
    ...overrides,
  };
}

/** A signed event of about 500 bytes. */
export function signedEvent(index, fields = {}) {
  const body = JSON.stringify({
    event: 'candidate.created',
    event_id: `evt-${index}`,
    client_id: 'acme-corp',
    user_id: 'admin-user',
    candidate_id: `cand-${index}`,
    first_name: 'Sanne',
    last_name: 'de Wit',
    email: `sanne${index}@example.com`,
    headline: 'Order picker and reach truck driver',
    location: 'Tilburg, Noord-Brabant',
    skills: ['reachtruck', 'orderpicken', 'vca', 'warehouse management'],
    note: 'x'.repeat(150),
    ...fields,
  });
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex');
  return { body, headers: { 'content-type': 'application/json', 'x-webhook-signature': `t=${t},v1=${v1}` } };
}

/** Acts again and again for so long, and once in any case: without a figure there is nothing to report. */
export async function repeatFor(minutes, act) {
  const until = Date.now() + minutes * 60_000;
  do await act();
  while (Date.now() < until);
}

export function residentMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** Milliseconds of processor time that the thread of the event loop took so far; `NaN` where there is no /proc. */
export function loopMilliseconds(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

export function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function figures(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    count: sorted.length,
    median: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    max: sorted.at(-1),
  };
}

export function median(values) {
  return figures(values).median;
}
