import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { ControlClient } from '../../../src/client/control-client.ts';
import { CONTROL_PREFIX } from '../../../src/contract/control.ts';
import {
  candidateCreated,
  postWebhook,
  startDelivering,
  startTestEmulator,
  testAts,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { inDatabase } from '../../support/in-database.ts';
import { connectRaw, rawHead } from '../../support/raw-client.ts';
import { serve } from '../../support/receiver.ts';

const download = async (control: ControlClient) => await buffer(await control.snapshot({ secrets: true }));
const upload = (control: ControlClient, bytes: Uint8Array) => control.restore(Readable.from([bytes]));

test('a snapshot that breaks off on its way or is refused replaces nothing; no file of any is left', async () => {
  const folder = tempFolder();
  const { emulator, control } = await startTestEmulator({ database: `${folder}/carvos.db` });
  await postWebhook(emulator.url, candidateCreated());
  const snapshot = await download(control);
  const left = () => readdirSync(folder).filter((name) => name.endsWith('carvos-tmp'));
  await expect.poll(left).toEqual([]);
  const { socket } = connectRaw(emulator.url);
  const headers = { Authorization: `Bearer ${emulator.controlToken}`, 'Content-Length': snapshot.length };
  socket.write(rawHead('PUT', `${CONTROL_PREFIX}/snapshot`, headers));
  socket.write(snapshot.subarray(0, snapshot.length / 2));
  await expect.poll(left).toHaveLength(1);
  socket.destroy();
  await expect.poll(left).toEqual([]);
  await expect(upload(control, snapshot.subarray(0, 8192))).rejects.toMatchObject({ status: 422 });
  // Of its last page alone, which SQLite fills with zeros.
  await expect(upload(control, snapshot.subarray(0, -1))).rejects.toMatchObject({
    status: 422,
    detail: expect.stringContaining('cut off'),
  });
  expect((await control.status()).events).toBe(1);
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
  expect((await upload(control, snapshot)).events).toBe(1);
  expect(left()).toEqual([]);
  // One that cannot be taken, as its secrets cannot be left out, is not kept with them.
  inDatabase(`${folder}/carvos.db`, (db) =>
    db.exec("CREATE TRIGGER keep BEFORE DELETE ON secret BEGIN SELECT RAISE(ABORT, 'kept'); END"),
  );
  await expect(control.snapshot({ secrets: false })).rejects.toThrow();
  expect(left()).toEqual([]);
});

test('what traffic relied on is in a snapshot to the last request', async () => {
  const { emulator, control } = await startDelivering();
  await postWebhook(emulator.url, candidateCreated({ shoe_size: 42 }));
  await expect.poll(async () => (await control.status()).deliveries.delivered).toBe(1);
  const before = emulator.assumptions();
  expect(before.length).toBeGreaterThan(0);
  const snapshot = await download(control);
  await control.reset();
  await upload(control, snapshot);
  expect(emulator.assumptions()).toEqual(before);
});

test('a snapshot whose ATS has the API key of a configured one is taken, and said not to fit', async () => {
  const withKey = (id: string) => ({ ats: [{ ...testAts(id, null), apiKey: 'same-key' }] });
  const one = await startTestEmulator(withKey('one'));
  const other = await startTestEmulator(withKey('other'));
  const notices: string[] = [];
  other.emulator.subscribe((entry) => entry.type === 'notice' && notices.push(entry.text));
  await upload(other.control, await download(one.control));
  expect(other.emulator.listAts().map(({ id }) => id)).toEqual(['one']);
  expect(notices.join('\n')).toMatch(/ATS other has the API key of ATS one/);
});

test('a job that is at the AI is not run again, and is given up by a reset: nothing of it is in the new content', async () => {
  let given = 0;
  const service = await serve((_heard, response) => void response.on('close', () => given++));
  const { emulator, control } = await startDelivering({ ai: { url: service.url, secret: 'ai-secret' } });
  await postWebhook(emulator.url, candidateCreated());
  await expect.poll(() => service.heard.length).toBe(1);
  const detail = 'Only a job that failed can be run again; job_1 is running';
  await expect(control.rerunJob('job_1')).rejects.toMatchObject({ status: 409, detail });
  expect(await control.reset()).toMatchObject({ jobs: { queued: 0, running: 0 } });
  await expect.poll(() => given).toBe(1);
  expect((await control.log()).items).toEqual([]);
});
