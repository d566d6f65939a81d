import { Worker } from 'node:worker_threads';
import { deflateRawSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { createCvFinder } from '../../../src/emulator/processing/cv-text/find-cv.ts';
import { createCvReader } from '../../../src/emulator/processing/cv-text/reader.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { finishUpload, insertChunk, insertUpload } from '../../../src/emulator/store/uploads.ts';
import { startThread } from '../../../src/files/own-parts.ts';
import { deflatedRun, fixtureFile, makeDocx, pdfWith, WORD } from '../../support/uploads.ts';

function bombPdf(): Buffer {
  const { packed } = deflatedRun(' ', 256);
  return pdfWith(Buffer.concat([Buffer.from([0x78, 0x9c]), packed, Buffer.alloc(4)]));
}

function manyParagraphs(): Buffer {
  const text = `<w:document ${WORD}><w:body>${'<w:p/>'.repeat(2_700_000)}</w:body></w:document>`;
  return makeDocx({ packed: deflateRawSync(text), size: text.length });
}

/** Long enough for the bound on memory to be met first, however busy the machine. */
const NO_LIMIT_MS = 600_000;

test.each([
  ['docx', 'of millions of paragraphs', manyParagraphs],
  ['pdf', 'that unpacks to gigabytes', bombPdf],
] as const)(
  'a %s %s takes too much memory, and the next CV is read as ever',
  { timeout: 120_000 },
  async (kind, _what, make) => {
    const reader = createCvReader(NO_LIMIT_MS);
    onTestFinished(() => reader.close());
    expect(await reader.read(kind, () => new Uint8Array(make()))).toEqual({
      text: null,
      problem: 'reading it takes too much memory',
    });
    const next = await reader.read('pdf', () => new Uint8Array(fixtureFile('cv-nl.pdf')));
    expect(next.text).toContain('Magazijnmedewerker');
  },
);

test('one that takes longer than its limit is given up', async () => {
  const hurried = createCvReader(0);
  onTestFinished(() => hurried.close());
  const { problem } = await hurried.read('pdf', () => new Uint8Array(fixtureFile('cv-nl.pdf')));
  expect(problem).toBe('reading it takes longer than 0 s');
});

test('for a file that cannot be had no thread is started, which nobody would end', async () => {
  let starts = 0;
  const reader = createCvReader(NO_LIMIT_MS, (name, options) => {
    starts++;
    return startThread(name, options);
  });
  onTestFinished(() => reader.close());
  const nothing = () => {
    throw new Error('a chunk is missing');
  };
  await expect(reader.read('pdf', nothing)).rejects.toThrow('a chunk is missing');
  expect(starts).toBe(0);
  const { text } = await reader.read('pdf', () => new Uint8Array(fixtureFile('cv-nl.pdf')));
  expect([text, starts]).toEqual([expect.stringContaining('Magazijnmedewerker'), 1]);
});

test('that the thread does not start is said of carvos, not of the CV, which is read the next time', async () => {
  const store = openStore(':memory:');
  onTestFinished(store.close);
  const bytes = fixtureFile('cv-nl.pdf');
  const place = { id: 'file', ats_id: 'ats', client_id: 'acme' };
  const seq = insertUpload(store, { ...place, file_name: 'cv.pdf' });
  insertChunk(store, seq, 0, bytes);
  const times = { uploaded_at: 1, expires_at: 2 };
  finishUpload(store, seq, { content_type: 'application/pdf', size: bytes.length, ...times });
  let starts = 0;
  const reader = createCvReader(NO_LIMIT_MS, (name, options) => {
    const script = ["throw new Error('no room')", 'process.exit()'][starts++];
    return script === undefined ? startThread(name, options) : new Worker(script, { ...options, eval: true });
  });
  onTestFinished(() => reader.close());
  const { find } = createCvFinder(store, reader);
  const read = () => find('ats', 'acme', [{ cv: { carv_file_id: 'file' } }]);
  const problem = 'the part of carvos that reads CVs did not start';
  expect(await read()).toMatchObject({ text: null, cv: { problem: `${problem}: no room` } });
  expect(await read()).toMatchObject({ text: null, cv: { problem } });
  expect(await read()).toMatchObject({
    text: expect.stringContaining('Magazijnmedewerker'),
    cv: { problem: null },
  });
});
