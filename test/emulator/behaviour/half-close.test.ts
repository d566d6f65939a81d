import { expect, test } from 'vitest';
import { CONTROL_PREFIX } from '../../../src/contract/control.ts';
import { candidateCreated, SECRETS, startTestEmulator } from '../../support/emulator.ts';
import { connectRaw, rawHead } from '../../support/raw-client.ts';
import { signLikeTheGuides } from '../../support/sign.ts';
import { END, filePart, fixtureFile } from '../../support/uploads.ts';

const TENANT = { 'X-API-Key': 'key-of-test-ats', 'X-ATS-Client-ID': 'acme-corp' };

/** Says it all, shuts its side down, and reads until the other side does. */
async function askAndShutDown(
  url: string,
  head: [string, string, Record<string, string>],
  body = Buffer.of(),
) {
  const client = connectRaw(url);
  const [method, path, headers] = head;
  client.socket.write(rawHead(method, path, { ...headers, 'Content-Length': body.length }));
  client.socket.end(body);
  await client.closed;
  return client.received();
}

test('an ATS that shuts its side down after the request gets its answer, however long that takes', async () => {
  const { emulator } = await startTestEmulator({ faults: [{ kind: 'slow', on: 'ingress', delayMs: 200 }] });
  const body = Buffer.from(JSON.stringify(candidateCreated()));
  const signature = { 'X-Webhook-Signature': signLikeTheGuides(body, SECRETS.incoming) };
  expect(await askAndShutDown(emulator.url, ['POST', '/v1/webhooks/test-ats', signature], body)).toMatch(
    /^HTTP\/1.1 202 .*"reference_id"/s,
  );
  const form = { ...TENANT, 'Content-Type': 'multipart/form-data; boundary=boundary-of-this-test' };
  const file = Buffer.concat([filePart('cv.docx', fixtureFile('cv-nl.docx')), END]);
  expect(await askAndShutDown(emulator.url, ['POST', '/uploads', form], file)).toMatch(
    /^HTTP\/1.1 200 .*"carv_file_id"/s,
  );
});

test('who waits for something and shuts its side down is answered with what holds by then', async () => {
  const { emulator } = await startTestEmulator();
  const { reference_id } = await emulator.send('candidate.created');
  const token = { Authorization: `Bearer ${emulator.controlToken}` };
  const ask = (path: string) => askAndShutDown(emulator.url, ['GET', `${CONTROL_PREFIX}${path}`, token]);
  expect(await ask('/deliveries/wait?event_id=never')).toMatch(/^HTTP\/1.1 200 .*"met":false/s);
  expect(await ask(`/references/${reference_id}/wait?until=success`)).toMatch(/^HTTP\/1.1 200 .*"met":/s);
  // A feed has no end, so that its client cannot mean to read it to the end.
  expect(await ask('/feed')).toMatch(/^HTTP\/1.1 200 .*connected/s);
});
