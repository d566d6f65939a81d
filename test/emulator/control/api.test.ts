import { request as httpRequest } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { FeedEntry } from '../../../src/contract/control.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import {
  candidateCreated,
  postWebhook,
  SECRETS,
  startDelivering,
  startTestEmulator,
} from '../../support/emulator.ts';
import { connectRaw } from '../../support/raw-client.ts';
import { startTestReceiver } from '../../support/receiver.ts';

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** node:http, because fetch sets Host and Origin by itself. */
function ask(url: string, path: string, headers: Record<string, string>, method = 'GET', body?: string) {
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest(url, { path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

const STATUS = '/_carvos/v1/status';

test('a wait ends as soon as what is waited for can no longer hold', async () => {
  const { emulator, control, postAndWait } = await startDelivering({ respond: () => 500 });
  const { reference_id: refused } = await postAndWait('first-attempt');
  await control.clockMove('drain');
  const wait = { until: 'success', timeoutMs: 60_000 } as const;
  expect(await control.wait(refused, wait)).toMatchObject({ done: true, met: false });
  // The AI failed: its webhook is delivered, and yet nothing succeeded.
  const well = await startTestReceiver();
  await control.changeAts('test-ats', { webhook_url: well.url });
  const failing = candidateCreated({ email: 'jane+ai-fail@example.com' });
  const failed = (await postWebhook(emulator.url, failing)).json.reference_id;
  const { done, met, trace } = await control.wait(failed, wait);
  expect({ done, met, state: trace.deliveries[0]?.state }).toEqual({
    done: true,
    met: false,
    state: 'delivered',
  });
});

// Elsewhere loopback is one address.
test.skipIf(process.platform !== 'linux')('the address that is listened on is an allowed Host', async () => {
  const { emulator } = await startTestEmulator({ host: '127.0.0.2', controlToken: 'test-token' });
  const token = { Authorization: 'Bearer test-token' };
  expect((await ask(emulator.url, STATUS, token)).status).toBe(200);
  expect((await ask(emulator.url, STATUS, { ...token, Host: '127.0.0.3' })).status).toBe(403);
});

test('the guard: token, Host and Origin', async () => {
  const { emulator } = await startTestEmulator({ allowHosts: ['Carvos.test'], controlToken: 'test-token' });
  const good = { Authorization: 'Bearer test-token' };
  const host = `127.0.0.1:${emulator.port}`;
  const cases: [number, Record<string, string>][] = [
    [200, good],
    [200, { authorization: 'bearer test-token' }],
    [200, { ...good, Host: `localhost:${emulator.port}` }],
    [200, { ...good, Host: `[::1]:${emulator.port}` }],
    [200, { ...good, Host: 'carvos.test' }],
    [200, { ...good, Host: 'carvos.test:4010' }],
    [200, { ...good, Host: host, Origin: `http://${host}` }],
    [401, {}],
    [401, { Authorization: 'Bearer wrong' }],
    [401, { Authorization: 'Bearer test-token2' }],
    [401, { Authorization: 'Bearer ' }],
    [401, { Authorization: 'test-token' }],
    [401, { Authorization: 'Basic test-token' }],
    [403, { ...good, Host: 'evil.example' }],
    [403, { ...good, Host: 'localhost.evil.example' }],
    [403, { ...good, Host: '127.0.0.1.evil.example:80' }],
    [403, { ...good, Origin: 'http://evil.example' }],
    [403, { ...good, Origin: 'null' }],
    [403, { ...good, Origin: `https://localhost:1` }],
    // A page of another program of this machine.
    [403, { ...good, Host: host, Origin: 'http://127.0.0.1:1' }],
  ];
  for (const [status, headers] of cases) {
    const answer = await ask(emulator.url, STATUS, headers);
    expect([answer.status, headers]).toEqual([status, headers]);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    if (status !== 200) expect(Object.keys(JSON.parse(answer.text))).toEqual(['detail']);
  }
});

/** As no client of ours writes them: Node keeps the first of two Hosts, and a whole URL names a host too. */
const HEADS: [number, string, string, string[]][] = [
  [400, STATUS, '1.1', ['127.0.0.1', 'evil.example']],
  [400, STATUS, '1.1', ['127.0.0.1', '127.0.0.1']],
  [400, STATUS, '1.1', ['127.0.0.1 evil.example']],
  [400, STATUS, '1.1', ['me@127.0.0.1']],
  [400, STATUS, '1.1', []],
  [403, STATUS, '1.0', []],
  [403, STATUS, '1.1', ['']],
  [403, `http://evil.example${STATUS}`, '1.1', ['127.0.0.1']],
  [400, `http://127.0.0.1${STATUS}`, '1.1', ['127.0.0.1', '127.0.0.1']],
  [200, `HTTP://LocalHost:80${STATUS}`, '1.1', ['evil.example']],
  [200, STATUS, '1.0', ['[::1]:80']],
];

test.each(HEADS)('%i for %s by HTTP/%s with the Hosts %j', async (status, target, version, hosts) => {
  const { emulator } = await startTestEmulator();
  const { socket, closed, received } = connectRaw(emulator.url);
  const lines = [`Authorization: Bearer ${emulator.controlToken}`, 'Connection: close'];
  const head = [`GET ${target} HTTP/${version}`, ...hosts.map((host) => `Host: ${host}`), ...lines];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await closed;
  expect(received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test('a refused request changes nothing', async () => {
  const { emulator, control } = await startTestEmulator();
  const refused: Record<string, string>[] = [
    {},
    { Authorization: `Bearer ${emulator.controlToken}`, Origin: 'http://evil.example' },
  ];
  for (const headers of refused) {
    const answer = await ask(
      emulator.url,
      '/_carvos/v1/clock/advance',
      { ...headers, 'Content-Type': 'application/json' },
      'POST',
      '{"ms":60000}',
    );
    expect([401, 403]).toContain(answer.status);
  }
  expect((await control.clock()).schedule_ms).toBe(0);
});

test('health and readiness need no token', async () => {
  const { emulator } = await startTestEmulator();
  for (const path of ['/healthz', '/readyz']) expect((await ask(emulator.url, path, {})).status).toBe(200);
});

test('requests that make no sense are 4xx, not 500', async () => {
  const { emulator, control } = await startTestEmulator();
  const headers = { Authorization: `Bearer ${emulator.controlToken}`, 'Content-Type': 'application/json' };
  const cases: [string, string, string | undefined, number][] = [
    ['GET', '/deliveries/%ff', undefined, 400],
    ['GET', '/deliveries/dlv_nothing', undefined, 404],
    ['GET', '/log/dlv_nothing/NaN', undefined, 404],
    ['GET', '/log?limit=0', undefined, 422],
    ['GET', '/log?limit=9999999', undefined, 422],
    ['GET', '/log?outcome=maybe', undefined, 422],
    ['GET', '/log?event=a&event=b', undefined, 422],
    ['GET', '/log?cursor=abc', undefined, 400],
    ['GET', '/log?since=yesterday', undefined, 422],
    ['GET', '/references/nothing/wait', undefined, 404],
    ['GET', '/jobs?cursor=abc', undefined, 400],
    ['POST', '/clock/advance', '{', 422],
    ['POST', '/clock/advance', '{"ms":-1}', 422],
    ['POST', '/clock/advance', '[]', 422],
    ['POST', '/clock/advance', `{"ms":${'['.repeat(200)}${']'.repeat(200)}}`, 422],
    ['POST', '/clock/advance', ' '.repeat(2 * 1024 * 1024 + 1), 413],
    ['POST', '/clock/speed', '{"speed":0}', 422],
    // A retry would be due in 10^299 days: no text and no date can say that.
    ['POST', '/clock/speed', '{"speed":1e-300}', 422],
    ['PATCH', '/ats/test-ats', '{"webhook_url":"javascript:alert(1)"}', 422],
    ['PATCH', '/ats/nobody', '{}', 404],
    ['GET', '/nothing', undefined, 404],
  ];
  for (const [method, path, body, status] of cases) {
    const answer = await ask(emulator.url, `/_carvos/v1${path}`, headers, method, body);
    expect([method, path, answer.status]).toEqual([method, path, status]);
    expect(answer.text).not.toMatch(/node_modules|\.ts:/);
  }
  expect((await control.status()).clock.schedule_ms).toBe(0);
});

test('the live feed gives every entry once, in order, and seq grows', async () => {
  const { receiver, emulator, control } = await startDelivering();
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const { promise: open, resolve: opened } = withResolvers();
  const entries: FeedEntry[] = [];
  const reading = (async () => {
    for await (const entry of control.feed(stop.signal, { onState: () => opened() })) {
      entries.push(entry);
      if (entry.type === 'attempt.finished') return;
    }
  })();
  await open;
  await postWebhook(emulator.url, candidateCreated({ email: 'no' }));
  const { json } = await postWebhook(emulator.url, candidateCreated());
  await reading;
  expect(entries.map(({ type }) => type)).toEqual([
    'request.refused',
    'request.accepted',
    'job.started',
    'job.finished',
    'attempt.finished',
  ]);
  for (let i = 1; i < entries.length; i++) expect(entries[i]!.seq).toBeGreaterThan(entries[i - 1]!.seq);
  expect(entries[4]).toMatchObject({
    record: { reference_id: json.reference_id, outcome: 'success' },
    url: receiver.url,
  });
});

test('a wait ends as soon as its condition holds, and at its timeout at the latest', async () => {
  let release = (_status: number) => {};
  const receiver = await startTestReceiver(
    () =>
      new Promise<number>((resolve) => {
        release = resolve;
      }),
  );
  const { emulator, control } = await startTestEmulator({}, receiver.url);
  const { json } = await postWebhook(emulator.url, candidateCreated());
  const early = await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 50 });
  expect(early).toMatchObject({ done: false, met: false });
  await receiver.waitFor(1);
  const waiting = control.wait(json.reference_id, { until: 'success', timeoutMs: 60_000 });
  release(200);
  expect(await waiting).toMatchObject({ done: true, met: true, trace: { settled: true } });
});

test('the log: filters, and pages without doubles or holes while new records arrive', async () => {
  const { emulator, control, postAndWait } = await startDelivering({ respond: () => 500 });
  const post = async () => {
    const { reference_id } = await postAndWait('first-attempt');
    return reference_id as string;
  };
  const references: string[] = [];
  for (let i = 0; i < 6; i++) references.push(await post());
  await postWebhook(emulator.url, 'nonsense');

  const before = (await control.log({ limit: 1000 })).items.map(({ id }) => id);
  expect(before).toHaveLength(13);
  const paged: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await control.log({ limit: 4, cursor });
    paged.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor ?? undefined;
    await post();
  } while (cursor);
  expect(paged).toEqual(before);

  const whole = await control.log({ direction: 'incoming', outcome: 'failure', limit: 1 });
  expect(whole.items).toHaveLength(1);
  expect(whole.next_cursor).toBeNull();
  const outgoing = await control.log({ direction: 'outgoing', reference_id: references[2] });
  expect(outgoing.items).toMatchObject([{ outcome: 'failure', response_status: 500, step: 1 }]);
  expect((await control.log({ event: 'vacancy.created' })).items).toEqual([]);
  expect((await control.log({ client_id: 'acme-corp', ats_id: 'test-ats' })).items.length).toBeGreaterThan(
    12,
  );
  expect((await control.log({ since: new Date(Date.now() + 60_000).toISOString() })).items).toEqual([]);
});

test('jobs are listed by state and in pages; one that was refused when it came is not run again', async () => {
  const { control, postAndWait } = await startDelivering({ unprovisioned: 'fail-later' });
  for (const fields of [{}, { client_id: 'nobody' }, {}, { email: 'jane+ai-fail@example.com' }]) {
    await postAndWait('settled', candidateCreated(fields));
  }
  const list = async (query: Parameters<typeof control.jobs>[0]) => {
    const { items, next_cursor } = await control.jobs(query);
    return [...items.map(({ id }) => id), next_cursor];
  };
  expect(await list({ state: 'failed' })).toEqual(['job_4', 'job_2', null]);
  expect(await list({ limit: 2 })).toEqual(['job_4', 'job_3', '3']);
  expect(await list({ limit: 2, cursor: '3' })).toEqual(['job_2', 'job_1', null]);
  await expect(control.rerunJob('job_2')).rejects.toMatchObject({
    status: 409,
    detail: 'This event was refused when it came: send it again',
  });
});

test('the clock is paused, resumed and set, and each answer says how it stands', async () => {
  const { control } = await startTestEmulator({ speed: 60 });
  const modes: string[] = [];
  for (const move of ['pause', 'resume', { speed: 'max' }] as const)
    modes.push((await control.clockMove(move)).clock.mode);
  expect(modes).toEqual(['paused', 'running', 'max']);
});

test('no answer, log line or notice holds a secret, the API key or the token', async () => {
  const { receiver, emulator, control } = await startDelivering({ respond: () => 500 });
  const seen: unknown[] = [];
  emulator.subscribe((entry) => seen.push(entry));
  await control.changeAts('test-ats', { webhook_url: `${receiver.url}?token=token-in-url` });
  const { json } = await postWebhook(emulator.url, candidateCreated());
  await postWebhook(emulator.url, candidateCreated(), { secret: 'wrong' });
  await postWebhook(emulator.url, candidateCreated({ email: 'no' }), {
    headers: { Cookie: 'session=cookie-secret', Authorization: 'Bearer bearer-secret' },
  });
  await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
  await control.clockMove('drain');
  seen.push(
    await control.changeAts('test-ats', { name: 'Renamed' }),
    await control.status(),
    await control.clock(),
    await control.workspaces(),
    await control.trace(json.reference_id),
  );
  const { items } = await control.log({ limit: 1000 });
  expect(items.length).toBeGreaterThan(7);
  seen.push(items);
  for (const { id, delivery_id } of items)
    seen.push(await control.logRecord(id), await control.delivery(delivery_id));
  const text = JSON.stringify(seen);
  const secrets = [
    SECRETS.incoming,
    SECRETS.outgoing,
    'key-of-test-ats',
    emulator.controlToken,
    'cookie-secret',
    'bearer-secret',
    'token-in-url',
  ];
  for (const secret of secrets) expect(text).not.toContain(secret);
});

test('a subscriber with a bug stops neither answers nor deliveries', async () => {
  const { emulator, control } = await startDelivering();
  const reported: unknown[] = [];
  const report = (reason: unknown) => reported.push(reason);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', report);
  onTestFinished(() => {
    process.off('unhandledRejection', report);
    for (const one of others) process.on('unhandledRejection', one);
  });
  emulator.subscribe(() => {
    throw new Error('a bug of the subscriber');
  });
  const { status, json } = await postWebhook(emulator.url, candidateCreated());
  expect(status).toBe(202);
  const { met } = await control.wait(json.reference_id, { until: 'success', timeoutMs: 60_000 });
  expect(met).toBe(true);
  expect(String(reported[0])).toContain('a bug of the subscriber');
});
