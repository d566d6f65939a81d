import { expect, test } from 'vitest';
import { CONTROL_PATH, createControlClient } from '../../src/client/control-client.ts';
import { ControlError, UnreachableError } from '../../src/client/errors.ts';
import { CONTROL_PREFIX } from '../../src/contract/control.ts';
import { freePort, json, serve } from './http-helpers.ts';

test('its path is the contract’s prefix', () => {
  expect(CONTROL_PATH).toBe(CONTROL_PREFIX);
});

test('each method asks its route with the token, and returns what was answered', async () => {
  const server = await serve((heard, response) => json(response, 200, { echo: heard.url }));
  const client = createControlClient({ url: server.url, token: 'tok-1' });

  expect(await client.status()).toEqual({ echo: '/_carvos/v1/status' });
  await client.log({ outcome: 'failure', limit: 2, client_id: 'a b&c' });
  await client.delivery('dlv_1');
  await client.logRecord('dlv_1/3');
  await client.trace('ref/1');
  await client.clock();
  await client.clockMove('drain');
  await client.clockMove({ advance: 60_000 });
  await client.clockMove({ speed: 'max' });
  await client.workspaces();
  await client.addWorkspace({ client_id: 'acme', name: 'Acme', admin_name: 'A', admin_email: 'a@acme.nl' });
  await client.addMember('acme/2', { user_id: 'u', name: 'U', email: 'u@acme.nl' });
  await client.setWebhookUrl('demo-ats', 'http://localhost:3000/hook');

  const asked = server.heard.map((one) => `${one.method} ${one.url.slice('/_carvos/v1'.length)} ${one.body}`);
  expect(asked).toEqual([
    'GET /status ',
    'GET /log?outcome=failure&limit=2&client_id=a+b%26c ',
    'GET /deliveries/dlv_1 ',
    'GET /log/dlv_1/3 ',
    'GET /references/ref%2F1 ',
    'GET /clock ',
    'POST /clock/drain ',
    'POST /clock/advance {"ms":60000}',
    'POST /clock/speed {"speed":"max"}',
    'GET /workspaces ',
    'POST /workspaces {"client_id":"acme","name":"Acme","admin_name":"A","admin_email":"a@acme.nl"}',
    'POST /workspaces/acme%2F2/members {"user_id":"u","name":"U","email":"u@acme.nl"}',
    'PATCH /ats/demo-ats {"webhook_url":"http://localhost:3000/hook"}',
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

test('an answer that is not JSON is a ControlError, not a crash', async () => {
  const server = await serve((_heard, response) => void response.end('<html>'));
  await expect(createControlClient({ url: server.url, token: 't' }).status()).rejects.toMatchObject({
    name: 'ControlError',
    detail: 'not JSON: <html>',
  });
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
    json(response, 200, { done: left === 0, met: left === 0, trace: {} });
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
    setTimeout(() => json(response, 200, { done: false, met: false, trace: { settled: false } }), asked);
  });
  const client = createControlClient({ url: server.url, token: 't' });
  const result = await client.wait('ref-1', { until: 'success', timeoutMs: 120 });
  expect(result.done).toBe(false);
  expect(server.heard.length).toBeLessThanOrEqual(3);
});

test('a URL that is none is refused at the door', () => {
  expect(() => createControlClient({ url: 'localhost:4010', token: 't' })).toThrow(TypeError);
});
