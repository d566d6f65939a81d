import { randomUUID } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { certificateFolder } from '../support/certificates.ts';
import { type DevProcess, postWebhook, startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, type Program, spawnProgram } from '../support/program.ts';
import { freePort } from '../support/receiver.ts';
import { signLikeTheGuides } from '../support/sign.ts';
import { waitForPort } from '../support/tcp-port.ts';
import { ROOT } from './page-lines.ts';

export interface WorldSetup {
  /** Files of the reader's folder. */
  files?: Record<string, string>;
  /** Environment of `dev` and of every line. */
  env?: Record<string, string>;
  atsId?: string;
  clientId?: string;
  userId?: string;
  /** The receiver is one that the page starts itself. */
  ownReceiver?: boolean;
  /** Where `dev` starts lie `ca.pem`, and `app.pem` with its `app.key`. */
  certificates?: boolean;
}

export interface World {
  /** Runs a line as its reader would, with the ports and ids of this world in place of those of the page. */
  run(line: string): Promise<{ code: number | null; output: string }>;
  /** Makes what pages speak of: a delivery, an exhausted one, a failed job. Done by itself before the first line. */
  makeHistory(): Promise<void>;
}

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const HEX = '5f2b'.repeat(16);

/** The reader's folder: a gateway runs in it, and a receiver beside it. */
export async function startWorld(setup: WorldSetup): Promise<World> {
  const port = await freePort();
  const folder = makeFolder(setup, port);
  const secret = 'demo-outgoing-secret';
  const env = {
    CARVOS_OUTGOING_SECRET: undefined as string | undefined,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    PORT: String(port),
    EDITOR: 'true',
    // No browser is opened: carvos prints the address then.
    DISPLAY: undefined as string | undefined,
    WAYLAND_DISPLAY: undefined as string | undefined,
    WSL_DISTRO_NAME: undefined as string | undefined,
    HOME: join(folder, 'home'),
    GITHUB_ENV: join(folder, 'github.env'),
    ...setup.env,
  };
  if (setup.ownReceiver !== true) {
    const receiverEnv = {
      ...setup.env,
      PORT: String(port),
      CARVOS_OUTGOING_SECRET: setup.env?.NORTH_OUTGOING_SECRET ?? secret,
    };
    const receiver = spawnProgram(process.execPath, [join(ROOT, 'fixtures/receivers/express/receiver.mjs')], {
      env: receiverEnv,
    });
    await receiver.waitForText(/^listening/m);
  }
  const cwd = join(folder, 'ats');
  const flags =
    setup.atsId === undefined && setup.ownReceiver !== true
      ? ['--webhook-url', `http://localhost:${port}/webhooks/carvos`]
      : [];
  const dev = await startDev(cwd, ['--speed', 'max', ...flags], setup.env);
  let values: [RegExp, string][] = [];
  return {
    async run(line) {
      const text = replaceAll(line, [...values, ...portsOf(dev, port)]);
      const fresh = /^(npx )?carvos (dev|init)\b/.test(line);
      const settings = { cwd: fresh ? join(folder, 'fresh') : cwd, env };
      if (text.endsWith('&')) {
        spawnProgram('sh', ['-c', `exec env ${text.slice(0, -1)}`], settings);
        await waitForPort(port);
        return { code: 0, output: '' };
      }
      const runs = /^(npx )?carvos (dev|listen)\b/.test(line);
      const program = spawnProgram(
        text.includes('completion bash') ? 'bash' : 'sh',
        ['-c', runs ? `exec ${text}` : text],
        settings,
      );
      if (runs) await stopWhenReady(program);
      const { code } = await program.waitForExit(60_000);
      return { code, output: program.stdout + program.stderr };
    },
    async makeHistory() {
      values = await makeHistory(dev, port, setup);
    },
  };
}

/** `dev` ends well when it is asked to, once it says where it listens. */
async function stopWhenReady(program: Program): Promise<void> {
  await program.waitForText(/https?:\/\/(127\.0\.0\.1|0\.0\.0\.0):\d+/);
  program.kill('SIGTERM');
}

function makeFolder(setup: WorldSetup, port: number): string {
  const folder = tempFolder();
  for (const name of ['ats', 'fresh', 'bin', 'home/.config/fish/completions', 'fresh/recordings'])
    mkdirSync(join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'fixtures'), join(folder, 'ats/fixtures'));
  copyFileSync(join(ROOT, 'fixtures/files/cv-nl.pdf'), join(folder, 'ats/resume.pdf'));
  const carvos = `exec '${process.execPath}' '${CARVOS}' "$@"`;
  const npx = `#!/bin/sh\nname=$1; shift\n[ "$name" = carvos ] && ${carvos}\nexec '${ROOT}/node_modules/.bin/'"$name" "$@"\n`;
  const files: Record<string, string> = {
    'bin/npx': npx,
    'bin/npm': '#!/bin/sh\n[ "$1" = start ] && exec sleep 60\n[ "$1" = ci ]\n',
    'bin/carvos': `#!/bin/sh\n${carvos}\n`,
    'ats/body.json': read('fixtures/events/incoming/candidate.created.json'),
    'ats/events.ndjson': ['candidate', 'vacancy'].map(sampleLine).join(''),
    'ats/interview.vtt':
      'WEBVTT\n\n00:00.000 --> 00:04.000\n<v Jane>I have driven a reach truck for six years.\n',
    ...recordedRequests(),
    ...(setup.certificates ? certificates() : {}),
    ...Object.fromEntries(
      Object.entries(setup.files ?? {}).map(([name, text]) => [
        `ats/${name}`,
        text.replaceAll(':3000', `:${port}`),
      ]),
    ),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  for (const name of Object.keys(files).filter((one) => /^bin|\.sh$/.test(one)))
    chmodSync(join(folder, name), 0o755);
  return folder;
}

function certificates(): Record<string, string> {
  const { make } = certificateFolder();
  const ca = make('ca', { ca: true });
  const app = make('app', { issuer: ca });
  return { 'fresh/ca.pem': ca.cert, 'fresh/app.pem': app.cert, 'fresh/app.key': app.key };
}

/** An event of its own, as a line of NDJSON. */
function sampleLine(entity: string): string {
  const sample = JSON.parse(read(`fixtures/events/incoming/${entity}.created.json`));
  return `${JSON.stringify({ ...sample, event_id: `evt-line-${entity}` })}\n`;
}

/** A genuine request, as raw HTTP and as curl -v shows it. */
function recordedRequests(): Record<string, string> {
  const body = read('fixtures/events/incoming/candidate.created.json');
  const head = [
    'POST /v1/webhooks/demo-ats HTTP/1.1',
    'Host: localhost',
    `X-Webhook-Signature: ${signLikeTheGuides(body, 'demo-incoming-secret')}`,
  ];
  return {
    'ats/request.txt': `${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    'ats/curl.txt': `${head.map((line) => `> ${line}\n`).join('')}> \n< HTTP/1.1 202 Accepted\n`,
  };
}

/** What stands in the pages for the ports of this world. */
function portsOf(dev: DevProcess, port: number): [RegExp, string][] {
  return [
    [/\bCOMMAND\b/g, 'send'],
    [/127\.0\.0\.1:4010/g, new URL(dev.url).host],
    [/:300[01]\b/g, `:${port}`],
    [/\b300[01]\//g, `${port}/`],
    [/ 300[01]\b/g, ` ${port}/webhooks/carvos`],
  ];
}

/** Two deliveries, an exhausted one and a failed job; and what stands for their ids in the pages. */
async function makeHistory(dev: DevProcess, port: number, setup: WorldSetup): Promise<[RegExp, string][]> {
  const { atsId = 'demo-ats', clientId = 'acme-corp', userId = 'admin-user' } = setup;
  const control = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${dev.token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${dev.url}/_carvos/v1${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return JSON.parse(await answer.text());
  };
  if (setup.ownReceiver === true)
    await control('PATCH', `/ats/${atsId}`, { webhook_url: `http://localhost:${port}/webhooks/carvos` });
  const secret = setup.env?.NORTH_INCOMING_SECRET ?? 'demo-incoming-secret';
  const send = async (event: string, change: Record<string, unknown> = {}) => {
    const sample = JSON.parse(read(`fixtures/events/incoming/${event}.json`));
    const event_id = `evt-${randomUUID()}`;
    const body = JSON.stringify({ ...sample, event_id, client_id: clientId, user_id: userId, ...change });
    const answer = await postWebhook(dev, body, secret, atsId);
    const { reference_id } = JSON.parse(await answer.text());
    return await control('GET', `/references/${reference_id}/wait?until=settled`);
  };
  const first = await send('candidate.created');
  await send('vacancy.created');
  const second = await send('application.created');
  const { id: fault } = await control('POST', '/faults', { kind: 'status-503' });
  await send('candidate.updated');
  await control('DELETE', `/faults/${fault}`);
  await send('candidate.updated', { email: 'jane+ai-fail@example.com' });
  const { items } = await control('GET', '/jobs?state=failed');
  const [one, two] = [first, second].map(({ trace }) => trace.deliveries[0].id as string);
  return [
    [/dlv_0198c…/g, one!],
    [/dlv_0199a…/g, two!],
    [/dlv_…\/1/g, `${one}/1`],
    [/dlv_…/g, one!],
    [/0198c3a0-…|REFERENCE_ID/g, first.trace.reference_id],
    [/job_12|\bJOB\b/g, items[0].id],
    [/9c1e…|5f2b…|\bDIGITS\b/g, HEX],
    [/t=…,v1=…/g, `t=1768472880,v1=${HEX}`],
  ];
}

function replaceAll(text: string, values: readonly [RegExp, string][]): string {
  return values.reduce((before, [pattern, value]) => before.replace(pattern, value), text);
}
