// carvos and the mock servers as a user starts them, each on the same route.
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SECRET, signedEvent } from '../support.mjs';

export const CARVOS = join(dirname(fileURLToPath(import.meta.url)), '../../bin/carvos.cjs');
export const PATH = '/v1/webhooks/demo-ats';
const READY_WITHIN_MS = 60_000;
const REFERENCE = JSON.stringify({ reference_id: '0199a5d6-3f70-7c2a-8b11-5f1c2d3e4a5b' });

/** How each is started; `args` gets a free port. All are as quiet as they can be told to be. */
export function describeServers({ peers, folder }) {
  const prism = peers.program('@stoplight/prism-cli', 'prism');
  const mockoon = peers.program('@mockoon/cli', 'mockoon-cli');
  const mock = join(folder, 'mockoon.json');
  writeFileSync(mock, JSON.stringify(mockoonEnvironment()));
  const oneRoute = join(folder, 'one-route.json');
  writeFileSync(oneRoute, JSON.stringify(oneRouteDocument()));
  const mockOf = (document) => (port) => [prism, 'mock', document, '--port', port, '--verboseLevel', 'error'];
  return {
    carvos: (database) => (port) => [CARVOS, 'dev', '--port', port, '--db', database],
    prism: mockOf,
    prismOneRoute: mockOf(oneRoute),
    mockoon: (port) => [
      ...[mockoon, 'start', '--data', mock, '--port', port, '--hostname', '127.0.0.1'],
      ...['--disable-log-to-file', '--disable-admin-api'],
    ],
  };
}

/** Starts one and waits until it answers a signed event with 202. */
export async function startServer(children, cwd, argsOf) {
  const port = await freePort();
  const from = performance.now();
  const { child, stop } = children.start(process.execPath, argsOf(port).map(String), {
    cwd,
    env: cleanEnvironment(cwd),
  });
  const url = `http://127.0.0.1:${port}`;
  const first = signedEvent(`first-${port}`);
  for (;;) {
    const status = await postOnce(url, first);
    if (status === 202) break;
    const late = performance.now() - from > READY_WITHIN_MS;
    if (status !== null || late || child.exitCode !== null) {
      throw new Error(`${argsOf(port).join(' ')}: no 202 but ${status ?? child.exitCode ?? 'nothing'}`);
    }
    await delay(2);
  }
  return { url, ms: performance.now() - from, stop };
}

/** No setting of this user's may reach what is measured; nor may it write into this user's home. */
export function cleanEnvironment(home) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(CARVOS|npm|NODE_OPTIONS)/i.test(name));
  return { ...Object.fromEntries(kept), HOME: home, CARVOS_INCOMING_SECRET: SECRET };
}

/** The OpenAPI document that a user would give to a mock server: the one that carvos serves. */
export async function saveDocument(url, file) {
  writeFileSync(file, await (await fetch(`${url}/openapi.json`)).text());
}

/** Waits until every event that was taken is processed and delivered. */
export async function untilDelivered({ url, cwd }) {
  const { token } = JSON.parse(readFileSync(join(cwd, '.carvos/emulator.json'), 'utf8'));
  const headers = { authorization: `Bearer ${token}` };
  for (;;) {
    const { jobs, deliveries } = await (await fetch(`${url}/_carvos/v1/status`, { headers })).json();
    if (jobs.queued + jobs.running + deliveries.pending === 0) return deliveries;
    // Counting takes a share of the time that is measured.
    await delay(50);
  }
}

/** @returns the status; `null` where nothing answers. */
export function postOnce(url, { body, headers }) {
  return new Promise((resolve) => {
    const call = request(url + PATH, { method: 'POST', headers, agent: false }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    call.on('error', () => resolve(null));
    call.end(body);
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The least that Prism can be given: nothing to check. */
function oneRouteDocument() {
  return {
    openapi: '3.1.0',
    info: { title: 'one route', version: '1' },
    paths: {
      '/v1/webhooks/{ats_id}': {
        post: {
          parameters: [{ name: 'ats_id', in: 'path', required: true, schema: { type: 'string' } }],
          requestBody: { content: { 'application/json': { schema: {} } } },
          responses: {
            202: {
              description: 'Accepted',
              content: { 'application/json': { example: JSON.parse(REFERENCE) } },
            },
          },
        },
      },
    },
  };
}

function mockoonEnvironment() {
  const route = '5f0c2d7e-8a51-4d52-9a3b-2f1f3f3f0002';
  return {
    uuid: '5f0c2d7e-8a51-4d52-9a3b-2f1f3f3f0001',
    lastMigration: 33,
    name: 'CarvOS',
    port: 4010,
    hostname: '127.0.0.1',
    endpointPrefix: '',
    latency: 0,
    folders: [],
    routes: [
      {
        uuid: route,
        type: 'http',
        documentation: '',
        method: 'post',
        endpoint: 'v1/webhooks/:ats_id',
        responses: [
          {
            uuid: '5f0c2d7e-8a51-4d52-9a3b-2f1f3f3f0003',
            body: REFERENCE,
            latency: 0,
            statusCode: 202,
            label: '',
            headers: [{ key: 'Content-Type', value: 'application/json' }],
            bodyType: 'INLINE',
            filePath: '',
            databucketID: '',
            sendFileAsBody: false,
            rules: [],
            rulesOperator: 'OR',
            disableTemplating: true,
            fallbackTo404: false,
            default: true,
            crudKey: 'id',
            callbacks: [],
          },
        ],
        responseMode: null,
        streamingMode: null,
        streamingInterval: 0,
      },
    ],
    rootChildren: [{ type: 'route', uuid: route }],
    proxyMode: false,
    proxyHost: '',
    proxyRemovePrefix: false,
    tlsOptions: {
      enabled: false,
      type: 'CERT',
      pfxPath: '',
      certPath: '',
      keyPath: '',
      caPath: '',
      passphrase: '',
    },
    cors: false,
    headers: [],
    proxyReqHeaders: [],
    proxyResHeaders: [],
    data: [],
    callbacks: [],
  };
}
