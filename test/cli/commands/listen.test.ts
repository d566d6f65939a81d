import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { postBytes } from '../../../src/client/post-bytes.ts';
import { startReceiver } from '../../../src/client/receiver.ts';
import { tempFolder } from '../../support/folder.ts';
import { postSigned } from '../../support/post-signed.ts';
import { runCli, startCarvos, startWarmCarvos } from '../../support/program.ts';
import { connectRaw, rawHead } from '../../support/raw-client.ts';
import { signLikeTheGuides } from '../../support/sign.ts';

let cwd: string;
beforeEach(() => {
  cwd = tempFolder();
});

const body = Buffer.from(
  '{"event":"candidate.created",  "event_id":"evt_1","client_id":"acme-corp","n":12345678901234567890}',
);
const secret = 'demo-outgoing-secret';
const post = (url: string, key = secret) => postSigned({ url, body, secret: key, timeoutMs: 60_000 });

async function startListening(args: string[], start = startWarmCarvos) {
  const listener = start(['listen', '--port', '0', ...args], { cwd });
  const [output] = await listener.waitForText(/http:\/\/127\.0\.0\.1:\d+/);
  return { listener, url: /http:\/\/127\.0\.0\.1:\d+/.exec(output)![0] };
}

test('with --json it prints the exact body, which then verifies, and ends cleanly when stopped', async () => {
  const { listener, url } = await startListening(['--json', '--respond', '500,200'], startCarvos);
  expect(await post(url)).toMatchObject({ ok: true, status: 500 });
  expect(await post(url)).toMatchObject({ ok: true, status: 200 });
  expect(await post(url, 'demo-incoming-secret')).toMatchObject({ ok: true, status: 401 });
  await listener.waitForText('"number":3');
  listener.kill('SIGINT');
  const { code, stdout } = await listener.ended;
  expect(code).toBe(0);

  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ version: 2, type: 'listening', url });
  expect(lines[1]).toMatchObject({
    version: 2,
    type: 'request',
    direction: 'outgoing',
    event: 'candidate.created',
    answered: 500,
    seen_before: false,
    verdict: { valid: true },
    body: { text: body.toString(), encoding: 'utf8', bytes: body.length },
  });
  expect(lines[2]).toMatchObject({ answered: 200, seen_before: true });
  expect(lines[3]).toMatchObject({ answered: 401, verdict: { valid: false, reason: 'mismatch' } });
  expect(stdout).not.toContain(secret);

  const file = join(cwd, 'body.json');
  writeFileSync(file, lines[1].body.text);
  const verified = await runCli(['verify', file, '--signature', lines[1].signature], { cwd });
  expect(verified.code).toBe(0);
});

test('for a person: direction, answer, and why a signature fails', async () => {
  const { listener, url } = await startListening([]);
  await post(url);
  await post(url, 'demo-incoming-secret');
  await postBytes({ url, body: Buffer.from('{"event":"x\\u001b[31m\\nnext"}'), timeoutMs: 60_000 });
  await listener.waitForText('header_missing');
  const output = listener.stdout;
  expect(output).toContain('← outgoing  candidate.created');
  expect(output).toContain('answered 200');
  expect(output).toContain('signature refused: mismatch');
  expect(output).toContain('made with the incoming secret');
  expect(output).toContain('x\\x1b[31m next');
  expect(output).not.toContain(secret);
});

test('--forward passes the bytes on, and the answer back', async () => {
  const bodies: Buffer[] = [];
  const app = await startReceiver({ port: 0, secrets: [secret], onRequest: (one) => bodies.push(one.body) });
  try {
    const { url } = await startListening(['--forward', String(app.port)]);
    expect(await post(url)).toMatchObject({ ok: true, status: 200 });
    expect(bodies[0]?.equals(body)).toBe(true);
  } finally {
    await app.close();
  }
});

test('wrong flags and a taken port end with 2 and a next step', async () => {
  const taken = await startReceiver({ port: 0, secrets: [secret] });
  try {
    for (const args of [
      ['--respond', '99'],
      ['--port', 'x'],
      ['--delay', 'soon'],
      ['--port', String(taken.port)],
    ]) {
      const { code, stderr, stdout } = await runCli(['listen', ...args], { cwd });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: /);
      expect(stdout).toBe('');
    }
  } finally {
    await taken.close();
  }
});

test.each([
  ['--respond', '99'],
  ['--delay', 'soon'],
  ['--forward', 'no target'],
])('a flag that is wrong makes no authority: --tls %s %s', async (...flag) => {
  const folder = tempFolder();
  expect(await runCli(['listen', '--tls', ...flag], { cwd: folder })).toMatchObject({ code: 2 });
  expect(readdirSync(folder)).toEqual([]);
});

/** What each of these is told of as: where it is seen that it is no webhook, and what to do. */
const STRAYS: [string, string | Buffer, string[]][] = [
  ['another method', 'GET /hook?x=1 HTTP/1.1\r\nHost: x\r\n\r\n', ['GET /hook', 'sent with POST, not GET']],
  ['OPTIONS, as a browser asks', 'OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n', ['with POST, not OPTIONS']],
  ['TLS', Buffer.from('160301010001000100', 'hex'), ['no HTTP request', 'use http:// in the URL']],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ['speaks HTTP/2']],
  ['a folded header', 'POST / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n', ['POST /', 'folded']],
  ['a head that is too long', `POST / HTTP/1.1\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, ['431', '16 KiB']],
  ['Expect', 'POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n', ['417', 'Expect: 200-ok']],
  ['no Host', 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n', ['the header Host is missing']],
  ['two Hosts', 'POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', ['the header Host stands there twice']],
  ['a proxy', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a\r\n\r\n', ['for a proxy, to reach a.example']],
  [
    'half a body',
    'POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf',
    ['before the 9 bytes', '; 4 came'],
  ],
];

test.each(STRAYS)('what is no webhook leaves a line: %s', async (_what, bytes, told) => {
  const { listener, url } = await startListening([]);
  const { socket, closed } = connectRaw(url);
  socket.end(bytes);
  await closed;
  await listener.waitForText(told.at(-1)!);
  for (const text of told) expect(listener.stdout).toContain(text);
});

test('the same with --json', async () => {
  const { listener, url } = await startListening(['--json']);
  const { socket, closed } = connectRaw(url);
  socket.end('GET /hook HTTP/1.1\r\nHost: x\r\n\r\n');
  await closed;
  await listener.waitForText('"refused"');
  expect(JSON.parse(listener.stdout.trim().split('\n').at(-1)!)).toMatchObject({
    type: 'refused',
    code: 'method_not_allowed',
    status: 405,
    method: 'GET',
    path: '/hook',
  });
});

test.each([[[]], [['--json']]])(
  'the query of the webhook URL is hidden, as everywhere: %j',
  async (flags) => {
    const { listener, url } = await startListening(flags);
    await post(`${url}/hook?token=value-in-url`);
    await fetch(`${url}/hook?token=value-in-url`);
    await listener.waitForText('method_not_allowed');
    expect(listener.stdout.match(/\/hook\?token=hidden/g)).toHaveLength(2);
    expect(listener.stdout).not.toContain('value-in-url');
  },
);

test('near misses are named', async () => {
  const { listener, url } = await startListening([]);
  const text = '{"event":"candidate.created","name":"Zoë"}';
  const signature = signLikeTheGuides(text, secret);
  const headers = { 'X-Webhook-Signatur': signature };
  await postBytes({ url, body: Buffer.from(text), headers, timeoutMs: 60_000 });
  await listener.waitForText('but there is X-Webhook-Signatur: the name must be exactly X-Webhook-Signature');
  const github = { 'X-Hub-Signature-256': `sha256=${'0'.repeat(64)}` };
  await postBytes({ url, body: Buffer.from(text), headers: github, timeoutMs: 60_000 });
  await listener.waitForText('there is X-Hub-Signature-256: the name must be');
  const head = rawHead('POST', '/', { 'X-Webhook-Signature': signature, 'Content-Length': text.length });
  const { socket, closed } = connectRaw(url);
  socket.end(head + text);
  await closed;
  await listener.waitForText('Content-Length says 42, but the body that was signed has 43 bytes');
  await post(`${url}/v1/webhooks/demo-ats`, 'demo-incoming-secret');
  await listener.waitForText('/v1/webhooks/demo-ats is a path of the gateway');
});

test('without --port it takes the next free one; a wide address is warned of, and a forwarder answers nothing itself', async () => {
  for (const said of [/^Listening on http:\/\/127\.0\.0\.1:40\d\d /m, /port 4011 is taken; using 40\d\d/])
    await startWarmCarvos(['listen'], { cwd }).waitForText(said);
  const wide = startWarmCarvos(['listen', '--port', '0', '--host', '0.0.0.0'], { cwd });
  await wide.waitForText('warning: 0.0.0.0 can be reached by other machines');
  for (const own of [
    ['--respond', '500'],
    ['--delay', '1s'],
  ]) {
    const { code, stderr } = await runCli(['listen', '--forward', '3000', ...own], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('--respond and --delay do not go with it')]);
  }
});

test('an address that is not ours is not blamed on the port', async () => {
  const { code, stderr } = await runCli(['listen', '--host', '192.0.2.1'], { cwd });
  expect([code, stderr]).toEqual([
    2,
    'error: cannot listen on 192.0.2.1:4011 (EADDRNOTAVAIL)\n  next: check --host and --port\n',
  ]);
});

test('while it looks for a mistake it answers others, and ends when it is told to', async () => {
  const { listener, url } = await startListening(['--json']);
  const items = Array.from({ length: 9000 }, (_, id) => ({ id, name: `Zoë ${id}`, ratio: id / 8 }));
  const large = Buffer.from(JSON.stringify({ event: 'candidate.created', items }));
  const bad = await postSigned({ url, body: large, secret: 'another', timeoutMs: 60_000 });
  expect(bad).toMatchObject({ status: 401 });
  expect(await post(url)).toMatchObject({ status: 200 });
  listener.kill('SIGINT');
  const { code, stdout } = await listener.ended;
  expect(code).toBe(0);
  const told = stdout.trim().split('\n').slice(1);
  // The search was given up: when the second came, it was still going on.
  expect(told.map((line) => JSON.parse(line))).toMatchObject([
    { number: 1, answered: 401, diagnosis: null },
    { number: 2, answered: 200 },
  ]);
});
