import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { candidateCreated, postWebhook, SECRETS, startDelivering } from '../../support/emulator.ts';
import { connectRaw, rawHead } from '../../support/raw-client.ts';
import { signLikeTheGuides } from '../../support/sign.ts';
import {
  bytes,
  control,
  emulator,
  expectStillWorking,
  newestRefusal,
  now,
  sendRaw,
  signed,
  startOneGateway,
  valid,
} from './one-gateway.ts';

startOneGateway();

describe('a body over 1 MiB', () => {
  const big = Buffer.alloc(2 * 1024 * 1024, 0x20);

  test.each([
    ['with a Content-Length', false],
    ['chunked', true],
  ])('%s: the client gets to read the 413', async (_name, chunked) => {
    for (let round = 0; round < 5; round++) {
      const answer = await sendRaw({ body: big, headers: signed(big), chunked });
      expect(answer.status).toBe(413);
      expect(JSON.parse(answer.text)).toEqual({ detail: 'Request body is larger than 1 MiB' });
    }
    const { record } = await newestRefusal();
    expect(record.error!.code).toBe('body_too_large');
    await expectStillWorking();
  });

  test('a client that sends everything before it reads anything gets it too', async () => {
    const answer = await sendOverSocket(
      [
        Buffer.from(
          `POST /v1/webhooks/test-ats HTTP/1.1\r\nHost: x\r\nContent-Length: ${8 * big.length}\r\n\r\n`,
        ),
        ...Array.from({ length: 8 }, () => big),
      ],
      { pauseUntilSent: true },
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    // What is left of the body is no next request.
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
  });

  test('exactly 1 MiB is read', async () => {
    const text = JSON.stringify(candidateCreated());
    const body = Buffer.from(text + ' '.repeat(1024 * 1024 - text.length));
    expect((await sendRaw({ body, headers: signed(body) })).status).toBe(202);
    const more = Buffer.concat([body, Buffer.from(' ')]);
    expect((await sendRaw({ body: more, headers: signed(more), chunked: true })).status).toBe(413);
  });

  test('413 comes before 404 and 401', async () => {
    expect((await sendRaw({ path: '/v1/webhooks/nobody', body: big })).status).toBe(413);
  });
});

describe('a request that is accepted', () => {
  const CONTENT_TYPES: [string, Record<string, string | string[]>][] = [
    ['no Content-Type', {}],
    ['a malformed Content-Type', { 'Content-Type': ';;;=\t"' }],
    ['a Content-Type of something else', { 'Content-Type': 'text/xml; charset=utf-16' }],
    ['a Content-Encoding that is not true', { 'Content-Encoding': 'gzip' }],
  ];
  test.each(CONTENT_TYPES)('%s', async (_name, headers) => {
    const body = valid();
    const signature = signLikeTheGuides(body, SECRETS.incoming);
    const answer = await sendRaw({ body, headers: { 'X-Webhook-Signature': signature, ...headers } });
    expect(answer.status).toBe(202);
  });

  test('a signature with whitespace, other keys and a second v1', async () => {
    const body = valid();
    const [t, v1] = signLikeTheGuides(body, SECRETS.incoming).split(',');
    const value = `v0=old , v1=${'0'.repeat(64)} ,${v1}, ${t}`;
    expect((await sendRaw({ body, headers: { 'X-Webhook-Signature': value } })).status).toBe(202);
  });

  test('t exactly 300 s away', async () => {
    const ahead = await postWebhook(emulator.url, candidateCreated(), { t: now() + 300 });
    expect(ahead.status).toBe(202);
    const t = now() - 299;
    const { status } = await postWebhook(emulator.url, candidateCreated(), { t });
    // Where it took a second to come it may have been too late.
    expect(now() - t > 300 ? [202, 401] : [202]).toContain(status);
  });
});

describe('another method', () => {
  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])('%s: 405 with Allow', async (method) => {
    const answer = await sendRaw({ method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST');
    expect(answer.text).toBe(method === 'HEAD' ? '' : '{"detail":"Method Not Allowed"}');
    await expectStillWorking();
  });
});

describe('an unknown path', () => {
  test.each(['/', '/v1', '/v1/webhooks', '/v2/webhooks/test-ats', '/%', '/v1/%E0%A4%A', '/_carvos/v2/x'])(
    '%s: 404',
    async (path) => {
      const answer = await sendRaw({ path, body: valid() });
      expect(answer).toMatchObject({ status: 404, text: '{"detail":"Not Found"}' });
      await expectStillWorking();
    },
  );
});

describe('strange content that is valid', () => {
  async function echo(text: string) {
    const { receiver, emulator: own } = await startDelivering();
    const notices: unknown[] = [];
    own.subscribe((entry) => void (entry.type === 'notice' && notices.push(entry)));
    const answer = await postWebhook(own.url, Buffer.from(text));
    expect(answer.status).toBe(202);
    await receiver.waitFor(1);
    expect(notices).toEqual([]);
    const { body, headers } = receiver.received[0]!;
    const t = Number(/^t=(\d+)/.exec(String(headers['x-webhook-signature']))![1]);
    expect(headers['x-webhook-signature']).toBe(signLikeTheGuides(body, SECRETS.outgoing, t));
    return body.toString();
  }
  const withExtra = (extra: string) => JSON.stringify(candidateCreated()).replace(/}$/, `,${extra}}`);

  test('integers beyond 2^53, long decimals and exponents come back digit by digit', async () => {
    const body = await echo(
      withExtra(
        '"big":9007199254740993,"huge":123456789012345678901234567890,"list":[{"n":-9007199254740995}]',
      ),
    );
    expect(body).toContain('"big":9007199254740993,');
    expect(body).toContain('"huge":123456789012345678901234567890,');
    expect(body).toContain('"list":[{"n":-9007199254740995}]');
  });

  test('keys named __proto__ change nothing for anybody', async () => {
    const body = await echo(
      withExtra(
        '"__proto__":{"polluted":1},"deep":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      ),
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(body).not.toContain('__proto__');
    expect(JSON.parse(body)).toMatchObject({ status: 'success', data: { deep: { constructor: {} } } });
  });

  test('fields named as methods are: none of them is called, and nothing goes wrong', async () => {
    const odd = '{"toString":1,"valueOf":{},"toJSON":2,"then":3,"length":-1,"hasOwnProperty":0}';
    const body = await echo(withExtra(`"constructor":${odd},"x_id":${odd},"x_email":[${odd}],"x":${odd}`));
    expect(body).toContain(`"x_id":${odd}`);
  });

  test('NUL in a text, and a lone surrogate in a field that nobody knows', async () => {
    const body = await echo(
      withExtra('"note":"a\\u0000b","half":"\\ud83d","\\ud83d":1').replace('"Jane"', '"J\\u0000ane"'),
    );
    const { data } = JSON.parse(body);
    expect(data.note).toBe('a\u0000b');
    expect(data.half).toBe('\ud83d');
    expect(data['\ud83d']).toBe(1);
    expect(data.first_name).toContain('\u0000');
  });

  test('128 levels are enough, 129 are not', async () => {
    const levels = (n: number) => withExtra(`"deep":${'['.repeat(n - 1)}${']'.repeat(n - 1)}`);
    expect(await echo(levels(128))).toContain('[[[[');
    const answer = await postWebhook(emulator.url, Buffer.from(levels(129)));
    expect(answer.status).toBe(422);
  });

  test('what came with 128 levels goes out one deeper, and is read as any other', async () => {
    const deep = JSON.parse('['.repeat(127) + ']'.repeat(127));
    const { emulator: own } = await startDelivering();
    await postWebhook(own.url, candidateCreated({ deep }));
    const { data } = await own.waitFor({ event: 'candidate.created', data: { first_name: 'Jane' } });
    expect(data.deep).toEqual(deep);
  });

  test.each([
    ['first_name', `${' '.repeat(1_000_000)}x`],
    ['headline', 'a '.repeat(500_000)],
    ['phone', '+1'.repeat(450_000)],
    ['location', ', '.repeat(450_000)],
    ['email', `${'+slow-'.repeat(150_000)}@x`],
    // Quadratic work on a megabyte takes many minutes: the limits here tell it from a busy machine.
  ])('a megabyte of %s costs no quadratic work', { timeout: 120_000 }, async (field, value) => {
    const answer = await postWebhook(emulator.url, candidateCreated({ [field]: value }));
    expect(answer.status).toBe(202);
    const { met } = await control.wait(answer.json.reference_id, {
      until: 'first-attempt',
      timeoutMs: 100_000,
    });
    expect(met).toBe(true);
  });
});

describe('a client that closes after its request gets to read why that was refused', () => {
  const token = () => ({ Authorization: `Bearer ${emulator.controlToken}` });
  test.each([
    ['POST', '/uploads', 401, () => ({ 'X-API-Key': 'wrong' })],
    ['PUT', '/_carvos/v1/snapshot', 401, () => ({})],
    ['PUT', '/_carvos/v1/snapshot', 403, () => ({ ...token(), Host: 'elsewhere.example' })],
    ['POST', '/_carvos/v1/jobs/none/rerun', 404, token],
    ['POST', '/v1/nowhere', 404, () => ({})],
  ])('%s %s: %s', async (method, path, status, headers) => {
    const [length, half] = [8 * 1024 * 1024, Buffer.alloc(4 * 1024 * 1024)];
    const client = connectRaw(emulator.url);
    let isClosed = false;
    void client.closed.then(() => {
      isClosed = true;
    });
    client.socket.write(
      rawHead(method, path, { ...headers(), Connection: 'close', 'Content-Length': length }),
    );
    await new Promise((resolve) => client.socket.write(half, resolve));
    await expect.poll(client.received).toMatch(/\r\n\r\n\{"detail":.*\}$/);
    expect(client.received()).toMatch(`HTTP/1.1 ${status} `);
    await expectStillWorking();
    expect(isClosed).toBe(false);
    client.socket.write(half);
    await client.closed;
  });

  test('also where its body then breaks off', async () => {
    const { socket, received, closed } = connectRaw(emulator.url);
    socket.write(rawHead('POST', '/uploads', { Connection: 'close', 'Transfer-Encoding': 'chunked' }));
    await expect.poll(received).toMatch(/^HTTP\/1\.1 401 /);
    socket.write('no chunk\r\n');
    await closed;
    await expectStillWorking();
  });

  test('one whose body ends too soon is answered and closed', async () => {
    const client = connectRaw(emulator.url);
    client.socket.end(
      `${rawHead('POST', '/_carvos/v1/clock/speed', { ...token(), Connection: 'close', 'Content-Length': 9 })}{"`,
    );
    await client.closed;
    expect(client.received()).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('a client that misbehaves', () => {
  test('disconnects midway: nothing is accepted, and the next request works', async () => {
    const before = (await control.status()).events;
    const body = valid();
    const socket = connect(emulator.port, '127.0.0.1');
    socket.write(
      `POST /v1/webhooks/test-ats HTTP/1.1\r\nHost: x\r\nX-Webhook-Signature: ${signLikeTheGuides(body, SECRETS.incoming)}\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await new Promise<void>((resolve) => socket.write(body.subarray(0, 20), () => resolve()));
    const gone = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.resetAndDestroy();
    await gone;
    await expectStillWorking();
    expect((await control.status()).events).toBe(before + 1);
  });

  test('sends a byte at a time: it gets its 202, and nobody waits for it', async () => {
    const body = valid();
    const head = Buffer.from(
      `POST /v1/webhooks/test-ats HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Webhook-Signature: ${signLikeTheGuides(body, SECRETS.incoming)}\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    const whole = Buffer.concat([head, body]);
    const slow = sendOverSocket(
      Array.from({ length: whole.length }, (_, i) => whole.subarray(i, i + 1)),
      { betweenParts: () => new Promise((resolve) => setImmediate(resolve)) },
    );
    await expectStillWorking();
    expect(await slow).toMatch(/^HTTP\/1\.1 202 .*"reference_id"/s);
  });

  test('sends two requests in one go: both are answered, in order', async () => {
    const requests = [valid(), bytes('nonsense')].map((body, index) =>
      Buffer.concat([
        Buffer.from(
          `POST /v1/webhooks/test-ats HTTP/1.1\r\nHost: x\r\nConnection: ${index ? 'close' : 'keep-alive'}\r\nX-Webhook-Signature: ${signLikeTheGuides(body, SECRETS.incoming)}\r\nContent-Length: ${body.length}\r\n\r\n`,
        ),
        body,
      ]),
    );
    const text = await sendOverSocket([Buffer.concat(requests)]);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 202', 'HTTP/1.1 422']);
  });

  test('sends what is no HTTP', async () => {
    expect(await sendOverSocket([Buffer.from('\x16\x03\x01 hello\r\n\r\n')])).toMatch(/^HTTP\/1\.1 400 /);
    await expectStillWorking();
  });
});

/** Writes parts to a socket and returns all that comes back until the other side closes. */
async function sendOverSocket(
  parts: Buffer[],
  options: { pauseUntilSent?: boolean; betweenParts?: () => Promise<unknown> } = {},
): Promise<string> {
  const socket = connect(emulator.port, '127.0.0.1');
  socket.setNoDelay(true);
  const chunks: Buffer[] = [];
  const closed = new Promise<void>((resolve, reject) => {
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
  const read = () => socket.on('data', (chunk) => chunks.push(chunk));
  if (!options.pauseUntilSent) read();
  const write = async () => {
    for (const part of parts) {
      await new Promise<void>((resolve) => socket.write(part, () => resolve()));
      await options.betweenParts?.();
    }
    if (options.pauseUntilSent) read();
  };
  await Promise.all([write(), closed]);
  return Buffer.concat(chunks).toString();
}
