import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { certificateFolder } from '../support/certificates.ts';
import { type DevProcess, postWebhook, startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, type Program, runCli, spawnProgram } from '../support/program.ts';
import { freePort } from '../support/receiver.ts';
import { signLikeTheGuides } from '../support/sign.ts';
import { waitForPort } from '../support/tcp-port.ts';
import { ROOT } from './page-lines.ts';

export interface WorldSetup {
  /** The config file, `{}` by default. */
  config?: string;
  /** Environment of `dev`, and of every line. */
  env?: Record<string, string>;
  atsId?: string;
  clientId?: string;
  userId?: string;
}

export interface PageSetup {
  /** Files of the reader's folder. */
  files?: Record<string, string>;
  /** Environment of every line. */
  env?: Record<string, string>;
  /** The page starts a receiver itself: its port is another than that of the receiver beside the gateway. */
  ownReceiver?: boolean;
  /** Where `dev` starts lie `ca.pem`, and `app.pem` with its `app.key`. */
  certificates?: boolean;
}

/** A gateway, and a receiver beside it, for the lines of one page after the other. */
export interface World {
  /** What one page left is gone: the reader's folder has what this one needs, the gateway what pages speak of. */
  turnTo(page: PageSetup): Promise<Page>;
}

export interface Page {
  /** A line with the ports and ids of this world in place of those of the page. */
  fill(line: string): string;
  /** Runs such a line as its reader would. */
  run(text: string): Promise<{ code: number | null; output: string }>;
}

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const HEX = '5f2b'.repeat(16);
/** Of the gateway, as the pages have it. */
export const TOKEN = 'my-token';

export async function startWorld(setup: WorldSetup = {}): Promise<World> {
  const port = await freePort();
  const folder = makeFolder(setup);
  const cwd = join(folder, 'ats');
  const receiver = spawnProgram(process.execPath, [join(ROOT, 'fixtures/receivers/express/receiver.mjs')], {
    env: {
      ...setup.env,
      PORT: String(port),
      CARVOS_OUTGOING_SECRET: setup.env?.NORTH_OUTGOING_SECRET ?? 'demo-outgoing-secret',
    },
  });
  const flags = ['--speed', 'max'];
  const dev = await startDev(cwd, flags, { ...setup.env, CARVOS_CONTROL_TOKEN: TOKEN });
  await receiver.waitForText(/^listening/m);
  const change = JSON.stringify({ webhook_url: `http://localhost:${port}/webhooks/carvos` });
  await callControl(dev, 'PATCH', `/ats/${setup.atsId ?? 'demo-ats'}`, change);
  const values = await makeHistory(dev, setup);
  const snapshot = await callControl(dev, 'GET', '/snapshot');
  return {
    async turnTo(page) {
      const own = page.ownReceiver === true ? await freePort() : port;
      fillFolder(folder, page);
      await callControl(dev, 'PUT', '/snapshot', snapshot);
      const env = { ...environmentOf(folder, own), ...setup.env, ...page.env };
      return {
        fill: (line) => replaceAll(line.replace(/^npx /, ''), [...values, ...portsOf(dev, own)]),
        run: (text) => runLine(text, folder, env, own),
      };
    },
  };
}

function environmentOf(folder: string, port: number): Record<string, string | undefined> {
  return {
    CARVOS_OUTGOING_SECRET: undefined,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    PORT: String(port),
    EDITOR: 'true',
    // No browser is opened: carvos prints the address then.
    DISPLAY: undefined,
    WAYLAND_DISPLAY: undefined,
    WSL_DISTRO_NAME: undefined,
    HOME: join(folder, 'home'),
    GITHUB_ENV: join(folder, 'github.env'),
  };
}

/** What runs without a shell: one command that neither stays nor starts others, and no more than it. */
const ALONE = /^carvos (?!dev|listen|exec|doctor|completion)[^|&;<>$()#]+$/;

async function runLine(text: string, folder: string, env: Record<string, string | undefined>, port: number) {
  const fresh = /^carvos (dev|init)\b/.test(text);
  const settings = { cwd: join(folder, fresh ? 'fresh' : 'ats'), env };
  if (text.endsWith('&')) {
    spawnProgram('sh', ['-c', `exec env ${text.slice(0, -1)}`], settings);
    await waitForPort(port);
    return { code: 0, output: '' };
  }
  if (ALONE.test(text)) {
    const [, ...words] = text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)!;
    const args = words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
    const { code, stdout, stderr } = await runCli(args, settings);
    return { code, output: stdout + stderr };
  }
  const runs = /^carvos (dev|listen)\b/.test(text);
  const shell = text.includes('completion bash') ? 'bash' : 'sh';
  const program = spawnProgram(shell, ['-c', runs ? `exec ${text}` : text], settings);
  if (runs) await stopWhenReady(program);
  const { code } = await program.waitForExit(60_000);
  return { code, output: program.stdout + program.stderr };
}

/** `dev` ends well when it is asked to, once it says where it listens. */
async function stopWhenReady(program: Program): Promise<void> {
  await program.waitForText(/https?:\/\/(127\.0\.0\.1|0\.0\.0\.0):\d+/);
  program.kill('SIGTERM');
}

function makeFolder({ config = '{}' }: WorldSetup): string {
  const folder = tempFolder();
  for (const name of ['ats', 'bin', 'home/.config/fish/completions'])
    mkdirSync(join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'fixtures'), join(folder, 'ats/fixtures'));
  const carvos = `exec '${process.execPath}' '${CARVOS}' "$@"`;
  const programs: Record<string, string> = {
    npx: `name=$1; shift\n[ "$name" = carvos ] && ${carvos}\nexec '${ROOT}/node_modules/.bin/'"$name" "$@"`,
    npm: '[ "$1" = start ] && exec sleep 60\n[ "$1" = ci ]',
    carvos,
  };
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  writeFileSync(join(folder, 'ats/carvos.config.json'), config);
  return folder;
}

/** The reader's folder, and an empty one where `dev` and `init` are run. */
function fillFolder(folder: string, page: PageSetup): void {
  for (const name of ['fresh', 'ats/.env']) rmSync(join(folder, name), { recursive: true, force: true });
  mkdirSync(join(folder, 'fresh/recordings'), { recursive: true });
  copyFileSync(join(ROOT, 'fixtures/files/cv-nl.pdf'), join(folder, 'ats/resume.pdf'));
  const files: Record<string, string> = {
    'ats/body.json': read('fixtures/events/incoming/candidate.created.json'),
    'ats/events.ndjson': ['candidate', 'vacancy'].map(sampleLine).join(''),
    'ats/interview.vtt':
      'WEBVTT\n\n00:00.000 --> 00:04.000\n<v Jane>I have driven a reach truck for six years.\n',
    ...recordedRequests(),
    ...(page.certificates ? certificates() : {}),
    ...Object.fromEntries(Object.entries(page.files ?? {}).map(([name, text]) => [`ats/${name}`, text])),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
  }
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
    // As good as a thousand.
    [/--repeat 1000/g, '--repeat 20'],
    [/127\.0\.0\.1:4010/g, new URL(dev.url).host],
    [/:300[01]\b/g, `:${port}`],
    [/\b300[01]\//g, `${port}/`],
    [/ 300[01]\b/g, ` ${port}/webhooks/carvos`],
  ];
}

async function callControl(
  dev: DevProcess,
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const type = typeof body === 'string' ? 'application/json' : 'application/vnd.sqlite3';
  const headers = { authorization: `Bearer ${dev.token}`, 'content-type': type };
  const answer = await fetch(`${dev.url}/_carvos/v1${path}`, { method, headers, body });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Two deliveries, an exhausted one and a failed job; and what stands for their ids in the pages. */
async function makeHistory(dev: DevProcess, setup: WorldSetup): Promise<[RegExp, string][]> {
  const { atsId = 'demo-ats', clientId = 'acme-corp', userId = 'admin-user' } = setup;
  const control = async (method: string, path: string, body?: unknown) => {
    const answer = await callControl(dev, method, path, body === undefined ? body : JSON.stringify(body));
    return JSON.parse(Buffer.from(answer).toString());
  };
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
