import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { startDevAlone } from '../../support/dev-process.ts';
import { candidateCreated, postWebhook, startTestEmulator, testAts } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { beginUpload, END, filePart, fixtureFile, pdfOfSize, postParts } from '../../support/uploads.ts';
import { DAY, MIB, NOTHING, problemsOf, start } from './upload-gateway.ts';

const countChunks = (database: string) => {
  const db = new Database(database, { readonly: true });
  const count = db.prepare('SELECT count(*) FROM upload_chunk').pluck().get();
  db.close();
  return count;
};

test('a gateway killed during an upload leaves nothing behind after the next start', async () => {
  const cwd = tempFolder();
  const dev = await startDevAlone(cwd, ['--db', 'carvos.db']);
  const rows = () => countChunks(`${cwd}/carvos.db`);
  beginUpload(dev.url, filePart('cv.pdf', pdfOfSize(3 * MIB)), ['demo-api-key', 'acme-corp']);
  await expect.poll(rows).toBeGreaterThanOrEqual(30);
  await dev.program.end('SIGKILL');
  expect(rows()).toBeGreaterThanOrEqual(30);
  await startDevAlone(cwd, ['--db', 'carvos.db']);
  expect(rows()).toBe(0);
});

test('a gateway that stops during an upload does not wait for it, and complains of nothing', async () => {
  const database = `${tempFolder()}/carvos.db`;
  const { emulator } = await startTestEmulator({ database });
  const notices: unknown[] = [];
  emulator.subscribe((entry) => entry.type === 'notice' && notices.push(entry));
  const socket = beginUpload(emulator.url, filePart('cv.pdf', pdfOfSize(3 * MIB)));
  onTestFinished(() => void socket.destroy());
  const rows = () => countChunks(database);
  await expect.poll(rows).toBeGreaterThanOrEqual(30);
  await emulator.close();
  expect(notices).toEqual([]);
  await startTestEmulator({ database });
  expect(rows()).toBe(0);
});

test('a snapshot holds files, a reset takes them away', async () => {
  const { emulator, upload, send, rows } = await start();
  const id = await upload(fixtureFile('cv-nl.pdf'));
  const control = (method: string, path: string, body?: Uint8Array) =>
    fetch(`${emulator.url}/_carvos/v1/${path}`, {
      method,
      body,
      headers: { Authorization: `Bearer ${emulator.controlToken}` },
    });
  const snapshot = Buffer.from(await (await control('GET', 'snapshot')).arrayBuffer());
  expect((await control('POST', 'reset')).ok).toBe(true);
  expect(rows()).toEqual(NOTHING);
  expect((await control('PUT', 'snapshot', snapshot)).ok).toBe(true);
  expect((await send(candidateCreated({ cv: { carv_file_id: id } }))).status).toBe(202);
});

// Peak memory of another process is only to be had from /proc.
test.skipIf(process.platform !== 'linux')(
  '8 uploads of 10 MiB at once cost far less memory than they have bytes',
  async () => {
    const dev = await startDevAlone(tempFolder(), ['--db', 'carvos.db']);
    const peak = () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${dev.program.pid}/status`, 'utf8'))![1]) / 1024;
    const headers = { 'X-API-Key': 'demo-api-key' };
    const upload = (bytes: number) =>
      postParts(dev.url, [filePart('cv.pdf', pdfOfSize(bytes)), END], headers);
    // Libraries, SQLite's cache and the buffers of node's sockets are in use after a few.
    for (let i = 0; i < 4; i++) await upload(10 * MIB);
    const before = peak();
    const results = await Promise.all(Array.from({ length: 8 }, () => upload(10 * MIB)));
    expect(results.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(peak() - before).toBeLessThan(40);
  },
);

test('a file is bound by exactly one write', async () => {
  const { upload, send, settle, emulator } = await start();
  const cv = { carv_file_id: await upload(fixtureFile('cv-nl.pdf')) };
  const first = candidateCreated({ cv });
  const accepted = await send(first);
  expect(accepted.status).toBe(202);
  expect((await settle(accepted.json.reference_id)).data.cv).toEqual(cv);
  // The same event again is not a second use.
  expect(await send(first)).toEqual(accepted);
  for (const event of [
    candidateCreated({ cv }),
    { ...first, event: 'candidate.updated', event_id: 'evt-update' },
    { ...candidateCreated({ cv }), event: 'application.created', application_id: 'a', vacancy_id: 'v' },
  ]) {
    const again = await send(event);
    expect(again.status).toBe(422);
    expect(problemsOf(again.json)).toEqual([
      {
        type: 'value_error',
        loc: 'body.cv.carv_file_id',
        msg: expect.stringMatching(new RegExp(`${cv.carv_file_id} was already used`)),
      },
    ]);
  }
  const byRest = await fetch(`${emulator.url}/v1/candidates/${first.candidate_id}`, {
    method: 'PATCH',
    headers: {
      'X-API-Key': 'key-of-test-ats',
      'X-ATS-Client-ID': 'acme-corp',
      'X-ATS-User-ID': 'admin-user',
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ cv }),
  });
  expect(byRest.status).toBe(422);
  expect(problemsOf((await byRest.json()) as never)).toMatchObject([{ loc: 'body.cv.carv_file_id' }]);
});

test('of many writes that want one file at once, one gets it', async () => {
  const { upload, send } = await start();
  const cv = { carv_file_id: await upload(fixtureFile('cv-nl.pdf')) };
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(candidateCreated({ cv }))));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([202, ...Array(19).fill(422)]);
});

test('a refused write binds nothing', async () => {
  const { upload, send } = await start();
  const cv = { carv_file_id: await upload(fixtureFile('cv-nl.pdf')) };
  expect((await send(candidateCreated({ event_id: 'evt-taken' }))).status).toBe(202);
  expect((await send(candidateCreated({ cv, event_id: 'evt-taken' }))).status).toBe(409);
  expect((await send(candidateCreated({ cv, email: 'no' }))).status).toBe(422);
  expect((await send(candidateCreated({ cv }), { secret: 'wrong' })).status).toBe(401);
  expect((await send(candidateCreated({ cv, client_id: 'nobody' }))).status).toBe(404);
  expect((await send(candidateCreated({ cv }))).status).toBe(202);
});

test("unknown ids and those of others get the same 422; another's file stays free", async () => {
  const ats = [
    { ...testAts('test-ats', null), workspaces: [] as never[] },
    testAts('other-ats', null, { incoming: 'other-in', outgoing: 'other-out' }),
  ];
  const both = ['acme-corp', 'beta-corp'].map((clientId) => ({ clientId, name: clientId, members: [] }));
  const { upload, send } = await start({ ats: [{ ...ats[0]!, workspaces: both }, ats[1]!] });
  const id = await upload(fixtureFile('cv-nl.pdf'));
  const unknown = '00000000-0000-4000-8000-000000000000';
  const refused = [
    await send(candidateCreated({ cv: { carv_file_id: id }, client_id: 'beta-corp' })),
    await send(candidateCreated({ cv: { carv_file_id: id } }), { ats: 'other-ats', secret: 'other-in' }),
    await send(candidateCreated({ cv: { carv_file_id: unknown } })),
  ];
  for (const { status } of refused) expect(status).toBe(422);
  const texts = refused.map(({ json }) =>
    JSON.stringify(json).replaceAll(id, 'ID').replaceAll(unknown, 'ID'),
  );
  expect(new Set(texts).size).toBe(1);
  expect((await send(candidateCreated({ cv: { carv_file_id: id } }))).status).toBe(202);
});

test('an unused file is gone 72 hours after its upload, a used one stays', async () => {
  const { upload, send, control, rows, settle } = await start();
  const used = await upload(fixtureFile('cv-nl.docx'));
  const late = await upload(fixtureFile('cv-nl.docx'));
  const unused = await upload(fixtureFile('cv-nl.docx'));
  const accepted = await send(candidateCreated({ cv: { carv_file_id: used } }));
  await settle(accepted.json.reference_id);
  await control.clockMove({ advance: 3 * DAY - 60_000 });
  expect((await send(candidateCreated({ cv: { carv_file_id: late } }))).status).toBe(202);
  expect(rows().files).toBe(3);
  await control.clockMove({ advance: 60_000 });
  expect(rows().files).toBe(2);
  const refused = await send(candidateCreated({ cv: { carv_file_id: unused } }));
  expect(refused.status).toBe(422);
  expect(problemsOf(refused.json)[0]!.msg).toMatch(/files expire 72 hours after/);
  const young = await upload(fixtureFile('cv-nl.docx'));
  expect((await send(candidateCreated({ cv: { carv_file_id: young } }))).status).toBe(202);
});

test('files and what binds them survive a restart', async () => {
  const database = `${tempFolder()}/carvos.db`;
  const { emulator: first } = await startTestEmulator({ database });
  const ids: string[] = [];
  for (let i = 0; i < 2; i++) {
    const { json } = await postParts(first.url, [filePart('cv.pdf', fixtureFile('cv-nl.pdf')), END]);
    ids.push(json.carv_file_id);
  }
  await postWebhook(first.url, candidateCreated({ cv: { carv_file_id: ids[0] } }));
  await first.close();
  const { emulator: second } = await startTestEmulator({ database });
  const statusOf = async (id: string) =>
    (await postWebhook(second.url, candidateCreated({ cv: { carv_file_id: id } }))).status;
  expect([await statusOf(ids[0]!), await statusOf(ids[1]!)]).toEqual([422, 202]);
});

// ---- the CV's text
