import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from 'vitest';
import { createRecord } from './record.ts';
import { STATEMENTS, type Statement, type StatementId } from './statements.ts';

/**
 * The gateway under test: the one at CARVOS_CONTRACT_URL with the credentials of the environment, or
 * the built `carvos dev`. Nothing of the project's sources is used: this suite knows only the contract.
 */

const REMOTE = process.env.CARVOS_CONTRACT_URL;
/** Where the suite's receiver listens when the gateway is not ours: its public URL stands in the portal. */
const RECEIVER_PORT = process.env.CARVOS_CONTRACT_RECEIVER_PORT;
/** A carvos.facts.json: what the gateway is expected to do where it says something. */
const FACTS = process.env.CARVOS_CONTRACT_FACTS;
const CARVOS = fileURLToPath(new URL('../../bin/carvos.cjs', import.meta.url));
const WAIT_MS = REMOTE === undefined ? 60_000 : 120_000;

export interface Received {
  headers: IncomingHttpHeaders;
  body: Buffer;
  event: {
    event: string;
    event_id: string;
    reference_id: string;
    client_id: string;
    timestamp: string;
    status: string;
    error: unknown;
    data: Record<string, unknown>;
  };
}

export interface Answer {
  status: number;
  // Whatever came: the tests look at it.
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the gateway
  json: any;
}

export const credentials = {
  atsId: process.env.CARVOS_ATS_ID ?? 'demo-ats',
  apiKey: process.env.CARVOS_API_KEY ?? 'demo-api-key',
  incomingSecret: process.env.CARVOS_INCOMING_SECRET ?? 'demo-incoming-secret',
  outgoingSecret: process.env.CARVOS_OUTGOING_SECRET ?? 'demo-outgoing-secret',
  clientId: process.env.CARVOS_CONTRACT_CLIENT_ID ?? 'acme-corp',
  userId: process.env.CARVOS_CONTRACT_USER_ID ?? 'admin-user',
};

/** What the facts file says; nothing without one. */
export const facts: {
  eventHeader?: string;
  statuses?: Record<string, number>;
  errors?: { refusal?: unknown; validation?: unknown };
  cvField?: string;
  score?: { min: number; max: number };
  fields?: Record<string, Record<string, string>>;
} = FACTS === undefined ? {} : JSON.parse(readFileSync(FACTS, 'utf8'));

/** The status of a signature that is missing or wrong, which is not documented. */
export const BAD_SIGNATURE = facts.statuses?.invalid_signature ?? 401;

/** Ids that no run before has used. */
export const fresh = (kind: string): string => `${kind}-${randomUUID()}`;

/** Calls the test of one statement by section and page; skipped where it cannot be seen. */
export function prove(id: StatementId, run: () => Promise<void>): void {
  const { section, page, says, localOnly, receiver }: Statement = STATEMENTS[id];
  const blind =
    REMOTE !== undefined && (localOnly === true || (receiver === true && RECEIVER_PORT === undefined));
  const why = localOnly ? 'local only' : 'needs CARVOS_CONTRACT_RECEIVER_PORT';
  test.skipIf(blind)(`§${section} [doc ${page}] ${says}${blind ? ` (${why})` : ''}`, run, WAIT_MS * 2);
}

/** The gateway and a receiver, for the tests of one file. */
export function createTarget() {
  const state = { url: REMOTE?.replace(/\/$/, '') ?? '', token: '', folder: '' };
  let child: ChildProcess | undefined;
  const received: Received[] = [];
  const record = createRecord(process.env.CARVOS_CONTRACT_RECORD);
  /** How the next requests are answered; 200 when there is nothing left. */
  const answers: (number | ((response: ServerResponse) => void))[] = [];
  const waiters = new Set<() => void>();
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      received.push({ headers: request.headers, body, event: JSON.parse(body.toString()) });
      record.add(
        { method: 'POST', url: receiverUrl(), headers: request.headers, body: body.toString() },
        { status: 200, headers: {}, body: '' },
      );
      const answer = answers.shift() ?? 200;
      if (typeof answer === 'function') answer(response);
      else
        response
          .writeHead(answer, { 'Content-Type': 'application/json', 'Set-Cookie': 'secret-cookie=1' })
          .end('{"status":"received"}');
      for (const wake of [...waiters]) wake();
    });
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) =>
      receiver.listen(Number(RECEIVER_PORT ?? 0), REMOTE === undefined ? '127.0.0.1' : undefined, resolve),
    );
    if (REMOTE !== undefined) return;
    if (!existsSync(CARVOS) || !existsSync(join(CARVOS, '../../dist/cli.cjs')))
      throw new Error('carvos is not built: npm run build');
    state.folder = mkdtempSync(join(tmpdir(), 'carvos-contract-'));
    if (FACTS !== undefined) copyFileSync(FACTS, join(state.folder, 'carvos.facts.json'));
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('CARVOS_')),
    );
    const args = [
      'dev',
      '--port',
      '0',
      '--db',
      ':memory:',
      '--speed',
      'manual',
      '--webhook-url',
      receiverUrl(),
    ];
    child = spawn(process.execPath, [CARVOS, ...args], { cwd: state.folder, env, stdio: 'ignore' });
    const file = join(state.folder, '.carvos', 'emulator.json');
    await until(() => existsSync(file) && readFileSync(file, 'utf8').includes('}'), 'carvos dev');
    Object.assign(state, JSON.parse(readFileSync(file, 'utf8')));
    await until(
      async () => (await fetch(`${state.url}/readyz`).catch(() => null))?.status === 200,
      '/readyz',
    );
  }, WAIT_MS * 2);

  afterAll(async () => {
    receiver.closeAllConnections();
    receiver.close();
    record.write();
    if (!child) return;
    const ended = new Promise((resolve) => child!.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(state.folder, { recursive: true, force: true });
  });

  const receiverUrl = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks`;
  const request = async (method: string, path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(`${state.url}${path}`, { ...init, method, redirect: 'manual' });
    const text = await response.text();
    if (!path.startsWith('/_carvos'))
      record.add(
        {
          method,
          url: `${state.url}${path}`,
          headers: { ...(init.headers as Record<string, string>) },
          body: typeof init.body === 'string' ? init.body : null,
        },
        { status: response.status, headers: Object.fromEntries(response.headers), body: text },
      );
    return { status: response.status, json: text === '' ? null : JSON.parse(text) };
  };

  return {
    received,
    answers,
    receiverUrl,
    folder: () => state.folder,

    /** Signs as the documented sender does, with node:crypto alone, and posts the same bytes. */
    webhook(event: Record<string, unknown> | string, options: { secret?: string; signature?: string } = {}) {
      const body = typeof event === 'string' ? event : JSON.stringify(event);
      const signature = options.signature ?? sign(body, options.secret ?? credentials.incomingSecret);
      return request('POST', `/v1/webhooks/${encodeURIComponent(credentials.atsId)}`, {
        headers: {
          'Content-Type': 'application/json',
          ...(signature === '' ? {} : { 'X-Webhook-Signature': signature }),
        },
        body,
      });
    },

    /** A REST call with all three headers; `''` leaves one out. */
    rest(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const all: Record<string, string> = {
        'X-API-Key': credentials.apiKey,
        'X-ATS-Client-ID': credentials.clientId,
        'X-ATS-User-ID': credentials.userId,
        'Content-Type': 'application/json',
        ...headers,
      };
      return request(method, path, {
        headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    },

    /** `POST /uploads` as `curl -F file=@…` does it. */
    upload(content: Buffer, name: string, type: string) {
      const body = new FormData();
      body.append('file', new Blob([content], { type }), name);
      const headers = { 'X-API-Key': credentials.apiKey, 'X-ATS-Client-ID': credentials.clientId };
      return request('POST', '/uploads', { headers, body });
    },

    /** The control API of a local emulator. */
    control(method: string, path: string, body?: unknown) {
      return request(method, `/_carvos/v1${path}`, {
        headers: { Authorization: `Bearer ${state.token}`, 'Content-Type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    },

    /** Waits for what a 202 leads to: its n-th delivery. */
    async outcome(answer: Answer, count = 1): Promise<Received> {
      if (answer.status !== 202)
        throw new Error(`not 202 but ${answer.status} ${JSON.stringify(answer.json)}`);
      const of = () => received.filter((one) => one.event.reference_id === answer.json.reference_id);
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (of().length < count) return;
          clearTimeout(timer);
          waiters.delete(look);
          resolve();
        };
        const timer = setTimeout(() => {
          waiters.delete(look);
          reject(new Error(`delivery ${count} of ${answer.json.reference_id} did not come`));
        }, WAIT_MS);
        waiters.add(look);
        look();
      });
      return of()[count - 1]!;
    },

    /** Reads until what was written is there. */
    async read(path: string): Promise<Answer> {
      let last: Answer = { status: 0, json: null };
      await until(async () => {
        last = await this.rest('GET', path);
        return last.status === 200;
      }, path);
      return last;
    },
  };
}

export function sign(body: string | Buffer, secret: string, t = Math.floor(Date.now() / 1000)): string {
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex')}`;
}

/** An event with everything that every event has. */
export function incoming(event: string, fields: Record<string, unknown>): Record<string, unknown> {
  return {
    event,
    event_id: fresh('evt'),
    client_id: credentials.clientId,
    user_id: credentials.userId,
    ...fields,
  };
}

export const candidate = () => ({
  candidate_id: fresh('cand'),
  first_name: 'John',
  last_name: 'Doe',
  email: 'john.doe@example.com',
});
export const vacancy = () => ({
  vacancy_id: fresh('vac'),
  title: 'Order picker',
  description: 'Order picking with a reach truck in Tilburg.',
});
export const applicationOf = (
  { candidate_id }: { candidate_id: string },
  { vacancy_id }: { vacancy_id: string },
) => ({ application_id: fresh('app'), candidate_id, vacancy_id });

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
