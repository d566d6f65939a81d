import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import {
  beginUpload,
  curlUpload,
  DOC,
  DOCX,
  END,
  filePart,
  fixtureFile,
  fixturePath,
  PDF,
  part,
  pdfOfSize,
  postParts,
} from '../../support/uploads.ts';
import { DAY, MIB, NOTHING, problemsOf, start, UUID } from './upload-gateway.ts';

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
