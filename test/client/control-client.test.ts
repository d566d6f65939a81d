import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { createControlClient } from '../../src/client/control-client.ts';
import { ControlError, ForeignAnswerError, UnreachableError } from '../../src/client/errors.ts';
import { freePort, json, serve } from '../support/receiver.ts';

const CLOCK = { version: 2, mode: 'max', speed: null, schedule_ms: 0, pending: 0, next: null };
const TRACE = {
  version: 2,
  reference_id: 'ref-1',
  accepted: null,
  job: null,
  deliveries: [],
  settled: false,
};

test('each method asks its route with the token, and takes no answer but that route’s', async () => {
  const server = await serve((_heard, response) => json(response, 200, { version: 2, items: 'none' }));
  const client = createControlClient({ url: server.url, token: 'tok-1' });
  const calls = [
    () => client.status(),
    () => client.log({ outcome: 'failure', limit: 2, client_id: 'a b&c' }),
    () => client.delivery('dlv_1'),
    () => client.logRecord('dlv_1/3'),
    () => client.diagnosis('dlv_1/3', { at: 7, tolerance: 'off' }),
    () => client.trace('ref/1'),
    () => client.trace('\ud800'),
    () => client.clock(),
    () => client.clockMove('drain'),
    () => client.clockMove({ advance: 60_000 }),
    () => client.clockMove({ speed: 'max' }),
    () => client.workspaces(),
    () => client.addWorkspace({ client_id: 'acme', name: 'Acme', admin_name: 'A', admin_email: 'a@acme.nl' }),
    () => client.addMember('acme/2', { user_id: 'u', name: 'U', email: 'u@acme.nl' }),
    () => client.changeAts('demo-ats', { webhook_url: 'http://localhost:3000/hook' }),
    () => client.audit({ limit: 5 }),
    () => client.jobs(),
    () => client.faults(),
    () => client.clearFaults('f-1'),
    () => client.reset(),
    () => client.snapshot({ secrets: false }),
    () => client.feed(new AbortController().signal)[Symbol.asyncIterator]().next(),
  ];
  for (const call of calls) {
    const error = await call().catch((thrown: unknown) => thrown);
    expect.soft(error, String(call)).toBeInstanceOf(ForeignAnswerError);
    expect
      .soft(String(error))
      .toContain(`what answers at ${server.url} is not a carvos gateway (or another version)`);
  }

  const asked = server.heard.map((one) => `${one.method} ${one.url.slice('/_carvos/v1'.length)} ${one.body}`);
  expect(asked).toEqual([
    'GET /status ',
    'GET /log?outcome=failure&limit=2&client_id=a+b%26c ',
    'GET /deliveries/dlv_1 ',
    'GET /log/dlv_1/3 ',
    'GET /log/dlv_1/3/diagnosis?at=7&tolerance=off ',
    'GET /references/ref%2F1 ',
    'GET /references/%EF%BF%BD ',
    'GET /clock ',
    'POST /clock/drain ',
    'POST /clock/advance {"ms":60000}',
    'POST /clock/speed {"speed":"max"}',
    'GET /workspaces ',
    'POST /workspaces {"client_id":"acme","name":"Acme","admin_name":"A","admin_email":"a@acme.nl"}',
    'POST /workspaces/acme%2F2/members {"user_id":"u","name":"U","email":"u@acme.nl"}',
    'PATCH /ats/demo-ats {"webhook_url":"http://localhost:3000/hook"}',
    'GET /audit?limit=5 ',
    'GET /jobs ',
    'GET /faults ',
    'DELETE /faults/f-1 ',
    'POST /reset ',
    'GET /snapshot?secrets=0 ',
    'GET /feed ',
  ]);
  for (const one of server.heard) expect(one.headers.authorization).toBe('Bearer tok-1');
});

test('an answer that is not 2xx is a ControlError with status and detail, without the token', async () => {
  const server = await serve((_heard, response) => json(response, 404, { detail: 'Delivery not found' }));
  const client = createControlClient({ url: server.url, token: 'tok-secret' });
  const error = await client.delivery('dlv_x').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ControlError);
  expect(error).toMatchObject({ status: 404, detail: 'Delivery not found' });
  expect(String(error)).not.toContain('tok-secret');
});

test.each([
  ['a page', 200, '<html>', 'status 200, not JSON: <html>'],
  ['nothing', 204, '', 'status 204, not JSON: '],
  ['a page of a proxy', 502, '<html>', 'status 502, not JSON: <html>'],
  ['a redirect', 302, '{}', 'status 302, detail: Field required'],
  ['a refusal of somebody else', 401, '{"detail":{"code":1}}', 'status 401, detail: '],
  ['another version', 200, JSON.stringify({ ...CLOCK, version: 99 }), 'status 200, version: '],
  ['a field of another kind', 200, JSON.stringify({ ...CLOCK, pending: '3' }), 'status 200, pending: '],
])('what no gateway answers is told apart from what one does: %s', async (_, status, body, found) => {
  const server = await serve((_heard, response) => void response.writeHead(status).end(body));
  const error = await createControlClient({ url: server.url, token: 't' })
    .clock()
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ForeignAnswerError);
  expect((error as ForeignAnswerError).found).toContain(found);
});

test('fields that are new are kept, and so is what a refusal says of each field', async () => {
  const problems = [{ type: 'x', loc: ['body', 'a'], msg: 'wrong', input: null }];
  const answers = [
    { status: 200, body: { ...CLOCK, later: 1 } },
    { status: 422, body: { detail: problems } },
  ];
  const server = await serve((_heard, response) => {
    const { status, body } = answers.shift()!;
    json(response, status, body);
  });
  const client = createControlClient({ url: server.url, token: 't' });
  expect(await client.clock()).toEqual({ ...CLOCK, later: 1 });
  await expect(client.clock()).rejects.toMatchObject({ status: 422, detail: problems });
});

test('a snapshot that breaks off is an UnreachableError', async () => {
  const server = await serve((_heard, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.sqlite3', 'content-length': '100' });
    response.write('SQLite');
    setImmediate(() => response.destroy());
  });
  const client = createControlClient({ url: server.url, token: 't' });
  const read = async () => {
    for await (const _ of await client.snapshot({ secrets: true }));
  };
  await expect(read()).rejects.toMatchObject({ name: 'UnreachableError', code: 'reset' });
});

test('nobody there is an UnreachableError that says what to do', async () => {
  const port = await freePort();
  const client = createControlClient({ url: `http://127.0.0.1:${port}`, token: 't' });
  const error = await client.status().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error).toMatchObject({ code: 'refused' });
  expect((error as UnreachableError).hint).toContain(String(port));
});

test('a connection that breaks inside the answer is an UnreachableError', async () => {
  const server = await serve((_heard, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"half":');
    setImmediate(() => response.destroy());
  });
  await expect(createControlClient({ url: server.url, token: 't' }).status()).rejects.toMatchObject({
    code: 'reset',
  });
});

test('wait asks again until the server says it is done, never for more than 30 s at a time', async () => {
  let left = 3;
  const server = await serve((_heard, response) => {
    left -= 1;
    json(response, 200, { done: left === 0, met: left === 0, trace: TRACE, version: 2 });
  });
  const client = createControlClient({ url: server.url, token: 't' });
  const result = await client.wait('ref-1', { until: 'settled', timeoutMs: 90_000 });
  expect(result).toMatchObject({ done: true, met: true });
  expect(server.heard).toHaveLength(3);
  expect(server.heard[0]?.url).toBe('/_carvos/v1/references/ref-1/wait?until=settled&timeout_ms=30000');
});

test('wait gives up at its own deadline with the last state', async () => {
  const server = await serve((heard, response) => {
    const asked = Number(new URL(heard.url, 'http://x').searchParams.get('timeout_ms'));
    setTimeout(() => json(response, 200, { done: false, met: false, trace: TRACE, version: 2 }), asked);
  });
  const client = createControlClient({ url: server.url, token: 't' });
  const result = await client.wait('ref-1', { until: 'success', timeoutMs: 120 });
  expect(result.done).toBe(false);
  expect(server.heard.length).toBeLessThanOrEqual(3);
});

test('a URL or a token that is none is refused at the door', () => {
  expect(() => createControlClient({ url: 'http://x', token: 'a\nb' })).toThrow(TypeError);
  expect(() => createControlClient({ url: 'localhost:4010', token: 't' })).toThrow(TypeError);
});

test('a snapshot that cannot be read is no fault of the gateway', async () => {
  const server = await serve((_heard, response) => json(response, 200, {}));
  const client = createControlClient({ url: server.url, token: 'tok-1' });
  const problem = new Error('the disk is broken');
  const broken = new Readable({ read: () => broken.destroy(problem) });
  await expect(client.restore(broken)).rejects.toBe(problem);
});
