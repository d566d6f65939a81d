import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { type EmulatorOptions, startEmulator } from '../../../src/emulator/index.ts';
import { startDev } from '../../support/dev-process.ts';
import {
  candidateCreated,
  postWebhook,
  startTestEmulator,
  testAts,
  testOptions,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { spawnProgram } from '../../support/program.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import {
  beginUpload,
  curlUpload,
  DOC,
  DOCX,
  deflatedRun,
  END,
  filePart,
  fixtureFile,
  fixturePath,
  makeDocx,
  PDF,
  paragraph,
  part,
  pdfOfSize,
  pdfWith,
  postParts,
} from '../../support/uploads.ts';

const MIB = 1024 * 1024;
const DAY = 24 * 3_600_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

async function start(overrides: Partial<EmulatorOptions> = {}) {
  const receiver = await startTestReceiver();
  const database = `${tempFolder()}/carvos.db`;
  const { emulator, control } = await startTestEmulator({ database, ...overrides }, receiver.url);
  const upload = async (content: Uint8Array, name = 'cv.pdf', headers: Record<string, string> = {}) => {
    const { status, json } = await postParts(emulator.url, [filePart(name, content), END], headers);
    expect(status, JSON.stringify(json)).toBe(200);
    return json.carv_file_id as string;
  };
  const settle = async (reference: string) => {
    const { trace } = await control.wait(reference, { until: 'settled', timeoutMs: 60_000 });
    return JSON.parse(trace.deliveries[0]!.body.text);
  };
  const send = (event: Record<string, unknown>, options = {}) => postWebhook(emulator.url, event, options);
  /** What the tables hold, seen from outside. */
  const rows = () => {
    const db = new Database(database, { readonly: true });
    try {
      const count = (table: string) =>
        (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
      return { files: count('upload'), chunks: count('upload_chunk') };
    } finally {
      db.close();
    }
  };
  return { emulator, control, database, receiver, upload, settle, send, rows };
}

function problemsOf(json: { detail: { type: string; loc: string[]; msg: string }[] }) {
  return json.detail.map(({ type, loc, msg }) => ({ type, loc: loc.join('.'), msg }));
}

const NOTHING = { files: 0, chunks: 0 };

test.each([
  ['cv-nl.pdf', PDF],
  ['cv-nl.docx', DOCX],
  ['cv-nl.doc', DOC],
  ['encrypted.pdf', PDF],
])('curl uploads %s as the documentation does', async (name, type) => {
  const { emulator } = await start();
  const before = Date.now();
  const { status, json } = await curlUpload(emulator.url, '-F', `file=@${fixturePath(name)}`);
  expect({ status, json }).toEqual({
    status: 200,
    json: {
      carv_file_id: expect.stringMatching(UUID),
      file_name: name,
      content_type: type,
      file_size: fixtureFile(name).length,
      uploaded_at: expect.any(String),
      expires_at: expect.any(String),
    },
  });
  const { uploaded_at, expires_at } = json as Record<string, string>;
  expect(Date.parse(uploaded_at!)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(expires_at!) - Date.parse(uploaded_at!)).toBe(3 * DAY);
});

test('what is stored is what was sent, and the type is that of the bytes, not of the part or the name', async () => {
  const { emulator, database } = await start();
  const content = fixtureFile('cv-nl.pdf');
  const exe = await postParts(emulator.url, [filePart('cv.exe', content, 'application/x-msdownload'), END]);
  expect(exe).toMatchObject({ status: 200, json: { file_name: 'cv.exe', content_type: PDF } });
  const big = Buffer.concat([
    content,
    Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251)),
  ]);
  await postParts(emulator.url, [filePart('big.pdf', big), END]);
  const db = new Database(database, { readonly: true });
  onTestFinished(() => void db.close());
  const stored = (seq: number) =>
    Buffer.concat(
      (
        db.prepare('SELECT data FROM upload_chunk WHERE upload_seq = ? ORDER BY number').all(seq) as {
          data: Buffer;
        }[]
      ).map(({ data }) => data),
    );
  expect(stored(1).equals(content)).toBe(true);
  expect(stored(2).equals(big)).toBe(true);
});

test.each([
  ['a ZIP called cv.pdf', 'cv.pdf', () => fixtureFile('zip-named.pdf')],
  ['HTML called cv.docx', 'cv.docx', () => fixtureFile('cv-nl.html')],
  ['a compound file without a Word document', 'cv.doc', () => withoutWordStream(fixtureFile('cv-nl.doc'))],
  ['a compound file whose directory runs in a circle', 'cv.doc', () => circular(fixtureFile('cv-nl.doc'))],
  ['a compound file cut off', 'cv.doc', () => fixtureFile('cv-nl.doc').subarray(0, 600)],
  ['a DOCX cut off in front of what says that it is one', 'cv.docx', () => fixtureFile('truncated.docx')],
  ['two bytes', 'cv.pdf', () => Buffer.from('%P')],
])('%s gets 415 and leaves nothing', async (_what, name, content) => {
  const { emulator, rows } = await start();
  expect(await postParts(emulator.url, [filePart(name, content(), PDF), END])).toEqual({
    status: 415,
    json: { detail: expect.stringMatching(/^File must be a PDF, DOC or DOCX document, and this is /) },
  });
  expect(rows()).toEqual(NOTHING);
});

/** The same file with the stream's name changed, as an Excel sheet has another. */
function withoutWordStream(doc: Buffer): Buffer {
  const copy = Buffer.from(doc);
  copy.write('WorkDocument', copy.indexOf(Buffer.from('WordDocument', 'utf16le')), 'utf16le');
  return copy;
}

function circular(doc: Buffer): Buffer {
  const copy = withoutWordStream(doc);
  const first = copy.readUInt32LE(48);
  const table = copy.readUInt32LE(76);
  copy.writeUInt32LE(first, (table + 1) * 512 + first * 4);
  return copy;
}

test('exactly 10 MiB is taken, a byte more gets 413 and leaves nothing', async () => {
  const { emulator, rows } = await start();
  expect(await postParts(emulator.url, [filePart('cv.pdf', pdfOfSize(10 * MIB + 1)), END])).toEqual({
    status: 413,
    json: { detail: 'File is larger than 10 MiB' },
  });
  const far = tempFolder({ 'far.pdf': pdfOfSize(40 * MIB) });
  expect(await curlUpload(emulator.url, '-F', `file=@${far}/far.pdf`)).toMatchObject({ status: 413 });
  expect(rows()).toEqual(NOTHING);
  const exact = await postParts(emulator.url, [filePart('cv.pdf', pdfOfSize(10 * MIB)), END]);
  expect(exact).toMatchObject({ status: 200, json: { file_size: 10 * MIB } });
  expect(rows()).toEqual({ files: 1, chunks: 160 });
});

const CONTENT = Buffer.from('%PDF-1.7\n');
test.each([
  ['no part', [END], 'missing', /Field required/],
  [
    'a part of another name',
    [part('Content-Disposition: form-data; name="cv"; filename="a.pdf"', CONTENT), END],
    'missing',
    /Field required/,
  ],
  [
    'text instead of a file',
    [part('Content-Disposition: form-data; name="file"', CONTENT), END],
    'value_error',
    /received text/,
  ],
  [
    'two parts called file',
    [filePart('a.pdf', CONTENT), filePart('b.pdf', CONTENT), END],
    'value_error',
    /2 parts/,
  ],
  ['an empty file', [filePart('a.pdf', new Uint8Array()), END], 'value_error', /empty/],
  ['a body that ends in the file', [filePart('a.pdf', CONTENT)], 'value_error', /ends too early/],
  [
    'a body that ends in a header',
    [Buffer.from('--boundary-of-this-test\r\nContent-Dispo')],
    'value_error',
    /ends too early/,
  ],
  ['no body', [], 'value_error', /ends too early/],
  ['a NUL in the header', [filePart('a\0b.pdf', CONTENT), END], 'value_error', /broken/],
])('%s gets 422 and leaves nothing', async (_what, parts, type, msg) => {
  const { emulator, rows } = await start();
  const { status, json } = await postParts(emulator.url, parts);
  expect(status).toBe(422);
  expect(problemsOf(json)).toEqual([{ type, loc: 'body.file', msg: expect.stringMatching(msg) }]);
  expect(rows()).toEqual(NOTHING);
});

test.each(['application/json', 'multipart/form-data', 'application/x-www-form-urlencoded'])(
  'Content-Type %s gets 422',
  async (type) => {
    const { emulator } = await start();
    const { status, json } = await postParts(emulator.url, [filePart('a.pdf', CONTENT), END], {
      'Content-Type': type,
    });
    expect(status).toBe(422);
    expect(problemsOf(json)).toMatchObject([{ type: 'missing', loc: 'body.file' }]);
  },
);

test('headers are checked as everywhere, and refusals are in the log without the file', async () => {
  const { emulator, control } = await start();
  const parts = [filePart('cv.pdf', fixtureFile('cv-nl.pdf')), END];
  const call = (headers: Record<string, string>) => postParts(emulator.url, parts, headers);
  expect(await call({ 'X-API-Key': 'wrong' })).toEqual({
    status: 401,
    json: { detail: 'Invalid or missing API key' },
  });
  const missing = await call({ 'X-ATS-Client-ID': '' });
  expect(missing.status).toBe(422);
  expect(problemsOf(missing.json)).toMatchObject([{ type: 'missing', loc: 'header.x-ats-client-id' }]);
  expect(await call({ 'X-ATS-Client-ID': 'nobody' })).toEqual({
    status: 404,
    json: { detail: 'Workspace not found' },
  });
  const { items } = await control.log();
  expect(items.map((one) => [one.response_status, one.error!.code])).toEqual([
    [404, 'workspace_not_found'],
    [422, 'validation'],
    [401, 'invalid_api_key'],
  ]);
  const { request } = await control.logRecord(items[0]!.id);
  expect(request).toMatchObject({ url: '/uploads', body: { bytes: 0 } });
  expect(await fetch(`${emulator.url}/uploads`)).toMatchObject({ status: 405 });
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['..\\\\..\\\\boot.ini', 'boot.ini'],
  ['/tmp/', 'file'],
  ['..', 'file'],
  ['', 'file'],
  ['cv 👩‍💻 één.pdf', 'cv 👩‍💻 één.pdf'],
  ['a\u202efdp.exe', 'afdp.exe'],
  [`${'é'.repeat(300)}.pdf`, `${'é'.repeat(251)}.pdf`],
])('the name %j becomes %j', async (sent, name) => {
  const { emulator } = await start();
  const { status, json } = await postParts(emulator.url, [filePart(sent, fixtureFile('cv-nl.pdf')), END]);
  expect({ status, name: json.file_name }).toEqual({ status: 200, name });
});

test('a name in RFC 5987 form with control characters loses them', async () => {
  const { emulator } = await start();
  const header = 'Content-Disposition: form-data; name="file"; filename*=UTF-8\'\'c%00v%0a%2e%2e%2fx.pdf';
  const { json } = await postParts(emulator.url, [part(header, fixtureFile('cv-nl.pdf')), END]);
  expect(json.file_name).toBe('x.pdf');
});

test('a client that disconnects halfway leaves nothing behind', async () => {
  const { emulator, rows } = await start();
  const socket = beginUpload(emulator.url, filePart('cv.pdf', pdfOfSize(3 * MIB)));
  await expect.poll(() => rows().chunks).toBeGreaterThanOrEqual(30);
  socket.destroy();
  await expect.poll(() => rows().files + rows().chunks).toBe(0);
});

test('a gateway killed during an upload leaves nothing behind after the next start', async () => {
  const cwd = tempFolder();
  const dev = await startDev(cwd, ['--db', 'carvos.db']);
  const rows = () => {
    const db = new Database(`${cwd}/carvos.db`, { readonly: true });
    const { n } = db.prepare('SELECT count(*) AS n FROM upload_chunk').get() as { n: number };
    db.close();
    return n;
  };
  beginUpload(dev.url, filePart('cv.pdf', pdfOfSize(3 * MIB)), ['demo-api-key', 'acme-corp']);
  await expect.poll(() => rows()).toBeGreaterThanOrEqual(30);
  dev.program.kill('SIGKILL');
  await dev.program.waitForExit();
  expect(rows()).toBeGreaterThanOrEqual(30);
  await startDev(cwd, ['--db', 'carvos.db']);
  expect(rows()).toBe(0);
});

test('a gateway that stops during an upload does not wait for it, and complains of nothing', async () => {
  const database = `${tempFolder()}/carvos.db`;
  const emulator = await startEmulator(testOptions({ database }));
  const notices: unknown[] = [];
  emulator.subscribe((entry) => entry.type === 'notice' && notices.push(entry));
  const socket = beginUpload(emulator.url, filePart('cv.pdf', pdfOfSize(3 * MIB)));
  onTestFinished(() => void socket.destroy());
  const rows = () => {
    const db = new Database(database, { readonly: true });
    const { n } = db.prepare('SELECT count(*) AS n FROM upload_chunk').get() as { n: number };
    db.close();
    return n;
  };
  await expect.poll(() => rows()).toBeGreaterThanOrEqual(30);
  await emulator.close();
  expect(notices).toEqual([]);
  const next = await startEmulator(testOptions({ database }));
  onTestFinished(() => next.close());
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
    const dev = await startDev(tempFolder(), ['--db', 'carvos.db']);
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
  const first = await startEmulator(testOptions({ database }));
  const ids: string[] = [];
  for (let i = 0; i < 2; i++) {
    const { json } = await postParts(first.url, [filePart('cv.pdf', fixtureFile('cv-nl.pdf')), END]);
    ids.push(json.carv_file_id);
  }
  await postWebhook(first.url, candidateCreated({ cv: { carv_file_id: ids[0] } }));
  await first.close();
  const second = await startEmulator(testOptions({ database }));
  onTestFinished(() => second.close());
  const statusOf = async (id: string) =>
    (await postWebhook(second.url, candidateCreated({ cv: { carv_file_id: id } }))).status;
  expect([await statusOf(ids[0]!), await statusOf(ids[1]!)]).toEqual([422, 202]);
});

// ---- the CV's text

const VACANCY = {
  event: 'vacancy.created',
  client_id: 'acme-corp',
  user_id: 'admin-user',
  vacancy_id: 'vac-1',
  title: 'Orderpicker',
  requirements: ['Reachtruckcertificaat', 'VCA', 'Rijbewijs B', 'Kubernetes'],
};

/** An application of a candidate about whom nothing but the CV is known. */
async function apply(
  gateway: Awaited<ReturnType<typeof start>>,
  cv: { candidate?: string; application?: string },
) {
  const { send, settle } = gateway;
  const link = (id?: string) => (id ? { cv: { carv_file_id: id } } : {});
  const candidate = candidateCreated(link(cv.candidate));
  await send(candidate);
  await send({ ...VACANCY, event_id: `vac-of-${candidate.event_id}` });
  const accepted = await send({
    event: 'application.created',
    event_id: `app-of-${candidate.event_id}`,
    client_id: 'acme-corp',
    user_id: 'admin-user',
    application_id: `app-of-${candidate.candidate_id}`,
    candidate_id: candidate.candidate_id,
    vacancy_id: 'vac-1',
    ...link(cv.application),
  });
  expect(accepted.status, JSON.stringify(accepted.json)).toBe(202);
  return (await settle(accepted.json.reference_id)) as {
    status: string;
    data: { score: number | null; score_reasons: string[] };
  };
}

test.each([['cv-nl.pdf'], ['cv-nl.docx']])('the score comes from the CV: %s', async (name) => {
  const gateway = await start();
  const event = await apply(gateway, { candidate: await gateway.upload(fixtureFile(name)) });
  expect(event).toMatchObject({ event: 'application.created', status: 'success' });
  expect(event.data.score_reasons).toContain('Found in the CV: Reachtruckcertificaat, VCA, Rijbewijs B.');
  expect(event.data.score_reasons).toContain('Not found: Kubernetes.');
  expect(event.data.score).toBeGreaterThan(60);
});

test("the application's CV is preferred to the candidate's", async () => {
  const gateway = await start();
  const event = await apply(gateway, {
    candidate: await gateway.upload(fixtureFile('cv-nl.pdf')),
    application: await gateway.upload(paragraph('Kubernetes</w:t><w:br/><w:t>Docker'), 'cv.docx'),
  });
  expect(event.data.score_reasons).toContain('Found in the CV: Kubernetes.');
});

test.each([
  ['encrypted.pdf', /encrypted and opens only with a password/, () => fixtureFile('encrypted.pdf')],
  ['truncated.pdf', /broken/, () => fixtureFile('truncated.pdf')],
  ['cut-off.docx', /broken: the end of the file is missing/, () => paragraph('Kubernetes').subarray(0, -30)],
  ['cv-nl.doc', /the text of a DOC is not read/, () => fixtureFile('cv-nl.doc')],
  ['scan.pdf', /holds no text/, () => pdfWith(deflateSync('0 0 9 9 re f'))],
  ['gigabyte.docx', /unpacks to more than 16 MiB/, () => makeDocx(deflatedRun('\0', 64))],
])('%s gives a reason in score_reasons, not a crash', { timeout: 60_000 }, async (name, reason, make) => {
  const gateway = await start();
  const id = await gateway.upload(make(), name);
  const event = await apply(gateway, { candidate: id });
  expect(event).toMatchObject({ event: 'application.created', status: 'success', data: { score: null } });
  const [first] = event.data.score_reasons;
  expect(first).toMatch(new RegExp(`^The CV ${name} could not be read: `));
  expect(first).toMatch(reason);
  // And the next CV is read as ever.
  const next = await apply(gateway, { candidate: await gateway.upload(fixtureFile('cv-nl.pdf')) });
  expect(next.data.score).toBeGreaterThan(60);
});

test('a CV that is being read when the gateway stops is read after the next start', async () => {
  let release = (_status: number) => {};
  const held = new Promise<number>((resolve) => {
    release = resolve;
  });
  const receiver = await startTestReceiver((_one, index) => (index === 0 ? held : 200));
  const database = `${tempFolder()}/carvos.db`;
  const before = await startTestEmulator({ database }, receiver.url);
  const upload = await postParts(before.emulator.url, [filePart('cv.pdf', fixtureFile('cv-nl.pdf')), END]);
  await postWebhook(before.emulator.url, candidateCreated());
  await receiver.waitFor(1);
  const cv = { carv_file_id: upload.json.carv_file_id, file_name: 'cv.pdf' };
  await postWebhook(before.emulator.url, candidateCreated({ candidate_id: 'c-9', cv }));
  // Closing waits for the attempt that is in flight.
  const closed = before.emulator.close();
  release(200);
  await closed;

  await startTestEmulator({ database }, receiver.url);
  await receiver.waitFor(2);
  const db = new Database(database, { readonly: true });
  onTestFinished(() => void db.close());
  expect(db.prepare('SELECT text, problem FROM upload').get()).toEqual({
    text: expect.stringContaining('Magazijnmedewerker'),
    problem: null,
  });
});

test('a CV is read once', async () => {
  const gateway = await start();
  const first = candidateCreated({ cv: { carv_file_id: await gateway.upload(fixtureFile('cv-nl.pdf')) } });
  await gateway.send({ ...VACANCY, event_id: 'vac' });
  const accepted = await gateway.send(first);
  await gateway.settle(accepted.json.reference_id);
  // What is read from now on comes from the text that was kept.
  const db = new Database(gateway.database);
  db.prepare('DELETE FROM upload_chunk').run();
  db.close();
  const again = await gateway.send({
    ...first,
    event: 'application.created',
    event_id: 'second',
    cv: undefined,
    application_id: 'second',
    vacancy_id: 'vac-1',
  });
  const event = await gateway.settle(again.json.reference_id);
  expect(event.data.score).toBeGreaterThan(60);
});

const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));
const STARTS = {
  'carvos dev': async (webhookUrl: string) =>
    (await startDev(tempFolder(), ['--db', ':memory:', '--webhook-url', webhookUrl])).url,
  'dist/index.js': (webhookUrl: string) =>
    startLibrary(`import { startEmulator } from ${JSON.stringify(`${DIST}index.js`)};`, 'module', webhookUrl),
  'dist/index.cjs': (webhookUrl: string) =>
    startLibrary(
      `const { startEmulator } = require(${JSON.stringify(`${DIST}index.cjs`)});`,
      'commonjs',
      webhookUrl,
    ),
};

async function startLibrary(load: string, type: string, webhookUrl: string): Promise<string> {
  const ats = { ...testAts('demo-ats', webhookUrl), apiKey: 'demo-api-key' };
  const options = JSON.stringify(testOptions({ ats: [ats] }));
  const script = `${load}\nstartEmulator(${options}).then(({ url }) => console.log(url));`;
  const program = spawnProgram(process.execPath, [`--input-type=${type}`, '-e', script]);
  return (await program.waitForText(/http:\S+/))[0];
}

test.each(Object.keys(STARTS) as (keyof typeof STARTS)[])('as built, %s reads CVs too', async (how) => {
  const receiver = await startTestReceiver();
  const url = await STARTS[how](receiver.url);
  const { json } = await postParts(url, [filePart('cv.pdf', fixtureFile('cv-nl.pdf')), END], {
    'X-API-Key': 'demo-api-key',
  });
  const rest = (path: string, body: unknown) =>
    fetch(`${url}/v1/${path}`, {
      method: 'POST',
      headers: {
        'X-API-Key': 'demo-api-key',
        'X-ATS-Client-ID': 'acme-corp',
        'X-ATS-User-ID': 'admin-user',
      },
      body: JSON.stringify(body),
    });
  const person = { candidate_id: 'c', first_name: 'Sanne', last_name: 'de Vries', email: 's@example.com' };
  await rest('candidates', { ...person, cv: { carv_file_id: json.carv_file_id } });
  await rest('vacancies', { vacancy_id: 'v', title: 'Orderpicker', requirements: ['VCA'] });
  await rest('applications', { application_id: 'a', candidate_id: 'c', vacancy_id: 'v' });
  await receiver.waitFor(3);
  const events = receiver.received.map(({ body }) => JSON.parse(body.toString()));
  const application = events.find(({ event }) => event === 'application.created');
  expect(application.data.score_reasons).toContain('Found in the CV: VCA.');
});
