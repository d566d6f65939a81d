// Makes fixtures/versions/VERSION with the program as it is now: npm run fixture:version
//
// carvos.db: a database whose gateway was killed while an attempt was in flight. snapshot.db: what `snapshot save`
// wrote a moment before. expected.json: what has to be found in both by every later version. schemas.json: what
// `--json` promised. config.json: what `init` wrote. Run it last before a release; the folder of a released version
// is never made again.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'bin/carvos.cjs');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const target = join(root, 'fixtures/versions', version);
const MAX_BYTES = 300 * 1024;
const KEYS = { 'X-API-Key': 'demo-api-key', 'X-ATS-Client-ID': 'acme-corp', 'X-ATS-User-ID': 'admin-user' };

// Only the demo's secrets may be in a file that is committed.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CARVOS_')));
const cwd = mkdtempSync(join(tmpdir(), 'carvos-version-fixture-'));
const database = join(cwd, 'data.db');
const snapshot = join(cwd, 'snapshot.db');

/** Answers as the event asks for: by the id of the candidate that it is about. */
const held = [];
let recovered = false;
const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const id = JSON.parse(Buffer.concat(chunks).toString('utf8')).data?.candidate_id ?? '';
  if (id === 'cand-held') return held.push(response);
  response.statusCode = id === 'cand-pending' || (id === 'cand-exhausted' && !recovered) ? 500 : 200;
  response.end(response.statusCode === 500 ? 'no such table: candidates' : 'ok');
});
receiver.listen(0, '127.0.0.1');
await once(receiver, 'listening');

if (!readFileSync(join(root, 'CHANGELOG.md'), 'utf8').includes(`## ${version} (unreleased)`)) {
  process.stderr.write(`${version} is released: its fixture stays as it is. Set the next version first.\n`);
  process.exit(1);
}

let dev;
try {
  spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), '--no-types'], { stdio: 'inherit' });
  const gateway = await startGateway();
  const facts = await makeHistory(gateway);
  // At the end: the commands before it work without any configuration.
  await carvos('init');
  dev.kill('SIGKILL');
  await once(dev, 'exit');
  keepOneFile(database);

  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [from, name] of [
    [database, 'carvos.db'],
    [snapshot, 'snapshot.db'],
  ]) {
    const { size } = statSync(from);
    if (size > MAX_BYTES) throw new Error(`${name} has ${size} bytes, more than ${MAX_BYTES}`);
    copyFileSync(from, join(target, name));
    process.stdout.write(`fixtures/versions/${version}/${name}  ${Math.ceil(size / 1024)} KiB\n`);
  }
  writeFileSync(join(target, 'schemas.json'), `${JSON.stringify(readSchemas())}\n`);
  copyFileSync(join(cwd, 'carvos.config.json'), join(target, 'config.json'));
  writeFileSync(join(target, 'expected.json'), `${JSON.stringify(facts, null, 2)}\n`);
} finally {
  dev?.kill('SIGKILL');
  receiver.closeAllConnections();
  receiver.close();
  rmSync(cwd, { recursive: true, force: true });
}

async function startGateway() {
  const url = `http://127.0.0.1:${receiver.address().port}/webhooks/carvos`;
  const flags = ['--db', database, '--webhook-url', url, '--speed', 'manual', '--receiver-timeout', '10m'];
  dev = spawn(process.execPath, [bin, 'dev', '--json', '--port', '0', ...flags], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  // Read to its end: a pipe that is closed would end the gateway.
  dev.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  for (;;) {
    const ready = text.split('\n').find((line) => line.startsWith('{') && line.includes('"type":"ready"'));
    if (ready !== undefined && text.includes('\n')) return JSON.parse(ready).url;
    if (dev.exitCode !== null) throw new Error('carvos dev ended before it was ready');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A bit of everything that the database can hold. */
async function makeHistory(gateway) {
  const wait = (event, ...more) => carvos('send', event, '--wait', ...more);
  /** One whose first attempt the receiver, or a fault, refuses. */
  const refused = (event, ...more) => wait(event, '--until', 'first-attempt', ...more, { code: 1 });
  const about = (id) => ['--set', `candidate_id:=${id}`, '--event-id', `evt-${id}`];

  await wait('candidate.created', ...about('cand-1'), '--cv', join(root, 'fixtures/files/cv-nl.docx'));
  await wait('vacancy.created', '--set', 'vacancy_id:=vac-1');
  await wait(
    'application.created',
    ...['--set', 'application_id:=app-1', '--set', 'candidate_id:=cand-1', '--set', 'vacancy_id:=vac-1'],
  );
  await wait('candidate.created', ...about('cand-rest'), '--via', 'rest');
  await wait('candidate.created', ...about('cand-failed'), '--set', 'email:=jane+ai-fail@example.com');
  await carvos('send', 'candidate.created', '--fault', 'wrong-signature', { code: 4 });
  await carvos(
    'workspace',
    'member-add',
    'acme-corp',
    '--user-id',
    'rita',
    '--name',
    'Rita',
    '--email',
    'rita@acme.example',
  );
  await carvos('meeting', 'record', '--application', 'app-1', '--client-id', 'acme-corp', '--wait');
  await carvos('config', 'set', 'name', 'Demo ATS of an earlier version');
  await carvos('trigger', 'candidate.created');

  // A repeated event has to be known later.
  const body = readFileSync(join(root, 'fixtures/events/incoming/candidate.deleted.json'), 'utf8');
  const repeated = JSON.stringify({
    ...JSON.parse(body),
    event_id: 'evt-repeated',
    candidate_id: 'cand-rest',
  });
  writeFileSync(join(cwd, 'repeated.json'), repeated);
  const { reference_id } = await carvos('send', 'repeated.json', '--wait');

  // A fault that applies once, and one that stays.
  await carvos('fault', 'add', 'status-503', '--id', 'once', '--event', 'vacancy.updated', '--first', '1');
  await refused('vacancy.updated', '--set', 'vacancy_id:=vac-1');
  await carvos('clock', 'next');
  await carvos('fault', 'clear', 'once');
  await carvos('fault', 'add', 'slow', '--id', 'stays', '--event', 'candidate.deleted', '--delay', '1ms');

  const exhausted = await refused('candidate.created', ...about('cand-exhausted'));
  await carvos('clock', 'drain');
  recovered = true;
  await carvos('replay', exhausted.deliveries[0].id);

  const pending = await refused('candidate.created', ...about('cand-pending'));
  await carvos('clock', 'next');

  const unused = await upload(gateway);
  const interrupted = await carvos('send', 'candidate.created', ...about('cand-held'));
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await carvos('snapshot', 'save', snapshot);

  const log = await carvos('deliveries', '--limit', '1000');
  const status = await carvos('status');
  const held_delivery = (await carvos('trace', interrupted.reference_id)).deliveries[0];
  const read = await rest(gateway, '/v1/applications/app-1');
  return {
    carvos: version,
    made_at: new Date().toISOString(),
    gateway_id: status.gateway_id,
    events: status.events,
    jobs: { done: status.jobs.done, failed: status.jobs.failed },
    relied_on: status.assumptions.relied_on,
    workspaces: (await carvos('workspace')).items.map(({ client_id, members }) => ({
      client_id,
      members: members.map(({ user_id }) => user_id),
    })),
    ats_name: status.ats[0].name,
    faults: (await carvos('fault')).items.map(({ id, kind }) => ({ id, kind })),
    exhausted: exhausted.deliveries[0].id,
    // One that waits for its third attempt, one whose first was in flight.
    pending: pending.deliveries[0].id,
    interrupted: held_delivery.id,
    unused_file: unused,
    repeated: { body: repeated, reference_id },
    application: read,
    log: log.items.map(
      ({ id, direction, number, step, event, event_id, reference_id, outcome, ...record }) => ({
        id,
        direction,
        number,
        step,
        event,
        event_id,
        reference_id,
        outcome,
        response_status: record.response_status,
        fault: record.fault,
        test: record.test,
        occurred_at: record.occurred_at,
      }),
    ),
  };
}

/** Runs a command; a last argument `{code}` says how it has to end. */
async function carvos(...given) {
  const { code = 0 } = typeof given.at(-1) === 'object' ? given.pop() : {};
  // Not in this process's own turn: it has the receiver.
  const child = spawn(process.execPath, [bin, ...given, '--json'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, 'close'),
  ]);
  if (child.exitCode !== code)
    throw new Error(`carvos ${given.join(' ')} ended with ${child.exitCode}: ${stderr}`);
  return JSON.parse(stdout);
}

async function readAll(stream) {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}

async function rest(gateway, path) {
  return await (await fetch(gateway + path, { headers: KEYS })).json();
}

async function upload(gateway) {
  const form = new FormData();
  form.append('file', new Blob([readFileSync(join(root, 'fixtures/files/cv-nl.docx'))]), 'unused.docx');
  const response = await fetch(`${gateway}/uploads`, { method: 'POST', headers: KEYS, body: form });
  return (await response.json()).carv_file_id;
}

/** The JSON Schemas of the build, by name; the config's is for editors alone. */
function readSchemas() {
  const folder = join(root, 'dist/schemas');
  const names = readdirSync(folder).filter((name) => name !== 'config.schema.json');
  return Object.fromEntries(
    names.map((name) => [
      name.replace('.schema.json', ''),
      JSON.parse(readFileSync(join(folder, name), 'utf8')),
    ]),
  );
}

/** What the write-ahead log holds, in the file itself. Nothing else of it changes. */
function keepOneFile(path) {
  const db = new Database(path);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}
