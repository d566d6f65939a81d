import { expect, test } from 'vitest';
import { createFeedFormatter } from '../../../src/cli/text/feed.ts';
import type { FeedEntry } from '../../../src/contract/control.ts';
import { candidateCreated, postWebhook, SECRETS, startTestEmulator } from '../../support/emulator.ts';
import { connectRaw, rawHead } from '../../support/raw-client.ts';
import { signLikeTheGuides } from '../../support/sign.ts';

const plain = new Proxy({}, { get: () => (text: string) => text }) as Parameters<
  typeof createFeedFormatter
>[0];

/** A gateway, and what `dev` prints of it. */
async function startReporting() {
  const { emulator, control } = await startTestEmulator();
  const format = createFeedFormatter(plain);
  const lines: string[] = [];
  emulator.subscribe((entry: FeedEntry) => void lines.push(...format(entry)));
  return { emulator, control, url: emulator.url, reported: () => lines.join('\n') };
}

const HEAD = 'POST /v1/webhooks/test-ats HTTP/1.1\r\nHost: x\r\n';

test.each([
  ['a TLS handshake', Buffer.from('16030100a5010000a10303', 'hex'), 400, 'use http:// in the URL'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'the client speaks HTTP/2'],
  ['a folded header', `${HEAD}X-A: b\r\n c\r\n\r\n`, 400, '(folded)'],
  [
    'two Content-Length',
    `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
    400,
    'Content-Length stands there twice',
  ],
  ['a long head', `${HEAD}X-A: ${'b'.repeat(20_000)}\r\n\r\n`, 431, 'longer than 16 KiB'],
  ['another Expect', `${HEAD}Expect: 200-ok\r\nContent-Length: 0\r\n\r\n`, 417, 'only 100-continue is known'],
  // Not named by anybody before.
  ['no Host', 'GET /v1/candidates HTTP/1.1\r\n\r\n', 400, 'the header Host is missing'],
  ['two Hosts', 'GET /v1/candidates HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400, 'Host stands there twice'],
  ['a URL as Host', 'GET /v1/candidates HTTP/1.1\r\nHost: http://a/\r\n\r\n', 400, 'no host name or address'],
  ['an empty Host', 'GET /anything HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 404, 'no GET /anything'],
  ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'took this port for a proxy'],
  ['line feeds alone', 'POST /a HTTP/1.1\nHost: x\n\n', 400, 'a line feed alone is not enough'],
  ['a space in the path', 'POST /a b HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'written as %20'],
  [
    'a method in small letters',
    'post /a HTTP/1.1\r\nHost: x\r\n\r\n',
    400,
    'methods are written in capitals',
  ],
])('%s is answered, reported and logged', async (_what, bytes, status, words) => {
  const { control, url, reported } = await startReporting();
  const client = connectRaw(url);
  client.socket.write(bytes);
  await client.closed;
  await expect.poll(reported).toContain(words);
  expect(client.received()).toContain(`HTTP/1.1 ${status} `);
  const { items } = await control.log({ direction: 'incoming', outcome: 'failure' });
  expect(items[0]?.error?.message).toContain(words);
});

test.each([
  ['POST', '/webhooks/test-ats', 404, 'incoming events go to /v1/webhooks/test-ats'],
  [
    'POST',
    '/v1/webhooks/test-ats/',
    404,
    'incoming events go to /v1/webhooks/test-ats, without a slash at the end',
  ],
  ['PUT', '/v1/webhooks/test-ats', 405, 'incoming events are sent with POST, not PUT'],
  ['POST', '/v1/webhooks/Test_ATS', 404, 'this gateway has "test-ats"'],
  ['POST', '/v1/candidate', 404, 'did you mean /v1/candidates?'],
  ['POST', '/v1/uploads', 404, 'did you mean /uploads?'],
  ['PUT', '/v1/candidates/1', 405, 'it takes PATCH, DELETE'.replace('PATCH', 'GET, PATCH')],
  ['GET', '/anything', 404, 'there is no GET /anything'],
])('%s %s is reported with the right one', async (method, path, status, words) => {
  const { url, reported } = await startReporting();
  const response = await fetch(`${url}${path}`, { method });
  expect(response.status).toBe(status);
  await expect.poll(reported).toContain(words);
});

test.each([
  [
    { 'X-Webhook-Signatur': 't=1,v1=00' },
    'there is X-Webhook-Signatur: the name must be exactly X-Webhook-Signature',
  ],
  [{ 'X-Hub-Signature-256': 'sha256=00' }, 'there is X-Hub-Signature-256'],
])('a signature under another name is named: %o', async (headers, words) => {
  const { url, reported } = await startReporting();
  const { status } = await postWebhook(url, candidateCreated(), { signature: null, headers });
  expect(status).toBe(401);
  await expect.poll(reported).toContain(words);
});

test.each([
  [{ Authorization: 'Bearer key-of-test-ats' }, 'an Authorization header that holds the key'],
  [{ 'X-API-Token': 'key-of-test-ats' }, 'there is X-API-Token'],
  [{ 'X-API-Key': SECRETS.incoming }, 'X-API-Key holds the incoming secret'],
])('a key in the wrong place is named: %o', async (headers: Record<string, string>, words) => {
  const { url, reported } = await startReporting();
  const response = await fetch(`${url}/v1/candidates/1`, { headers });
  expect(await response.json()).toEqual({ detail: 'Invalid or missing API key' });
  await expect.poll(reported).toContain(words);
});

test.each([
  ['GET', '/v1/candidates?limit=2&api_key=key-of-test-ats', 'limit=2&api_key=hidden'],
  ['POST', '/v1/webhooks/test-ats?token=key-of-test-ats&x=1', 'token=hidden&x=1'],
  ['GET', '/anything?X-API-Key=key-of-test-ats', 'X-API-Key=hidden'],
])('a key in the query is neither logged nor shown: %s %s', async (method, path, shown) => {
  const { control, url, reported } = await startReporting();
  await fetch(`${url}${path}`, { method });
  await expect.poll(reported).toContain(shown);
  const [item] = (await control.log({})).items;
  const { attempts } = await control.delivery(item!.delivery_id);
  expect(attempts[0]!.request.url).toContain(shown);
  expect(reported() + JSON.stringify(attempts)).not.toContain('key-of-test-ats');
});

test.each([
  ['form-encoded', Buffer.from('event=candidate.created&client_id=acme-corp'), 'it is form-encoded'],
  ['a Python dict', Buffer.from("{'event': 'candidate.created'}"), 'json.dumps'],
  [
    'camelCase',
    { ...candidateCreated({ clientId: 'acme-corp' }), client_id: undefined },
    'clientId must be written client_id',
  ],
  [
    'under data',
    {
      event: 'candidate.deleted',
      event_id: 'e',
      client_id: 'acme-corp',
      user_id: 'u',
      data: { candidate_id: 'c' },
    },
    'candidate_id stands under data',
  ],
  ['a list', [candidateCreated()], 'the body is a list'],
])('a body that is nearly right is named: %s', async (_what, body, words) => {
  const { url, reported } = await startReporting();
  const { status } = await postWebhook(url, body);
  expect(status).toBe(422);
  await expect.poll(reported).toContain(words);
});

const zoe = () => Buffer.from(JSON.stringify(candidateCreated({ first_name: 'Zoë', last_name: 'Müller' })));
const headFor = (body: Buffer, length: number) =>
  rawHead('POST', '/v1/webhooks/test-ats', {
    'Content-Type': 'application/json',
    'Content-Length': length,
    'X-Webhook-Signature': signLikeTheGuides(body, SECRETS.incoming),
  });

test('a Content-Length counted in characters is proved, and the 401 arrives', async () => {
  const { url, reported } = await startReporting();
  const body = zoe();
  const client = connectRaw(url);
  client.socket.write(Buffer.concat([Buffer.from(headFor(body, body.toString().length)), body]));
  await client.closed;
  expect(client.received()).toMatch(/^HTTP\/1\.1 401 [\s\S]*Invalid signature/);
  await expect.poll(reported).toContain(`the body that was signed has ${body.length} bytes`);
  expect(reported()).not.toContain('another secret');
});

test('more bytes behind a body that is right do not overtake the 202, and are reported', async () => {
  const { url, reported } = await startReporting();
  const body = zoe();
  const client = connectRaw(url);
  client.socket.write(Buffer.concat([Buffer.from(headFor(body, body.length)), body, Buffer.from('\0\0')]));
  await client.closed;
  expect(client.received()).toMatch(/^HTTP\/1\.1 202 /);
  await expect.poll(reported).toContain('came behind the body');
});

test('a body that is cut off is distinguished from one that was changed', async () => {
  const { url, reported } = await startReporting();
  const body = zoe();
  const ended = connectRaw(url);
  ended.socket.end(Buffer.concat([Buffer.from(headFor(body, body.length)), body.subarray(0, 50)]));
  await expect
    .poll(reported)
    .toContain(`before the ${body.length} bytes that Content-Length announces had come; 50 came`);
  await ended.closed;
  expect(ended.received()).toMatch(/^HTTP\/1\.1 400 /);

  const gone = connectRaw(url);
  gone.socket.write(Buffer.concat([Buffer.from(headFor(body, body.length)), body.subarray(0, 40)]), () =>
    gone.socket.resetAndDestroy(),
  );
  await expect.poll(reported).toContain('40 came');

  const cut = body.subarray(0, 60);
  await postWebhook(url, cut, { signature: signLikeTheGuides(body, SECRETS.incoming) });
  await expect
    .poll(reported)
    .toContain('ends in the middle of its JSON after 60 bytes: it may have been cut off');
});
