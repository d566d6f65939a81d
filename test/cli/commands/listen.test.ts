import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { startReceiver } from '../../../src/client/receiver.ts';
import { postBytes, signedPost } from '../../../src/client/signed-post.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli, startCarvos } from '../../support/program.ts';

let cwd: string;
beforeEach(() => {
  cwd = tempFolder();
});

const body = Buffer.from(
  '{"event":"candidate.created",  "event_id":"evt_1","client_id":"acme-corp","n":12345678901234567890}',
);
const secret = 'demo-outgoing-secret';
const post = (url: string, key = secret) => signedPost({ url, body, secret: key, timeoutMs: 5000 });

async function startListening(args: string[]) {
  const listener = startCarvos(['listen', '--port', '0', ...args], { cwd });
  const [output] = await listener.waitForText(/http:\/\/127\.0\.0\.1:\d+/);
  return { listener, url: /http:\/\/127\.0\.0\.1:\d+/.exec(output)![0] };
}

test('with --json it prints the exact body, which then verifies, and ends cleanly when stopped', async () => {
  const { listener, url } = await startListening(['--json', '--respond', '500,200']);
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
  await postBytes({ url, body: Buffer.from('{"event":"x\\u001b[31m\\nnext"}'), timeoutMs: 5000 });
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
