import { describe, expect, onTestFinished, test } from 'vitest';
import { createControlClient } from '../../../src/client/control-client.ts';
import {
  type Emulator,
  RefusedError,
  type StartOptions,
  startEmulator,
  WaitError,
} from '../../../src/emulator/index.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { candidateCreated, PATIENT, postWebhook } from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { judgeSignature } from '../../support/sign.ts';

async function start(options: StartOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

const failure = async (promise: Promise<unknown>): Promise<Error> => {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
};

describe('without any option', () => {
  test('the whole loop runs, and what is waited for is typed data', async () => {
    const receiver = await startTestReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    await emulator.send('candidate.created');
    await emulator.send('vacancy.created');
    const sent = await emulator.send('application.created');
    const { reference_id } = sent;
    const delivery = await emulator.waitFor({ event: 'application.created', reference_id }, PATIENT);
    expect(delivery.data.score === null || delivery.data.score >= 0).toBe(true);
    expect(delivery).toMatchObject({
      status: 'success',
      state: 'delivered',
      attempt_count: 1,
      client_id: 'acme-corp',
    });
    const body = receiver.received.find(
      ({ headers }) => headers['x-carv-event'] === 'application.created',
    )!.body;
    expect(delivery.body).toBe(body.toString());
    expect(delivery.data).toEqual(JSON.parse(delivery.body).data);
    expect(emulator.assumptions().map(({ id }) => id)).toContain('application-score-fields');
    expect(emulator.status()).toMatchObject({ events: 3, database: ':memory:', clock: { mode: 'max' } });
  });

  test('env() is what a process under test needs', async () => {
    const receiver = await startTestReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    const env = emulator.env();
    const answer = await postWebhook(env.CARVOS_URL, candidateCreated(), {
      ats: env.CARVOS_ATS_ID,
      secret: env.CARVOS_INCOMING_SECRET,
    });
    expect(answer.status).toBe(202);
    await emulator.waitFor({ reference_id: answer.json.reference_id }, PATIENT);
    expect(judgeSignature(receiver.received[0]!, env.CARVOS_OUTGOING_SECRET!).signed).toBe(true);
    const status = await fetch(`${env.CARVOS_CONTROL_URL}/status`, {
      headers: { Authorization: `Bearer ${env.CARVOS_CONTROL_TOKEN}` },
    });
    expect(status.status).toBe(200);
    const wrongKey = await fetch(`${env.CARVOS_URL}/v1/candidates`, {
      headers: restHeaders(`${env.CARVOS_API_KEY}x`),
    });
    const rightKey = await fetch(`${env.CARVOS_URL}/v1/candidates`, {
      headers: restHeaders(env.CARVOS_API_KEY),
    });
    expect([wrongKey.status, rightKey.status]).toEqual([401, 200]);
  });
});

describe('send', () => {
  test('goes through the same door: idempotency, refusals, the log', async () => {
    const emulator = await start();
    const event = {
      ...candidateCreated(),
      event: 'candidate.created' as const,
      first_name: 'A',
      last_name: 'B',
      email: 'a@b.nl',
      candidate_id: 'c-1',
      event_id: 'evt-same',
    };
    const first = await emulator.send(event);
    expect(first.duplicate).toBe(false);
    expect(await emulator.send(event)).toEqual({ ...first, duplicate: true });
    const conflict = await failure(emulator.send({ ...event, first_name: 'Other' }));
    expect(conflict).toBeInstanceOf(RefusedError);
    expect(conflict).toMatchObject({ status: 409, code: 'event_id_conflict' });
    const invalid = await failure(emulator.send('candidate.created', { email: 'not an address' }));
    expect(invalid).toMatchObject({
      status: 422,
      detail: [expect.objectContaining({ loc: ['body', 'email'] })],
    });
    expect(invalid.message).toContain('email: ');
    const mistyped = await failure(emulator.send('candidate.creatd' as 'candidate.created'));
    expect(mistyped).toMatchObject({ status: 422 });
    expect(mistyped.message).toContain('event: ');
    const unknown = await failure(emulator.send('candidate.created', { client_id: 'nobody' }));
    expect(unknown).toMatchObject({ status: 404, code: 'workspace_not_found' });
    const large = await failure(emulator.send('candidate.created', { note: 'x'.repeat(1024 * 1024) }));
    expect(large).toMatchObject({ status: 413, code: 'body_too_large' });
    const headers = { Authorization: `Bearer ${emulator.controlToken}` };
    const log = await fetch(`${emulator.env().CARVOS_CONTROL_URL}/log?direction=incoming`, { headers });
    const { items } = (await log.json()) as { items: { response_status: number; direction: string }[] };
    expect(items.map((item) => item.response_status).reverse()).toEqual([202, 202, 409, 422, 422, 404]);
    // On the wire in the words of the log (contract, section 6), in the same process in ours.
    expect(new Set(items.map((item) => item.direction))).toEqual(new Set(['inbound']));
    const seen: string[] = [];
    emulator.subscribe((entry) => 'record' in entry && seen.push(entry.record.direction));
    await emulator.send('candidate.created');
    await emulator.waitFor({ event: 'candidate.created' }, PATIENT);
    expect(seen).toContain('incoming');
    expect(seen).not.toContain('inbound');
  });

  test('a sample has a fresh event_id each time, and fields in place of its own', async () => {
    const emulator = await start();
    const one = await emulator.send('candidate.created');
    const other = await emulator.send('candidate.created', { first_name: 'Noor' });
    expect(other.event_id).not.toBe(one.event_id);
    const found = await emulator.waitFor({ reference_id: other.reference_id, outcome: 'exhausted' }, PATIENT);
    expect(found.data).toMatchObject({ first_name: 'Noor' });
  });
});

describe('waitFor', () => {
  test('comes as soon as the delivery has ended, after retries too', async () => {
    const receiver = await startTestReceiver((_one, index) => (index < 3 ? 503 : 200));
    const emulator = await start({ webhookUrl: receiver.url });
    await emulator.send('candidate.created');
    expect(await emulator.waitFor({ event: 'candidate.created' }, PATIENT)).toMatchObject({
      state: 'delivered',
      attempt_count: 4,
    });
  });

  test('with attempts or outcome it does not wait for the end', async () => {
    const receiver = await startTestReceiver(() => 500);
    const emulator = await start({ webhookUrl: receiver.url, speed: 'manual' });
    await emulator.send('candidate.created');
    expect(await emulator.waitFor({ attempts: 1 }, PATIENT)).toMatchObject({
      state: 'pending',
      last_status: 500,
    });
    await emulator.clock.next();
    expect(await emulator.waitFor({ outcome: 'failure', attempts: 2 }, PATIENT)).toMatchObject({
      state: 'pending',
    });
  });

  test('one that does not come shows the closest, and what differs', async () => {
    const receiver = await startTestReceiver(() => 500);
    const emulator = await start({ webhookUrl: receiver.url, speed: 'manual' });
    const { reference_id } = await emulator.send('candidate.created', {
      first_name: 'Noor',
      last_name: 'Bakker',
    });
    await emulator.send('vacancy.created');
    await emulator.waitFor({ event: 'vacancy.created', attempts: 1 }, PATIENT);
    await emulator.waitFor({ reference_id, attempts: 1 }, PATIENT);
    const error = await failure(
      emulator.waitFor(
        { event: 'candidate.created', data: { first_name: 'Noor', last_name: 'Visser' } },
        { timeout: 50 },
      ),
    );
    expect(error).toBeInstanceOf(WaitError);
    const { id } = emulator.deliveries({ reference_id })[0]!;
    expect(error.message).toBe(
      [
        'no delivery within 50 ms with event="candidate.created", data.first_name="Noor", data.last_name="Visser", outcome=delivered or exhausted; ' +
          `the closest is ${id}:`,
        '  ok   event="candidate.created"',
        '  ok   data.first_name="Noor"',
        '  not  data.last_name="Visser"  (it is "Bakker")',
        '  not  outcome=delivered or exhausted  (it is "pending, failure")',
        '  pending after 1 attempt; the last: the receiver answered 500',
        '  the next attempt comes when the clock moves: clock.next(), clock.advance(ms)',
      ].join('\n'),
    );
    expect((error as WaitError).closest).toMatchObject({ id, event: 'candidate.created' });
    // The line of the test that waited is in the trace.
    expect(error.stack).toContain('in-process.test.ts');
  });

  test('says so where there was none at all', async () => {
    const emulator = await start();
    const error = await failure(emulator.waitFor({ event: 'vacancy.deleted' }, { timeout: 20 }));
    expect(error.message).toContain('there was no delivery at all');
  });

  test('an event that came with status failed is reported at once, or found where asked for', async () => {
    const receiver = await startTestReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    await emulator.send('application.created', { candidate_id: 'nobody' });
    const error = await failure(emulator.waitFor({ event: 'application.created' }, { timeout: 60_000 }));
    expect(error.message).toMatch(
      /^application\.created came with status failed \(.+\); to wait for that, add status: "failed"$/,
    );
    const failed = await emulator.waitFor({ event: 'application.created', status: 'failed' }, PATIENT);
    expect(failed.error.code).toEqual(expect.any(String));
  });

  test('many wait at once, each for its own', async () => {
    const receiver = await startTestReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    const waits = Array.from({ length: 50 }, (_, n) =>
      emulator.waitFor({ event: 'candidate.created', data: { candidate_id: `c-${n}` } }, { timeout: 60_000 }),
    );
    for (let n = 49; n >= 0; n--) await emulator.send('candidate.created', { candidate_id: `c-${n}` });
    const found = await Promise.all(waits);
    expect(found.map(({ data }) => data.candidate_id)).toEqual(
      Array.from({ length: 50 }, (_, n) => `c-${n}`),
    );
  });

  test('a delivery that nothing was tried of yet ends a wait for it, whatever it came from', async () => {
    const receiver = await startTestReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    const control = createControlClient({ url: emulator.url, token: emulator.controlToken });
    await emulator.send('candidate.created');
    const { id, reference_id } = await emulator.waitFor({ event: 'candidate.created' }, PATIENT);
    const release = emulator.holdDeliveries();
    const pending = { outcome: 'pending', attempts: 0 } as const;
    const wait = (filter: object) => emulator.waitFor({ ...filter, ...pending }, { timeout: 3_600_000 });
    const waits = [
      wait({ event: 'meeting.transcript_ready' }),
      wait({ reference_id }),
      wait({ event_id: 'by-hand' }),
    ];
    await control.recordMeeting({});
    const body = { event: 'vacancy.created', event_id: 'by-hand', reference_id: 'r', client_id: 'acme-corp' };
    const answers = [
      control.replay(id),
      control.sendTestEvent('demo-ats', Buffer.from(JSON.stringify({ ...body, status: 'success' }))),
    ];
    expect((await Promise.all(waits)).map((one) => one.event)).toEqual([
      'meeting.transcript_ready',
      'candidate.created',
      'vacancy.created',
    ]);
    release();
    await Promise.all(answers);
  });

  test('who waits is told when the emulator closes', async () => {
    const emulator = await start();
    const waiting = failure(emulator.waitFor({ event: 'candidate.created' }, { timeout: 60_000 }));
    await emulator.close();
    expect((await waiting).message).toBe('the emulator was closed');
    expect(await failure(emulator.send('candidate.created'))).toMatchObject({ code: 'shutting_down' });
  });

  test('so is who moves the clock or resets', async () => {
    const answer = withResolvers<number>();
    const receiver = await startTestReceiver(() => answer.promise);
    const emulator = await start({ webhookUrl: receiver.url });
    await emulator.send('candidate.created');
    await receiver.waitFor(1);
    const waiting = [failure(emulator.clock.drain()), failure(emulator.clock.next())];
    const closed = emulator.close();
    const late = [failure(emulator.reset()), failure(emulator.clock.advance(1))];
    answer.resolve(200);
    for (const one of [...waiting, ...late]) expect(await one).toMatchObject({ code: 'shutting_down' });
    await closed;
    expect(await failure(emulator.clock.drain())).toMatchObject({ code: 'shutting_down' });
  });
});

test('deliveries lists what fits, oldest first', async () => {
  const receiver = await startTestReceiver();
  const emulator = await start({ webhookUrl: receiver.url });
  expect(emulator.deliveries()).toEqual([]);
  const sent = [];
  for (let n = 0; n < 450; n++)
    sent.push(await emulator.send('candidate.created', { candidate_id: `c-${n % 3}` }));
  for (const { reference_id } of sent) await emulator.waitFor({ reference_id }, PATIENT);
  expect(
    emulator
      .deliveries()
      .map((one) => one.reference_id)
      .sort(),
  ).toEqual(sent.map((one) => one.reference_id).sort());
  expect(emulator.deliveries({ data: { candidate_id: 'c-1' } })).toHaveLength(150);
  expect(emulator.deliveries({ event: 'vacancy.created' })).toEqual([]);
});

test('the webhook URL can be set late; faults apply; reset empties', async () => {
  const receiver = await startTestReceiver();
  const emulator = await start({ holdWithoutUrl: true });
  emulator.faults.add({ kind: 'status-503', first: 1 });
  const { reference_id } = await emulator.send('candidate.created');
  await emulator.waitFor({ reference_id, outcome: 'pending', attempts: 0 }, PATIENT);
  emulator.setWebhookUrl(receiver.url);
  expect(await emulator.waitFor({ reference_id }, PATIENT)).toMatchObject({
    attempt_count: 2,
    state: 'delivered',
  });
  await emulator.reset();
  expect(emulator.deliveries()).toEqual([]);
  expect(emulator.faults.list()).toEqual([]);
  expect(emulator.status()).toMatchObject({ events: 0, assumptions: { relied_on: 0 } });
});

test('what is held is not delivered and is not due for the clock, until it is let go', async () => {
  const receiver = await startTestReceiver();
  const emulator = await start({ webhookUrl: receiver.url });
  const release = emulator.holdDeliveries();
  const other = emulator.holdDeliveries();
  const { reference_id } = await emulator.send('candidate.created');
  await emulator.waitFor({ reference_id, outcome: 'pending' }, PATIENT);
  // Would wait for ever if what is held were due.
  expect((await emulator.clock.advance(60_000)).fired).toEqual([]);
  release();
  release();
  expect((await emulator.clock.drain()).fired).toEqual([]);
  expect(receiver.received).toEqual([]);
  other();
  await emulator.waitFor({ reference_id, outcome: 'delivered' }, PATIENT);
});

test('an ATS for each worker sees nothing of another', async () => {
  const receiver = await startTestReceiver();
  const emulator = await start();
  const one = emulator.addAts({ webhookUrl: receiver.url });
  const other = emulator.addAts({ webhookUrl: receiver.url, clientId: 'acme-corp' });
  await emulator.send('candidate.created', { candidate_id: 'c-1' }, { atsId: one.id });
  await emulator.waitFor({ ats_id: one.id }, PATIENT);
  expect(emulator.deliveries({ ats_id: other.id })).toEqual([]);
  const get = (key: string) => fetch(`${emulator.url}/v1/candidates/c-1`, { headers: restHeaders(key) });
  expect((await get(one.apiKey)).status).toBe(200);
  expect((await get(other.apiKey)).status).toBe(404);
  expect(emulator.env(one.id).CARVOS_INCOMING_SECRET).toBe(one.incomingSecret);
  expect(() => emulator.addAts({ id: one.id })).toThrow(RefusedError);
  expect(() => emulator.env('nobody')).toThrow('Unknown ATS nobody');
});

test('credentials of an ATS of one’s own are random where they are left out', async () => {
  const a = await start({ ats: [{ id: 'mine', workspaces: [] }] });
  const b = await start({ ats: [{ id: 'mine', outgoingSecret: 'given' }] });
  expect(a.env().CARVOS_INCOMING_SECRET).not.toBe(b.env().CARVOS_INCOMING_SECRET);
  expect(a.env().CARVOS_API_KEY.length).toBeGreaterThan(30);
  expect(b.env().CARVOS_OUTGOING_SECRET).toBe('given');
});

test('many run at once in one process', async () => {
  const receiver = await startTestReceiver();
  const emulators = await Promise.all(Array.from({ length: 12 }, () => start({ webhookUrl: receiver.url })));
  expect(new Set(emulators.map(({ port }) => port)).size).toBe(12);
  await Promise.all(
    emulators.map(async (emulator, n) => {
      await emulator.send('candidate.created', { first_name: `Nr ${n}` });
      const { data } = await emulator.waitFor({ event: 'candidate.created' }, PATIENT);
      expect(data.first_name).toBe(`Nr ${n}`);
    }),
  );
});

describe('await using', () => {
  test('closes it', async () => {
    let url = '';
    {
      await using emulator = await startEmulator();
      url = emulator.url;
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    }
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  test('also where the runtime has no such symbol', async () => {
    const real = globalThis.Symbol;
    // Node 20 defines it for good, so a stand-in for all of `Symbol` is needed. A compiler's helper then looks
    // for the registered name.
    const withoutIt = new Proxy((() => {}) as unknown as SymbolConstructor, {
      get: (_target, name) => (name === 'asyncDispose' ? undefined : Reflect.get(real, name)),
      apply: (_target, _this, [description]) => real(description as string),
    });
    globalThis.Symbol = withoutIt;
    let emulator: Emulator;
    try {
      emulator = await startEmulator();
    } finally {
      globalThis.Symbol = real;
    }
    const dispose = Reflect.get(emulator, Symbol.for('Symbol.asyncDispose')) as () => Promise<void>;
    await dispose.call(emulator);
    await expect(fetch(`${emulator.url}/healthz`)).rejects.toThrow();
  });
});

function restHeaders(key: string): Record<string, string> {
  return { 'X-API-Key': key, 'X-ATS-Client-ID': 'acme-corp', 'X-ATS-User-ID': 'admin-user' };
}

test('an option that there is not is named', async () => {
  await expect(startEmulator({ webhokUrl: 3 } as object)).rejects.toThrow(
    /there is no option webhokUrl; there are .*webhookUrl/,
  );
});

test.each(['', ' a', 'a\n', '\u20ac'])(
  'a control token that no client can send is refused: %j',
  async (controlToken) => {
    await expect(startEmulator({ controlToken })).rejects.toThrow('controlToken cannot stand in a header');
  },
);
