import { expect, test } from 'vitest';
import type { FeedEntry } from '../../../src/contract/control.ts';
import { computedIn } from '../../../src/signing/computed-in.ts';
import {
  candidateCreated,
  postWebhook,
  SECRETS,
  startTestEmulator,
  testAts,
  testOptions,
} from '../../support/emulator.ts';
import { serve } from '../../support/receiver.ts';
import { hmacHex as hmac } from '../../support/sign.ts';

type Entry<T extends FeedEntry['type']> = Extract<FeedEntry, { type: T }>;

/** The next entry of a type that the gateway tells. */
function nextEntry<T extends FeedEntry['type']>(
  emulator: { subscribe(listener: (entry: FeedEntry) => void): () => void },
  type: T,
): Promise<Entry<T>> {
  return new Promise((resolve) => {
    const stop = emulator.subscribe((entry) => {
      if (entry.type !== type) return;
      stop();
      resolve(entry as Entry<T>);
    });
  });
}

test('a refused webhook is explained in the feed, in the log, and to whoever asks', async () => {
  const { emulator, control } = await startTestEmulator();
  const entry = nextEntry(emulator, 'request.refused');
  const t = Math.floor(Date.now() / 1000);
  const event = candidateCreated();
  // Signed compact, sent as Python's json= writes it.
  const signature = `t=${t},v1=${hmac(SECRETS.incoming, `${t}.${JSON.stringify(event)}`)}`;
  const sent = Buffer.from(JSON.stringify(event).replaceAll('":', '": ').replaceAll(',"', ', "'));
  const answer = await postWebhook(emulator.url, sent, { signature });
  expect(answer).toEqual({ status: 401, json: { detail: 'Invalid signature' } });

  const { diagnosis, record } = await entry;
  expect(diagnosis?.findings.map(({ code }) => code)).toEqual(['body_reserialized']);
  // The advice is for the side that sends.
  expect(diagnosis?.findings[0]?.fix).toContain('send the same bytes');
  const logged = await control.logRecord(record.id);
  expect(logged.diagnosis).toEqual(diagnosis);
  const asked = await control.diagnosis(record.id);
  expect(asked.diagnosis.findings.map(({ code }) => code)).toEqual(['body_reserialized']);
  expect(JSON.stringify([logged, asked])).not.toContain(SECRETS.incoming);
});

test('a secret that was rotated away is known only to the gateway', async () => {
  const { emulator } = await startTestEmulator();
  emulator.reload(
    testOptions({ ats: [testAts('test-ats', null, { ...SECRETS, incoming: 'a-newer-secret' })] }),
  );
  const entry = nextEntry(emulator, 'request.refused');
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(401);
  expect((await entry).diagnosis?.findings.map(({ code }) => code)).toEqual(['previous_secret']);
});

test('a receiver that says which value it computed is told what it did wrong', async () => {
  const serving = await serve(({ headers, body }, response) => {
    const t = /t=([0-9]+)/.exec(String(headers['x-webhook-signature']))![1];
    // It trims nothing of the secret, and its .env has quotes.
    const mine = hmac(`"${SECRETS.outgoing}"`, Buffer.concat([Buffer.from(`${t}.`), body]));
    response.writeHead(401).end(JSON.stringify({ error: 'signature', computed: mine }));
  });
  const url = `${serving.url}/`;
  const { emulator, control } = await startTestEmulator({}, url);
  const entry = nextEntry(emulator, 'attempt.finished');
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
  const { diagnosis, record } = await entry;
  expect(diagnosis?.findings.map(({ code, message }) => [code, message.startsWith('Your receiver')])).toEqual(
    [['secret_quoted', true]],
  );
  expect((await control.logRecord(record.id)).diagnosis?.findings).toHaveLength(1);
  // Asked of what was sent: at another time, and by another rule.
  const ask = async (query: Parameters<typeof control.diagnosis>[1]) =>
    (await control.diagnosis(record.id, query)).diagnosis.findings.map(({ code }) => code);
  const at = Math.floor(Date.parse(record.occurred_at) / 1000) + 400;
  expect([await ask({}), await ask({ at }), await ask({ at, tolerance: 'off' })]).toEqual([
    [],
    ['stale'],
    [],
  ]);
});

test('a receiver that still has the secret of before a rotation is told so, also while that one may verify', async () => {
  const serving = await serve(({ headers, body }, response) => {
    const [, t, v1] = /t=(\d+),v1=(\w+)/.exec(String(headers['x-webhook-signature']))!;
    const mine = hmac(SECRETS.outgoing, Buffer.concat([Buffer.from(`${t}.`), body]));
    response.writeHead(mine === v1 ? 200 : 401).end(mine);
  });
  const { emulator, control } = await startTestEmulator({}, `${serving.url}/`);
  const send = async () => {
    const entry = nextEntry(emulator, 'attempt.finished');
    expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
    return entry;
  };
  const ask = async (id: string, computed: string) =>
    (await control.diagnosis(id, { computed })).diagnosis.findings.map(({ code }) => code);
  const before = await send();
  const old = /v1=(\w+)/.exec((await control.logRecord(before.record.id)).request.signature!)![1]!;
  await control.rotate('test-ats', { credential: 'outgoing-secret', overlap_ms: 3_600_000 });
  const { diagnosis } = await send();
  expect(diagnosis?.findings.map(({ code }) => code)).toEqual(['previous_secret']);
  // What was signed before is still right with the secret of then.
  expect(await ask(before.record.id, old)).toEqual([]);
});

test('a flood of bad signatures neither stalls the gateway nor piles up', { timeout: 60_000 }, async () => {
  const { emulator } = await startTestEmulator();
  const refused: Entry<'request.refused'>[] = [];
  const all = new Promise<void>((resolve) => {
    emulator.subscribe((entry) => {
      if (entry.type === 'request.refused' && refused.push(entry) === 60) resolve();
    });
  });
  const posts = Array.from({ length: 60 }, () =>
    postWebhook(emulator.url, candidateCreated(), { signature: `t=1,v1=${'ab'.repeat(32)}` }),
  );
  expect((await Promise.all(posts)).every(({ status }) => status === 401)).toBe(true);
  await all;
  // A search is dear: of many at once most are left out, and so hold nobody up.
  expect(refused.filter(({ diagnosis }) => diagnosis === null).length).toBeGreaterThan(0);
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
});

test('the value in an answer is not the signature that was sent, nor part of something longer', () => {
  const sent = 'ab'.repeat(32);
  const other = 'cd'.repeat(32);
  const look = (text: string) => computedIn(Buffer.from(text), `t=1,v1=${sent}`);
  expect(look(`got ${sent}, expected ${other}`)).toBe(other);
  expect(look(`got ${sent}`)).toBeNull();
  expect(look(`${other}00`)).toBeNull();
  // The right digest in upper case is computed: what is sent is in lower case.
  expect(look(`got ${sent.toUpperCase()}`)).toBe(sent.toUpperCase());
  expect(look('Invalid signature')).toBeNull();
});
