import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, onTestFinished, test } from 'vitest';
import { MAX_OUTPUT } from '../../../src/cli/mcp/bound-output.ts';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, ROOT, runProgram } from '../../support/program.ts';
import { freePort } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';

const READ = ['status', 'events', 'deliveries', 'trace', 'wait', 'explain'];
const WRITE = ['send', 'replay', 'clock', 'fault', 'run'];

/** The SDK's own client, with a server in this folder. */
async function connect(cwd: string, ...flags: string[]) {
  const client = new Client({ name: 'test', version: '1' });
  const env = { PATH: process.env.PATH ?? '' };
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [CARVOS, 'mcp', ...flags], cwd, env }),
  );
  onTestFinished(() => client.close());
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const { isError, content } = await client.callTool({ name, arguments: args });
    const [{ text }] = content as [{ text: string }];
    expect(text.length).toBeLessThanOrEqual(MAX_OUTPUT);
    return { isError, ...JSON.parse(text) };
  };
  return { client, call };
}

test('send answers as soon as the receiver has refused; only an expectation waits for the retries', async () => {
  const { cwd, emulator } = await startDemoGateway(() => 500);
  emulator.clock.setSpeed('manual');
  const { call } = await connect(cwd, '--allow-write');
  expect(await call('send', { event: 'candidate.created', timeout_ms: 60_000 })).toMatchObject({
    exit_code: 1,
    deliveries: [{ attempt_count: 1, why: expect.any(String) }],
  });
  for (const more of [{ expect: ['attempts=2'] }, { until: 'settled' }])
    expect(await call('send', { event: 'vacancy.created', timeout_ms: 1000, ...more })).toMatchObject({
      exit_code: 6,
    });
});

test('every tool does what its command does', async () => {
  const { cwd, emulator, receiver } = await startDemoGateway();
  const { client, call } = await connect(cwd, '--allow-write');
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([...READ, ...WRITE]);
  for (const { name, inputSchema, annotations } of tools) {
    expect(inputSchema, name).toMatchObject({ type: 'object', additionalProperties: false });
    expect(annotations?.readOnlyHint, name).toBe(READ.includes(name));
  }

  expect(await call('status')).toMatchObject({ exit_code: 0, url: emulator.url, faults: [] });
  expect((await call('events')).events.length).toBeGreaterThan(20);
  const [shown] = (await call('events', { event: 'candidate.created', direction: 'incoming' })).events;
  expect(shown).toMatchObject({ sample: { event: 'candidate.created' }, schema: { type: 'object' } });

  const sent = await call('send', {
    event: 'candidate.created',
    set: { first_name: 'Ada' },
    client_id: 'acme-corp',
  });
  expect(sent).toMatchObject({ exit_code: 0, status: 202, deliveries: [{ state: 'delivered', why: null }] });
  expect(JSON.parse(receiver.received[0]!.body.toString()).data.first_name).toBe('Ada');
  const body = { ...shown.sample, event_id: 'evt-of-mine', client_id: 'acme-corp', user_id: 'admin-user' };
  expect(await call('send', { body, wait: false })).toMatchObject({ exit_code: 0, event_id: 'evt-of-mine' });
  const missed = await call('send', { event: 'vacancy.created', expect: ['attempts=3'] });
  expect(missed.exit_code).toBe(1);

  const { reference_id } = sent;
  const { id } = sent.deliveries[0];
  expect(await call('trace', { id })).toMatchObject({ reference_id, deliveries: [{ id, why: null }] });
  expect(await call('deliveries', { reference_id, direction: 'outgoing' })).toMatchObject({
    items: [{ delivery_id: id }],
  });
  expect(await call('deliveries', { id })).toMatchObject({ id, attempts: [{ response: { status: 200 } }] });
  const where = { reference_id, data: { email: { contains: '@' } } };
  expect(await call('wait', { where })).toMatchObject({
    exit_code: 0,
    met: true,
    delivery: { id },
    why: null,
  });
  expect(await call('wait', { where: { ...where, attempts: 2 }, timeout_ms: 0 })).toMatchObject({
    exit_code: 1,
    met: false,
    closest: { delivery: { id } },
  });
  expect(await call('explain', { delivery: id })).toMatchObject({ exit_code: 0, valid: true });

  expect(await call('fault', { action: 'add', kind: 'status-503', first: 1, id: 'down' })).toMatchObject({
    id: 'down',
  });
  expect((await call('status')).faults).toMatchObject([{ id: 'down' }]);
  expect(await call('fault', { action: 'clear' })).toMatchObject({ cleared: ['down'] });
  expect(await call('clock', { move: 'advance', ms: 1000 })).toMatchObject({ exit_code: 0, fired: [] });
  expect(await call('replay', { delivery: id })).toMatchObject({ exit_code: 0, accepted: 1 });
  const scenario = join(ROOT, 'fixtures/scenarios/refused.yaml');
  expect(await call('run', { files: [scenario] })).toMatchObject({ exit_code: 0, passed: 1, failed: 0 });
});

test('what is wrong is answered as the command says it', async () => {
  const { cwd } = await startDemoGateway();
  const { call } = await connect(cwd, '--allow-write');
  const errors = {
    send: [{ event: 'candidate.create' }, 2, 'candidate.created'],
    replay: [{ delivery: '--live' }, 4, 'Unknown delivery'],
    wait: [{ where: { colour: 'red' } }, 2, 'a delivery has no colour'],
    trace: [{ id: 'evt_none' }, 2, 'this gateway knows no event of that id'],
    clock: [{ move: 'advance' }, 2, 'advance needs ms'],
    explain: [{}, 2, 'give delivery, or body and signature'],
    'status ': [{}, 2, 'Did you mean status?'],
  } as const;
  for (const [name, [args, exitCode, text]] of Object.entries(errors)) {
    const answer = await call(name, args);
    expect.soft(answer, name).toMatchObject({ isError: true, exit_code: exitCode });
    expect.soft(answer.error, name).toContain(text);
  }
  const deep = JSON.parse(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`);
  expect(await call('wait', { where: { data: deep }, timeout_ms: 0 })).toMatchObject({
    isError: true,
    error: 'wait: nested deeper than 256 levels',
  });
  // Judged with an empty body, a right signature would be called wrong.
  const bare = await call('explain', { signature: `t=1768472880,v1=${'0'.repeat(64)}` });
  expect(bare).toMatchObject({ isError: true, exit_code: 2, error: 'give delivery, or body and signature' });
  const alone = await connect(tempFolder());
  expect(await alone.call('status')).toMatchObject({
    isError: true,
    exit_code: 2,
    next: expect.stringContaining('carvos dev'),
  });
});

test('without --allow-write nothing is sent or changed', async () => {
  const { cwd, receiver } = await startDemoGateway();
  const { client, call } = await connect(cwd);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(READ);
  for (const name of WRITE) {
    const answer = await call(name, { event: 'candidate.created' });
    expect
      .soft(answer)
      .toMatchObject({ isError: true, exit_code: 2, next: expect.stringContaining('--allow-write') });
  }
  expect(receiver.received).toEqual([]);
});

test('nothing is sent where a receiver is elsewhere, or a scenario leads there, starts a command or writes a file', async () => {
  const { cwd, emulator } = await startDemoGateway();
  const { call } = await connect(cwd, '--allow-write');
  const scenario = (step: string) => {
    const file = join(tempFolder(), 'flow.yaml');
    writeFileSync(file, `name: elsewhere\nsteps:\n  - ${step}\n`);
    return file;
  };
  for (const [step, text] of [
    ['request: GET http://203.0.113.7/', 'neither loopback'],
    ['run: echo started', 'starts a command'],
    ['snapshot: flow.yaml', 'writes a file'],
  ] as const) {
    const { exit_code, scenarios } = await call('run', { files: [scenario(step)] });
    expect.soft(exit_code, step).toBe(2);
    expect.soft(scenarios[0].steps[0].text, step).toContain(text);
  }
  const sent = await call('send', { event: 'candidate.created' });
  const elsewhere = await call('replay', { delivery: sent.deliveries[0].id, to: 'http://203.0.113.7/' });
  expect(elsewhere).toMatchObject({ isError: true, exit_code: 2 });
  emulator.setWebhookUrl('http://203.0.113.7/hook?key=secret');
  for (const [name, args] of [
    ['send', { event: 'candidate.created' }],
    ['clock', { move: 'drain' }],
  ] as const) {
    const answer = await call(name, args);
    expect.soft(answer, name).toMatchObject({ isError: true, exit_code: 2 });
    expect
      .soft(answer.error, name)
      .toBe('the webhook URL of demo-ats is neither loopback nor a private address');
    expect.soft(JSON.stringify(answer), name).not.toContain('key=secret');
  }
  expect(await call('deliveries')).toMatchObject({ exit_code: 0 });
  // Without a gateway it would be one of its own that goes there, by the config file.
  const config = { ats: [{ id: 'mine', webhookUrl: 'http://203.0.113.7/hook' }] };
  const alone = await connect(tempFolder({ 'carvos.config.json': JSON.stringify(config) }), '--allow-write');
  expect(await alone.call('run', { files: [scenario('send: candidate.created')] })).toMatchObject({
    isError: true,
    error: 'the webhook URL of mine is neither loopback nor a private address',
  });
});

test.skipIf(!havePrograms('mending a receiver with the tools of carvos mcp', 'python3'))(
  'a client written by hand mends a receiver that verifies rewritten JSON, and nothing leaves loopback',
  async () => {
    const port = await freePort();
    const cwd = tempFolder();
    const right = readFileSync(join(ROOT, 'fixtures/receivers/quick/receiver.py'), 'utf8');
    const wrong = right
      .replace('import hashlib, ', 'import hashlib, json, ')
      .replace('b"." + raw,', 'b"." + json.dumps(json.loads(raw)).encode(),')
      .replace(
        '    return hmac.compare_digest',
        '    print(expected, flush=True)\n    return hmac.compare_digest',
      )
      .replace('ThreadingHTTPServer((', 'server = ThreadingHTTPServer((')
      .replace(').serve_forever()', ')\nprint("listening", flush=True)\nserver.serve_forever()');
    const receiver = join(cwd, 'receiver.py');
    writeFileSync(receiver, wrong);
    await startDev(cwd, ['--db', ':memory:', '--speed', 'max', '--webhook-url', `http://127.0.0.1:${port}/`]);
    const connections = join(cwd, 'connections');
    const fixed = await runProgram('python3', [join(ROOT, 'test/support/mcp-fix.py'), CARVOS, receiver], {
      cwd,
      env: {
        PORT: String(port),
        CARVOS_OUTGOING_SECRET: 'demo-outgoing-secret',
        NODE_OPTIONS: `--require="${join(ROOT, 'test/support/record-connections.cjs')}"`,
        CONNECTIONS_FILE: connections,
      },
    });
    expect(fixed.code, fixed.stderr).toBe(0);
    const steps = JSON.parse(fixed.stdout);
    expect(steps).toMatchObject({
      server: { name: 'carvos' },
      tools: [...READ, ...WRITE],
      sent: { exit_code: 1, status: 202, deliveries: [{ why: expect.stringContaining('hex digits') }] },
      waited: { exit_code: 1, met: false },
      explained: { exit_code: 3, reason: 'body_reserialized' },
      replayed: { exit_code: 0, accepted: 1 },
      after: { exit_code: 0, met: true },
      exit: 0,
    });
    expect(steps.explained.diagnosis.findings[0].fix).toContain('raw');
    const reached = new Set(readFileSync(connections, 'utf8').trim().split('\n'));
    expect([...reached].filter((host) => !/^(127\.0\.0\.1|localhost|::1)$/.test(host))).toEqual([]);
    expect(reached.size).toBeGreaterThan(0);
  },
  120_000,
);

/** Lines that no client should write. */
function malformed(index: number): Buffer {
  const call = (params: unknown) =>
    JSON.stringify({ jsonrpc: '2.0', id: index, method: 'tools/call', params });
  const lines = [
    '',
    '{',
    'null',
    '[]',
    String(index),
    '"text"',
    `{"jsonrpc":"1.0","id":${index},"method":"tools/list"}`,
    `{"jsonrpc":"2.0","id":{"odd":${index}},"method":"tools/list"}`,
    `{"jsonrpc":"2.0","id":${index}}`,
    `{"jsonrpc":"2.0","id":${index},"method":7}`,
    `{"jsonrpc":"2.0","id":${index},"method":"no/such"}`,
    `{"jsonrpc":"2.0","id":${index},"result":{}}`,
    '['.repeat(5000 + index),
    `{"a":`.repeat(20_000),
    'x'.repeat(100_000),
    '\u0000\u001b[31m\u202e',
    '{"__proto__":{"jsonrpc":"2.0"},"constructor":null}',
    call(null),
    call({ name: index }),
    call({ name: '__proto__', arguments: {} }),
    call({ name: 'status', arguments: 'text' }),
    call({ name: 'events', arguments: { event: ['x'.repeat(index)] } }),
    call({ name: 'explain', arguments: { signature: '\u0000'.repeat(index), body: '\ud800' } }),
    call({ name: 'wait', arguments: { where: { data: { a: { matches: '(' } } } } }),
  ];
  const odd = Buffer.from([0xff, 0xfe, 0x7b, index % 256, 0x0d]);
  return index % 25 === 24 ? odd : Buffer.from(lines[index % 25]!);
}

test('a thousand malformed messages are survived, and answered where they can be', async () => {
  const input = Buffer.concat([
    ...Array.from({ length: 1000 }, (_, index) => [malformed(index), Buffer.from('\n')]).flat(),
    Buffer.from('{"jsonrpc":"2.0","id":"last","method":"tools/list"}\n'),
  ]);
  const { code, stdout, stderr } = await runProgram(process.execPath, [CARVOS, 'mcp', '--allow-write'], {
    cwd: tempFolder(),
    input,
  });
  expect(code, stderr.slice(-2000)).toBe(0);
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(answers.find(({ id }) => id === 'last')?.result.tools).toHaveLength(READ.length + WRITE.length);
  expect(answers.length).toBeGreaterThan(200);
  expect(stdout).not.toContain('has a bug');
  expect(stderr).not.toMatch(/has a bug|\n {4}at /);
});

test('a line beyond every limit ends it with a word, not with a crash', async () => {
  const { code, stderr } = await runProgram(process.execPath, [CARVOS, 'mcp'], {
    cwd: tempFolder(),
    input: 'x'.repeat(6 * 1024 * 1024),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('exceeded maximum size') });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it, also while a call waits', async (signal) => {
  const { cwd } = await startDemoGateway();
  const server = spawn(process.execPath, [CARVOS, 'mcp'], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void server.kill('SIGKILL'));
  const ask = (id: number, name: string, args: object) => {
    const message = { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } };
    server.stdin.write(`${JSON.stringify(message)}\n`);
  };
  ask(1, 'wait', { where: { event: 'vacancy.created' }, timeout_ms: 120_000 });
  ask(2, 'status', {});
  const [answer] = await once(createInterface(server.stdout), 'line');
  expect(JSON.parse(answer).id).toBe(2);
  server.kill(signal);
  expect(await once(server, 'exit')).toEqual([0, null]);
});
