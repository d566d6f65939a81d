import { existsSync, readdirSync } from 'node:fs';
import type http from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { writeSnapshot } from '../../../src/cli/connect/write-snapshot.ts';
import { createControlClient } from '../../../src/client/control-client.ts';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { json, serve } from '../../support/receiver.ts';

const TOKEN = { CARVOS_CONTROL_TOKEN: 'tok' };
const SNAPSHOT = 'application/vnd.sqlite3';

test.each([
  ['status'],
  ['deliveries', '--follow'],
  ['verify', '--delivery', 'dlv_1/1'],
  ['snapshot', 'save', 'state.db'],
  ['config', 'rotate', 'api-key'],
])('what answers is another program: carvos %s', async (...args) => {
  const server = await serve((_heard, response) => void response.end('<h1>Welcome</h1>'));
  const cwd = tempFolder();
  const ended = await runCli(args, { cwd, env: { ...TOKEN, CARVOS_URL: server.url } });
  expect(ended.code).toBe(4);
  expect(ended.stderr).toContain(
    `error: what answers at ${server.url} is not a carvos gateway (or another version)`,
  );
  expect(ended.stdout).toBe('');
  expect(readdirSync(cwd)).toEqual([]);
});

test('a wait that is refused, or answered by another program, ends with 4', async () => {
  const answers = [
    { status: 401, body: { detail: 'Missing or wrong control token' } },
    { status: 200, body: { done: true } },
  ];
  const server = await serve((heard, response) => {
    if (heard.method === 'POST') return json(response, 202, { reference_id: 'ref-1' });
    json(response, answers[0]!.status, answers[0]!.body);
  });
  const settings = { cwd: tempFolder(), env: { ...TOKEN, CARVOS_URL: server.url } };
  const send = () => runCli(['send', 'candidate.created', '--wait'], settings);
  const refused = await send();
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('control token')]);
  answers.shift();
  const foreign = await send();
  expect([foreign.code, foreign.stderr]).toEqual([4, expect.stringContaining('is not a carvos gateway')]);
});

test('a snapshot is saved only where a whole SQLite file came', async () => {
  const gateway = await startDemoGateway();
  await gateway.deliver();
  expect(await gateway.carvos('snapshot', 'save', 'whole.db')).toMatchObject({ code: 0 });
  const real = await fetch(`${gateway.emulator.url}/_carvos/v1/snapshot`, {
    headers: { authorization: `Bearer ${gateway.emulator.controlToken}` },
  });
  const whole = Buffer.from(await real.arrayBuffer());

  const odd: [string, Buffer][] = [
    [SNAPSHOT, whole.subarray(0, 4096)],
    [SNAPSHOT, whole.subarray(0, whole.length - 1)],
    [SNAPSHOT, Buffer.concat([whole, whole])],
    [SNAPSHOT, whole.subarray(0, 50)],
    [SNAPSHOT, Buffer.alloc(0)],
    [SNAPSHOT, Buffer.from('<h1>Welcome</h1>'.repeat(100))],
    ['text/html', whole],
  ];
  const server = await serve((_heard, response) => {
    const [type, body] = odd[0]!;
    response.writeHead(200, { 'content-type': type, 'transfer-encoding': 'chunked' }).end(body);
  });
  const cwd = tempFolder({ 'state.db': 'as it was' });
  const env = { ...TOKEN, CARVOS_URL: server.url };
  for (; odd.length > 0; odd.shift()) {
    const ended = await runCli(['snapshot', 'save', 'state.db', '--force'], { cwd, env });
    expect.soft([ended.code, ended.stderr]).toEqual([4, expect.stringContaining('is not a carvos gateway')]);
    expect.soft(readdirSync(cwd)).toEqual(['state.db']);
  }
  expect(existsSync(join(gateway.cwd, 'whole.db'))).toBe(true);
});

test('an address or a token that can be none is a mistake of whoever set it', async () => {
  const cwd = tempFolder();
  const status = (env: Record<string, string>) => runCli(['status'], { cwd, env });
  const token = await status({ CARVOS_URL: 'http://127.0.0.1:1', CARVOS_CONTROL_TOKEN: 'a\nb' });
  expect([token.code, token.stderr]).toEqual([2, expect.stringContaining('cannot stand in a header')]);
  for (const CARVOS_CONTROL_TOKEN of ['abc ', '€'])
    expect(await runCli(['exec', '--', 'true'], { cwd, env: { CARVOS_CONTROL_TOKEN } })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot stand in a header'),
    });
  const url = await status({ ...TOKEN, CARVOS_URL: 'no address' });
  expect([url.code, url.stderr]).toEqual([2, expect.stringContaining('CARVOS_URL')]);
  const sent = await runCli(['send', 'candidate.created', '--url', '1'], {
    cwd,
    env: { ...TOKEN, CARVOS_URL: '1' },
  });
  expect(sent.code).toBe(5);
});

function* zeros(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(65_536);
}

test.each([
  [
    'has no end',
    'is not a carvos gateway',
    60_000,
    // Written by a loop, it would run for ever on Node 26, where a response is not yet destroyed when its socket is.
    (response: http.ServerResponse) => void Readable.from(zeros()).pipe(response),
  ],
  [
    'comes to a halt',
    'stopped sending the snapshot',
    200,
    (response: http.ServerResponse) => void response.write('SQLite'),
  ],
  ['does not begin', 'stopped sending the snapshot', 200, () => {}],
])('a snapshot that %s is given up, and nothing of it is left', async (_, words, ms, answer) => {
  const server = await serve((_heard, response) => {
    response.setHeader('content-type', SNAPSHOT);
    return answer(response);
  });
  const client = createControlClient({ url: server.url, token: 'tok' });
  const cwd = tempFolder();
  const limits = { firstByteMs: ms, stallMs: ms, bytes: 1_000_000 };
  const saved = writeSnapshot(client, join(cwd, 'state.db'), { secrets: true }, limits);
  await expect(saved).rejects.toThrow(words);
  expect(readdirSync(cwd)).toEqual([]);
});
