import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createControlClient } from '../../../src/client/control-client.ts';
import { startEmulator } from '../../../src/emulator/index.ts';
import {
  candidateCreated,
  postWebhook,
  SECRETS,
  startTestEmulator,
  testOptions,
} from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { hmacHex, signLikeTheGuides } from '../../support/sign.ts';

type Emulator = Awaited<ReturnType<typeof startEmulator>>;

let emulator: Emulator;
let control: ReturnType<typeof createControlClient>;

// One gateway for all cases: what one bad request breaks, the next valid one shows.
beforeAll(async () => {
  emulator = await startEmulator(testOptions());
  control = createControlClient({ url: emulator.url, token: emulator.controlToken });
});
afterAll(() => emulator.close());

interface Sent {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

interface Raw {
  method?: string;
  path?: string;
  body?: Uint8Array;
  /** Header values as lists are sent as several headers. */
  headers?: Record<string, string | string[]>;
  /** Without a Content-Length. */
  chunked?: boolean;
}

/** One request with exactly these headers; node:http adds Host and the body's framing only. */
function sendRaw({ method = 'POST', path = '/v1/webhooks/test-ats', body, headers = {}, chunked }: Raw) {
  return new Promise<Sent>((resolve, reject) => {
    const framing: Record<string, string> = chunked
      ? { 'Transfer-Encoding': 'chunked' }
      : { 'Content-Length': String(body?.length ?? 0) };
    const request = httpRequest(
      emulator.url,
      { method, path, headers: { ...framing, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function bytes(value: unknown): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(JSON.stringify(value));
}

function signed(body: Uint8Array, rest: Record<string, string | string[]> = {}) {
  return {
    'Content-Type': 'application/json',
    'X-Webhook-Signature': signLikeTheGuides(body, SECRETS.incoming),
    ...rest,
  };
}

async function newestRefusal() {
  const { items } = await control.log({ direction: 'incoming', limit: 1 });
  const record = items[0]!;
  return { record, detail: await control.logRecord(record.id) };
}

/** After whatever happened, a valid event is accepted and processed. */
async function expectStillWorking() {
  const answer = await postWebhook(emulator.url, candidateCreated());
  expect(answer.status).toBe(202);
  const { trace } = await control.wait(answer.json.reference_id, {
    until: 'first-attempt',
    timeoutMs: 10_000,
  });
  expect(trace.job?.state).toBe('done');
}

const now = () => Math.floor(Date.now() / 1000);
const hex = (text: string, secret = SECRETS.incoming) => hmacHex(secret, text);

interface Refused {
  name: string;
  request(): Raw;
  status: number;
  /** The whole answer, or a check of it. */
  detail: unknown;
  /** Code in the log. */
  reason: string;
  /** What the log's message says. */
  says?: RegExp;
}

const valid = () => bytes(candidateCreated());
const INVALID = 'Invalid signature';

function withSignature(make: (body: Buffer) => string | string[] | undefined): () => Raw {
  return () => {
    const body = valid();
    const value = make(body);
    const headers: Record<string, string | string[]> = {};
    if (value !== undefined) headers['X-Webhook-Signature'] = value;
    return { body, headers };
  };
}

function withBody(make: () => Uint8Array, rest: Record<string, string | string[]> = {}): () => Raw {
  return () => {
    const body = make();
    return { body, headers: signed(body, rest) };
  };
}

const deep = (levels: number) => Buffer.from(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);

const SIGNATURE_CASES: Omit<Refused, 'status' | 'detail'>[] = [
  { name: 'no signature', request: withSignature(() => undefined), reason: 'header_missing' },
  { name: 'an empty signature', request: withSignature(() => ''), reason: 'header_missing' },
  {
    name: 'a wrong secret',
    request: withSignature((body) => signLikeTheGuides(body, 'nobody-has-this')),
    reason: 'mismatch',
  },
  {
    name: 'the outgoing secret',
    request: withSignature((body) => signLikeTheGuides(body, SECRETS.outgoing)),
    reason: 'mismatch',
  },
  {
    name: 'a stale t',
    request: withSignature((body) => signLikeTheGuides(body, SECRETS.incoming, now() - 301)),
    reason: 'stale',
    says: /30[1-9] s old/,
  },
  {
    name: 'a future t',
    request: withSignature((body) => signLikeTheGuides(body, SECRETS.incoming, now() + 330)),
    reason: 'future',
    says: /3[0-9]+ s ahead/,
  },
  {
    name: 'two t in one header',
    request: withSignature((body) => `t=${now()},${signLikeTheGuides(body, SECRETS.incoming)}`),
    reason: 'timestamp_duplicated',
  },
  {
    name: 'two signature headers',
    request: withSignature((body) => {
      const one = signLikeTheGuides(body, SECRETS.incoming);
      return [one, one];
    }),
    reason: 'timestamp_duplicated',
  },
  {
    name: 'a 5 KiB header',
    request: withSignature((body) => `${signLikeTheGuides(body, SECRETS.incoming)},x=${'y'.repeat(5120)}`),
    reason: 'header_too_long',
  },
  {
    name: 'an upper-case digest',
    request: withSignature((body) => `t=${now()},v1=${hex(`${now()}.${body}`).toUpperCase()}`),
    reason: 'signature_malformed',
  },
  {
    name: 'a t that is no number',
    request: withSignature((body) => `t=now,v1=${hex(`now.${body}`)}`),
    reason: 'timestamp_malformed',
  },
  {
    name: 'a signature over the empty body',
    request: withSignature(() => signLikeTheGuides(new Uint8Array(), SECRETS.incoming)),
    reason: 'mismatch',
  },
];

const problem = (type: string, ...loc: (string | number)[]) => expect.objectContaining({ type, loc });

const BODY_CASES: Omit<Refused, 'status'>[] = [
  {
    name: 'not JSON',
    request: withBody(() => bytes('{"event": candidate}')),
    detail: [
      {
        type: 'json_invalid',
        loc: ['body', 10],
        msg: expect.stringMatching(/^JSON decode error: /),
        input: {},
      },
    ],
    reason: 'invalid_json',
  },
  {
    name: 'an empty body',
    request: withBody(() => new Uint8Array()),
    detail: [problem('missing', 'body')],
    reason: 'invalid_json',
  },
  {
    name: 'a list',
    request: withBody(() => bytes([candidateCreated()])),
    detail: [problem('model_attributes_type', 'body')],
    reason: 'invalid_event',
  },
  {
    name: 'a text',
    request: withBody(() => bytes('"candidate.created"')),
    detail: [problem('model_attributes_type', 'body')],
    reason: 'invalid_event',
  },
  {
    name: 'null',
    request: withBody(() => bytes('null')),
    detail: [problem('model_attributes_type', 'body')],
    reason: 'invalid_event',
  },
  {
    name: 'an unknown event',
    request: withBody(() => bytes(candidateCreated({ event: 'candidate.exploded' }))),
    detail: [problem('union_tag_invalid', 'body', 'event')],
    reason: 'invalid_event',
    says: /candidate\.exploded/,
  },
  {
    name: 'an event that only goes out',
    request: withBody(() => bytes(candidateCreated({ event: 'meeting.notes_ready' }))),
    detail: [problem('union_tag_invalid', 'body', 'event')],
    reason: 'invalid_event',
  },
  {
    name: 'five fields wrong at once',
    request: withBody(() =>
      bytes({
        event: 'candidate.created',
        event_id: '',
        client_id: 7,
        user_id: 'admin-user',
        candidate_id: null,
        last_name: 'Smith',
        email: 'nowhere',
      }),
    ),
    detail: [
      problem('string_too_short', 'body', 'event_id'),
      problem('string_type', 'body', 'client_id'),
      problem('string_type', 'body', 'candidate_id'),
      problem('missing', 'body', 'first_name'),
      problem('value_error', 'body', 'email'),
    ],
    reason: 'invalid_event',
    says: /event_id.*client_id.*and 2 more/,
  },
  {
    name: 'a gzip body, signed over the gzip bytes',
    request: withBody(() => gzipSync(valid()), { 'Content-Encoding': 'gzip' }),
    detail: [problem('json_invalid', 'body', 0)],
    reason: 'invalid_json',
    says: /Content-Encoding: gzip/,
  },
  {
    name: 'JSON of 10,000 levels',
    request: withBody(() => deep(10_000)),
    detail: [problem('json_invalid', 'body', 132)],
    reason: 'invalid_json',
    says: /deeper than 128/,
  },
  {
    name: 'unclosed brackets without end',
    request: withBody(() => bytes('['.repeat(1_000_000))),
    detail: [problem('json_invalid', 'body', 128)],
    reason: 'invalid_json',
  },
  {
    name: 'NUL in an identifier',
    request: withBody(() => bytes(candidateCreated({ candidate_id: 'a\u0000b' }))),
    detail: [problem('value_error', 'body', 'candidate_id')],
    reason: 'invalid_event',
  },
  {
    name: 'a lone surrogate in a known field',
    request: withBody(() => bytes(candidateCreated({ first_name: 'a\ud800b' }))),
    detail: [problem('string_unicode', 'body', 'first_name')],
    reason: 'invalid_event',
  },
  {
    name: 'bytes that are not UTF-8',
    request: withBody(() => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
    detail: [problem('json_invalid', 'body', 0)],
    reason: 'invalid_json',
  },
  {
    name: 'a number beyond 2^53 where a text belongs, which is echoed exactly',
    request: withBody(() =>
      bytes(
        JSON.stringify(candidateCreated()).replace('"client_id":"acme-corp"', '"client_id":9007199254740993'),
      ),
    ),
    detail: expect.anything(),
    reason: 'invalid_event',
  },
];

const PATH_CASES: Omit<Refused, 'detail'>[] = [
  { name: 'an unknown ATS', request: () => at('/v1/webhooks/nobody'), status: 404, reason: 'unknown_ats' },
  { name: 'no ATS', request: () => at('/v1/webhooks/'), status: 404, reason: 'unknown_ats' },
  {
    name: 'percent-encoding that is none',
    request: () => at('/v1/webhooks/%E0%A4%A'),
    status: 404,
    reason: 'unknown_ats',
  },
  {
    name: 'more path than there is',
    request: () => at('/v1/webhooks/test-ats/more'),
    status: 404,
    reason: 'unknown_ats',
  },
  {
    name: 'a NUL in the path',
    request: () => at('/v1/webhooks/test-ats%00'),
    status: 404,
    reason: 'unknown_ats',
  },
  {
    name: 'the name of what every object has',
    request: () => at('/v1/webhooks/__proto__'),
    status: 404,
    reason: 'unknown_ats',
  },
];

function at(path: string): Raw {
  const body = valid();
  return { path, body, headers: signed(body) };
}

const REFUSED: Refused[] = [
  ...SIGNATURE_CASES.map((one) => ({ ...one, status: 401, detail: INVALID })),
  ...BODY_CASES.map((one) => ({ ...one, status: 422 })),
  ...PATH_CASES.map((one) => ({ ...one, detail: 'Unknown ATS' })),
  {
    name: 'an unknown workspace',
    request: withBody(() => bytes(candidateCreated({ client_id: 'nobody' }))),
    status: 404,
    detail: 'Workspace not found',
    reason: 'workspace_not_found',
  },
];

describe('a request that is refused', () => {
  test.each(REFUSED)('$name: $status', async ({ request, status, detail, reason, says }) => {
    const before = (await control.status()).events;
    const answer = await sendRaw(request());
    expect(JSON.parse(answer.text)).toEqual({ detail });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json');

    const { record } = await newestRefusal();
    expect(record).toMatchObject({ outcome: 'failure', response_status: status, error: { code: reason } });
    if (says) expect(record.error!.message).toMatch(says);
    if (status === 401) expect(answer.text).not.toContain(reason);
    expect((await control.status()).events).toBe(before);
    await expectStillWorking();
  });

  test('every refusal is logged with the request as it came and the answer that was given', async () => {
    const body = bytes('{"event": candidate}');
    const answer = await sendRaw({
      body,
      headers: signed(body, { Cookie: 'session=abc', Authorization: 'Bearer xyz' }),
    });
    const { detail } = await newestRefusal();
    expect(detail.request.body).toEqual({
      text: body.toString(),
      encoding: 'utf8',
      bytes: body.length,
      truncated: false,
    });
    expect(detail.response!.body.text).toBe(answer.text);
    expect(detail.request.headers).toEqual({ 'Content-Type': 'application/json' });
    expect(detail.request.signature).toMatch(/^t=\d+,v1=/);
  });

  test('a number beyond 2^53 stands in the refusal as it was sent', async () => {
    const body = bytes(
      JSON.stringify(candidateCreated()).replace('"client_id":"acme-corp"', '"client_id":9007199254740993'),
    );
    const { text } = await sendRaw({ body, headers: signed(body) });
    expect(text).toContain('"input":9007199254740993}');
  });
});

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
    for (const t of [now() - 299, now() + 300]) {
      expect((await postWebhook(emulator.url, candidateCreated(), { t })).status).toBe(202);
    }
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
    const receiver = await startTestReceiver();
    const { emulator: own } = await startTestEmulator({}, receiver.url);
    const answer = await postWebhook(own.url, Buffer.from(text));
    expect(answer.status).toBe(202);
    await receiver.waitFor(1);
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
