import { expect, test } from 'vitest';
import { startEmulator } from '../../../src/emulator/index.ts';
import { candidateCreated, postWebhook, startTestEmulator, testOptions } from '../../support/emulator.ts';
import { connectRaw, rawHead } from '../../support/raw-client.ts';
import { END, filePart, fixtureFile, postParts } from '../../support/uploads.ts';

const KEYS = {
  'X-API-Key': 'key-of-test-ats',
  'X-ATS-Client-ID': 'acme-corp',
  'X-ATS-User-ID': 'admin-user',
};
const FORM = { 'Content-Type': 'multipart/form-data; boundary=boundary-of-this-test' };

/** A request that never becomes whole. */
const STALLED = {
  'a webhook': `${rawHead('POST', '/v1/webhooks/test-ats', { 'Content-Length': 1024 })}{`,
  'a REST write': `${rawHead('POST', '/v1/candidates', { ...KEYS, 'Content-Length': 1024 })}{`,
  'an upload': `${rawHead('POST', '/uploads', { ...KEYS, ...FORM, 'Content-Length': 90_000 })}${filePart('cv.pdf', fixtureFile('cv-nl.pdf')).toString('latin1').slice(0, 900)}`,
};

/** Sends it, and waits until the gateway has it. */
async function stall(url: string, text: string) {
  const client = connectRaw(url);
  client.socket.write(text, 'latin1');
  // A whole request behind it, on another connection, is answered later than this one was begun.
  for (let i = 0; i < 3; i++) await fetch(`${url}/healthz`);
  return client;
}

/** Answers of some 30 MB, a page each, of which nothing is read after the first bytes. */
async function readSlowly(url: string) {
  for (let n = 0; n < 5; n++) {
    const response = await fetch(`${url}/v1/candidates`, {
      method: 'POST',
      headers: KEYS,
      body: JSON.stringify({ ...candidateCreated(), candidate_id: `big-${n}`, note: 'x'.repeat(950_000) }),
    });
    expect(response.status).toBe(202);
  }
  const list = `${url}/v1/candidates?limit=100`;
  await expect
    .poll(async () => (await (await fetch(list, { headers: KEYS })).text()).length)
    .toBeGreaterThan(3.5e6);
  const client = connectRaw(url);
  client.socket.write(rawHead('GET', '/v1/candidates?limit=100', KEYS).repeat(8));
  await new Promise<void>((resolve) => client.socket.once('data', () => resolve()));
  client.socket.pause();
  return client;
}

test('what stalls holds up no reset, and is cut off', async () => {
  // Side by side: each reset gives its client the same seconds.
  const left = Object.entries(STALLED).map(async ([what, text]) => {
    const { emulator, control } = await startTestEmulator();
    const client = await stall(emulator.url, text);
    await control.reset();
    await client.closed;
    return [what, (await postWebhook(emulator.url, candidateCreated())).status];
  });
  expect(await Promise.all(left)).toEqual(Object.keys(STALLED).map((what) => [what, 202]));
});

test('what stalls holds up no clock', async () => {
  for (const [what, text] of Object.entries(STALLED)) {
    const { emulator } = await startTestEmulator();
    const client = await stall(emulator.url, text);
    expect(await emulator.clock.advance(1000), what).toEqual({ fired: [], unlisted: 0 });
    // Nobody waits for it, so it may still become whole.
    expect(client.socket.closed, what).toBe(false);
  }
});

test('answers that a client asked for in a row and does not read hold up neither clock nor reset', async () => {
  const { emulator } = await startTestEmulator();
  const client = await readSlowly(emulator.url);
  await emulator.clock.advance(1000);
  await emulator.reset();
  client.socket.resume();
  await client.closed;
  expect(client.received().length).toBeLessThan(2e7);
});

test('a gateway that is being reset beside a client that stalls can be stopped', async () => {
  const emulator = await startEmulator(testOptions());
  const client = await stall(emulator.url, STALLED['a webhook']);
  const reset = emulator.reset();
  await Promise.all([reset, emulator.close(), client.closed]);
});

test('an upload that is cut off takes nothing of the new content with it', async () => {
  const { emulator } = await startTestEmulator();
  await stall(emulator.url, STALLED['an upload']);
  await emulator.reset();
  const { json } = await postParts(emulator.url, [filePart('cv.pdf', fixtureFile('cv-nl.pdf')), END]);
  const { status } = await postWebhook(
    emulator.url,
    candidateCreated({ cv: { carv_file_id: json.carv_file_id } }),
  );
  expect(status).toBe(202);
});

test('an idle connection is kept as long as usual gateways do, and the client is told so', async () => {
  const { emulator } = await startTestEmulator();
  const response = await fetch(`${emulator.url}/healthz`);
  expect(response.headers.get('keep-alive')).toBe('timeout=75');
});
