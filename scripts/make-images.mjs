// Makes docs/images from the real program: npm run images. Needs tmux, chromium and a built carvos.
import { spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { renderTerminal } from './images/ansi-to-svg.mjs';
import { capturePage, printAddress } from './images/capture-page.mjs';
import { renderLoop, renderTimeline } from './images/diagrams.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const CARVOS = join(root, 'bin/carvos.cjs');
const OUTGOING_SECRET = 'demo-outgoing-secret';
const SCREEN = { columns: 132, rows: 17 };

const folder = mkdtempSync(join(tmpdir(), 'carvos-images-'));
const env = { ...process.env, TZ: 'UTC', LANG: 'C.UTF-8' };
for (const name of Object.keys(env)) if (name.startsWith('CARVOS_')) delete env[name];

/** Runs a command to its end; the receiver of this process answers meanwhile. */
async function carvos(...args) {
  const child = spawn(process.execPath, [CARVOS, ...args], { cwd: folder, env, stdio: 'ignore' });
  await once(child, 'exit');
}

/** A receiver as somebody writes it first: it parses the body, and hashes what it writes again. */
async function startReceiver() {
  let mood = 'mistaken';
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (mood !== 'mistaken') {
      response.writeHead(mood === 'down' ? 500 : 200).end();
      return;
    }
    const t = /t=(\d+)/.exec(request.headers['x-webhook-signature'])[1];
    const written = JSON.stringify(JSON.parse(Buffer.concat(chunks)), null, 2);
    const computed = createHmac('sha256', OUTGOING_SECRET).update(`${t}.${written}`).digest('hex');
    response.writeHead(401).end(JSON.stringify({ detail: 'Invalid signature', computed }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const setMood = (wanted) => {
    mood = wanted;
  };
  return { server, setMood, url: `http://127.0.0.1:${server.address().port}/webhooks/carvos` };
}

/** A gateway whose colours are kept. */
async function startDev(url) {
  const args = ['dev', '--port', '0', '--color', 'always', '--webhook-url', url];
  const child = spawn(process.execPath, [CARVOS, ...args], { cwd: folder, env });
  const dev = { child, text: '' };
  child.stdout.on('data', (chunk) => {
    dev.text += chunk;
  });
  await waitFor(() => dev.text.includes('times are local'), 'the gateway');
  return dev;
}

async function waitFor(condition, what) {
  for (let tries = 0; tries < 400; tries++) {
    if (condition()) return;
    await delay(50);
  }
  throw new Error(`waited in vain for ${what}`);
}

const plain = (text) => text.replace(/\x1b\[[0-9;]*m/g, '');
const write = (name, text) => {
  writeFileSync(join(root, 'docs/images', name), text);
  console.log(`wrote docs/images/${name}, ${Math.ceil(text.length / 1024)} KiB`);
};

/** The delays as the banner of dev says them. */
function readSchedule(banner) {
  const found = /5 attempts, (.+) apart; at speed (\d+): (.+)/.exec(plain(banner));
  if (found === null) throw new Error('the banner of carvos dev does not say the schedule as expected');
  return { production: found[1].split(', '), speed: found[2], fast: found[3].trim().split(', ') };
}

/** From the event's first line to the end of what is said of its refusal. */
function cutDiagnosis(text) {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => plain(line).includes('→ incoming  candidate'));
  const end = lines.findIndex((line, index) => index > start && /attempt 2\/5|clock/.test(plain(line)));
  return lines.slice(start, end < 0 ? undefined : end).join('\n');
}

async function captureScreen() {
  const socket = `carvos-images-${process.pid}`;
  const tmux = (...args) =>
    spawnSync('tmux', ['-L', socket, ...args], { cwd: folder, env, encoding: 'utf8' });
  const size = ['-x', String(SCREEN.columns), '-y', String(SCREEN.rows)];
  const started = tmux(
    'new-session',
    '-d',
    ...size,
    `'${process.execPath}' '${CARVOS}' inspect --color always`,
  );
  if (started.status !== 0) throw new Error(`tmux: ${started.stderr ?? started.error}`);
  try {
    const shown = () => tmux('capture-pane', '-p').stdout;
    await waitFor(() => shown().includes('application.created'), 'the log on the screen');
    for (const key of ['Down', 'Down', 'Enter', '3']) {
      tmux('send-keys', key);
      await delay(400);
    }
    await waitFor(() => shown().includes('state:'), 'the attempts of a delivery');
    return tmux('capture-pane', '-e', '-p').stdout;
  } finally {
    tmux('kill-server');
  }
}

const { server, setMood, url } = await startReceiver();
const dev = await startDev(url);
try {
  write('loop.svg', renderLoop());
  write('retry-timeline.svg', renderTimeline(readSchedule(dev.text)));

  await carvos('send', 'candidate.created', '--wait', '--until', 'first-attempt');
  await waitFor(() => plain(dev.text).includes('attempt 1/5'), 'the first attempt');
  await carvos('clock', 'pause');
  const diagnosis = cutDiagnosis(dev.text);
  const title = 'carvos dev explains why a receiver answered 401 to a webhook';
  write('wrong-signature.svg', renderTerminal(diagnosis, { title, columns: 118 }));

  await carvos('clock', 'resume');
  setMood('fine');
  await carvos('send', 'candidate.created', '--wait');
  await carvos('send', 'vacancy.created', '--wait');
  setMood('down');
  await carvos('send', 'application.created', '--wait', '--until', 'first-attempt');
  await carvos('clock', 'pause');
  await carvos('clock', 'next');
  setMood('fine');
  await carvos('send', 'candidate.updated', '--wait');
  const screen = await captureScreen();
  write('screen.svg', renderTerminal(screen, { title: 'The screen of carvos inspect', ...SCREEN }));

  const pictures = await capturePage(() => printAddress(process.execPath, CARVOS, folder, env));
  for (const [scheme, picture] of Object.entries(pictures)) write(`page-${scheme}.png`, picture);
} finally {
  dev.child.kill();
  await once(dev.child, 'exit');
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
