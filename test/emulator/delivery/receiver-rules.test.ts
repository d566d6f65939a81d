import { expect, test } from 'vitest';
import { certificateFolder, startTlsReceiver } from '../../support/certificates.ts';
import { candidateCreated, startTestEmulator, testAts } from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';

const VALUE = 'Basic c2VjcmV0OnNlY3JldA==';

/** Sends an event and gives its first attempt. */
async function firstAttempt(...started: Parameters<typeof startTestEmulator>) {
  const { emulator, control, postAndWait } = await startTestEmulator(...started);
  const { trace } = await postAndWait('first-attempt');
  const id = trace.deliveries[0]!.id;
  return { emulator, control, id, record: await control.logRecord(`${id}/1`) };
}

test('headers for the receiver go to its webhook URL alone, and their values into no log', async () => {
  const receiver = await startTestReceiver();
  const other = await startTestReceiver();
  const ats = {
    ...testAts('test-ats', receiver.url),
    receiverHeaders: { Authorization: VALUE, 'X-Env': 'dev' },
  };
  const { emulator, control, id, record } = await firstAttempt({ ats: [ats] });
  expect(receiver.received[0]!.headers).toMatchObject({ authorization: VALUE, 'x-env': 'dev' });
  expect(record.request.headers).toMatchObject({ Authorization: '[masked]', 'X-Env': '[masked]' });
  const replay = await control.replay(id, { to: other.url });
  expect(other.received[0]!.headers.authorization).toBeUndefined();
  const all = JSON.stringify([record, replay, await control.log({}), emulator.status()]);
  expect(all).not.toContain(VALUE);
  const again = await control.replay(id, {});
  expect(again.state).toBe('delivered');
  expect(receiver.received.at(-1)!.headers.authorization).toBe(VALUE);
});

test('an ATS that a scenario added has the receiver of the configured one, and the headers for it', async () => {
  const receiver = await startTestReceiver();
  const other = await startTestReceiver();
  const ats = { ...testAts('test-ats', receiver.url), receiverHeaders: { Authorization: VALUE } };
  const { control, postAndWait } = await startTestEmulator({ ats: [ats] });
  for (const webhook_url of [undefined, other.url]) {
    const added = await control.addAts({ secrets_of: 'test-ats', webhook_url });
    await postAndWait('first-attempt', candidateCreated(), { ats: added.id });
  }
  expect(receiver.received.map(({ headers }) => headers.authorization)).toEqual([VALUE]);
  expect(other.received.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test('headers that change count from the next attempt on', async () => {
  const receiver = await startTestReceiver();
  const { emulator, control, id } = await firstAttempt({}, receiver.url);
  const ats = { ...testAts('test-ats', receiver.url), receiverHeaders: { 'X-Env': 'later' } };
  const reload = (...all: ReturnType<typeof testAts>[]) =>
    emulator.reload({
      ats: all,
      unprovisioned: 'reject',
      receiverTimeoutMs: 5000,
      speed: 'manual',
      provisioningLatencyMs: 0,
      fallbackWebhookUrl: null,
    });
  expect(reload(ats)).toContain('headers for receivers changed');
  // Another ATS that has none comes, changes its place and goes.
  const other = testAts('other-ats', receiver.url);
  for (const all of [[ats, other], [other, ats], [ats]])
    expect(reload(...all)).not.toContain('headers for receivers changed');
  await control.replay(id, {});
  expect(receiver.received.at(-1)!.headers['x-env']).toBe('later');
});

test('as in production nothing goes to an http URL, but to the built-in receiver', async () => {
  const receiver = await startTestReceiver();
  const { control, id, record } = await firstAttempt({ strictHttps: true }, receiver.url);
  expect(record).toMatchObject({
    outcome: 'error',
    response_status: null,
    error: { code: 'https_required', message: expect.stringContaining('https:// only') },
    request: { url: receiver.url, signature: null },
  });
  const replay = await control.replay(id, { to: receiver.url });
  expect(replay.last_error?.code).toBe('https_required');
  expect(receiver.received).toEqual([]);

  const builtIn = await firstAttempt({ strictHttps: true, fallbackWebhookUrl: receiver.url });
  expect(builtIn.record.outcome).toBe('success');
});

test.skipIf(!havePrograms('replays with rules of their own', 'openssl'))(
  'a replay brings certificates that are trusted for it alone',
  async () => {
    const { make } = certificateFolder();
    const self = make('self');
    const { url, requests } = await startTlsReceiver(self);
    const { control, id, record } = await firstAttempt({}, url);
    expect(record).toMatchObject({ outcome: 'error', tls_problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect((await control.replay(id, { receiver_ca: [self.cert] })).state).toBe('delivered');
    expect((await control.replay(id, { insecure_receiver: true })).state).toBe('delivered');
    expect((await control.replayMany({ ids: [id], receiver_ca: [self.cert] })).count).toBe(1);
    await expect.poll(() => requests.length).toBe(3);
    expect((await control.replay(id, {})).state).toBe('exhausted');
    await expect(control.replay(id, { receiver_ca: ['no certificate'] })).rejects.toMatchObject({
      status: 422,
    });
  },
);

test.skipIf(!havePrograms('a gateway that speaks HTTPS', 'openssl'))(
  'a gateway in this process speaks HTTPS, under a name of its certificate',
  async () => {
    const { make } = certificateFolder();
    for (const [names, host] of [
      ['IP:127.0.0.1', '127.0.0.1'],
      ['DNS:localhost', 'localhost'],
      ['DNS:gateway.test', 'gateway.test'],
    ] as const) {
      const { emulator } = await startTestEmulator({ tls: make(host, { names }) });
      expect(emulator.url).toBe(`https://${host}:${emulator.port}`);
    }
  },
);
