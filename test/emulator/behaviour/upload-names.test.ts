import { crc32, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startTestEmulator } from '../../support/emulator.ts';
import { END, filePart, fixtureFile, makeZip, part, postParts } from '../../support/uploads.ts';

const entry = (name: string, text: string, packed = true) => ({
  name,
  packed: packed ? deflateRawSync(text) : Buffer.from(text),
  size: text.length,
  crc: crc32(text),
});

/** A ZIP with a first part that is stored as it is, as OpenDocument demands. */
function opendocument(): Buffer {
  const zip = makeZip([
    entry('mimetype', 'application/vnd.oasis.opendocument.text', false),
    entry('content.xml', '<x/>'),
  ]);
  zip.writeUInt16LE(0, 8);
  return zip;
}

/** A DOC whose stream has the name that documents with a password have, made as [MS-CFB] says. */
function withPassword(): Buffer {
  const copy = Buffer.from(fixtureFile('cv-nl.doc'));
  const at = copy.indexOf(Buffer.from('WordDocument\0', 'utf16le'));
  const name = Buffer.from('EncryptedPackage\0', 'utf16le');
  name.copy(copy, at);
  copy.writeUInt16LE(name.length, at + 64);
  return copy;
}

const PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010806000000', 'hex');

test.each<[string, string, () => Buffer]>([
  ['RTF', 'rich text (RTF)', () => Buffer.from('{\\rtf1\\ansi Hello}')],
  ['HTML', 'HTML', () => fixtureFile('cv-nl.html')],
  ['XHTML behind a mark', 'HTML', () => Buffer.from('\uFEFF<?xml version="1.0"?>\n<!DOCTYPE html><html>')],
  [
    'MHTML',
    'MHTML',
    () => Buffer.from('MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n'),
  ],
  [
    'MHTML of a browser',
    'MHTML',
    () => Buffer.from('From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n'),
  ],
  ['ODT', '(ODT)', opendocument],
  ['a DOCX with a password', 'an encrypted document', withPassword],
  ['a ZIP', 'a ZIP without a Word document', () => fixtureFile('zip-named.pdf')],
  ['a picture', 'PNG (image/png)', () => PNG],
  ['text', 'plain text', () => Buffer.from('Curriculum vitae of Zoë, with more than a few bytes')],
  [
    'a PDF behind an HTTP head',
    'a PDF with other bytes in front',
    () => Buffer.from('HTTP/1.1 200 OK\r\n\r\n%PDF-1.7\n'),
  ],
  ['nothing known', 'of no type that is known', () => Buffer.from([0, 1, 2, 3, 0, 5])],
])('an upload is refused with what it is: %s', async (_name, seen, make) => {
  const { emulator } = await startTestEmulator();
  const { status, json } = await postParts(emulator.url, [filePart('cv.docx', make()), END]);
  expect(status).toBe(415);
  expect(json.detail).toContain('File must be a PDF, DOC or DOCX document, and this is ');
  expect(json.detail).toContain(seen);
});

test('a PDF behind a byte order mark is taken', async () => {
  const { emulator } = await startTestEmulator();
  const content = Buffer.concat([Buffer.from('\uFEFF'), fixtureFile('cv-nl.pdf')]);
  expect((await postParts(emulator.url, [filePart('cv.pdf', content), END])).status).toBe(200);
});

test.each<[string, Buffer[], Record<string, string>, string]>([
  [
    'another name',
    [part('Content-Disposition: form-data; name="cv"; filename="a.pdf"', Buffer.from('x')), END],
    {},
    'and is in "cv"',
  ],
  [
    'no file at all',
    [part('Content-Disposition: form-data; name="note"', Buffer.from('x')), END],
    {},
    'no part of the form is a file',
  ],
  ['no boundary', [END], { 'Content-Type': 'multipart/form-data' }, 'names no boundary'],
  [
    'the bare file',
    [fixtureFile('cv-nl.pdf')],
    { 'Content-Type': 'application/pdf' },
    'the Content-Type is application/pdf',
  ],
])('a form without its file says what was there: %s', async (_name, parts, headers, says) => {
  const { emulator } = await startTestEmulator();
  const { status, json } = await postParts(emulator.url, parts, headers);
  expect(status).toBe(422);
  expect(json.detail[0]).toMatchObject({ type: 'missing', loc: ['body', 'file'] });
  expect(json.detail[0].msg).toContain(says);
});
