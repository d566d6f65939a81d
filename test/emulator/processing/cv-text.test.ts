import { crc32, deflateRawSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { createCvReader } from '../../../src/emulator/processing/cv-text/reader.ts';
import { makeZip } from '../../support/uploads.ts';

async function read(kind: 'pdf' | 'docx', bytes: Uint8Array) {
  const reader = createCvReader();
  onTestFinished(() => reader.close());
  return await reader.read(kind, () => new Uint8Array(bytes));
}

/** A PDF of one page that shows these codes in a font, and whatever more objects it needs. */
function pdf(content: string, font: string, ...more: string[]): Buffer {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${content.length}>>\nstream\n${content}\nendstream`,
    font,
    ...more,
  ];
  const body = objects.map((one, index) => `${index + 1} 0 obj\n${one}\nendobj\n`).join('');
  return Buffer.from(`%PDF-1.4\n${body}trailer\n<</Root 1 0 R>>\n%%EOF\n`, 'latin1');
}

/** Text in a composite font that is not in the file. */
function composite(codes: string, encoding: string, order: string): Buffer {
  return pdf(
    `BT /F1 12 Tf 10 200 Td <${codes}> Tj ET`,
    `<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/${encoding}/DescendantFonts[6 0 R]>>`,
    `<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(${order})/Supplement 2>>/FontDescriptor 7 0 R>>`,
    '<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/StemV 80>>',
  );
}

// The codes are Python's, by its codecs cp932, gbk, utf-16-be and big5.
test.each([
  ['90ms-RKSJ-H', 'Japan1', '93fa967b8cea204b756265726e65746573', '日本語 Kubernetes'],
  ['GBK-EUC-H', 'GB1', 'd6d0cec4bcf2c0fa204b756265726e65746573', '中文简历 Kubernetes'],
  ['UniKS-UCS2-H', 'Korea1', 'd55cad6dc5b40020004b0075006200650072006e0065007400650073', '한국어 Kubernetes'],
  ['ETen-B5-H', 'CNS1', 'c2b2befa204b756265726e65746573', '簡歷 Kubernetes'],
])('a PDF in a predefined encoding is read: %s', async (encoding, order, codes, text) => {
  expect(await read('pdf', composite(codes, encoding, order))).toEqual({ text, problem: null });
});

test('text of a font that does not say what it draws is unreliable, and no profile', async () => {
  const glyphs = Array.from('Kubernetes and more words of a CV', (one) =>
    (one.charCodeAt(0) - 29).toString(16).padStart(4, '0'),
  ).join('');
  const { problem } = await read('pdf', composite(glyphs, 'Identity-H', 'Identity'));
  expect(problem).toContain('its text is unreliable');
});

test('only what holds pictures may be a scan', async () => {
  const font = '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>';
  expect((await read('pdf', pdf('0 0 9 9 re f', font))).problem).toBe('it holds no text that can be read');
  const picture =
    '<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>\nstream\nx\nendstream';
  expect((await read('pdf', pdf('0 0 9 9 re f', font, picture))).problem).toContain('is it a scan?');
});

const entry = (name: string, text: string) => ({
  name,
  packed: deflateRawSync(text),
  size: Buffer.byteLength(text),
  crc: crc32(text),
});
const NAMES =
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
const p = (text: string) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;

function docx(body: string, ...parts: [string, string][]): Buffer {
  const main = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';
  return makeZip([
    entry(
      '[Content_Types].xml',
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="${main}"/></Types>`,
    ),
    entry(
      '_rels/.rels',
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    ),
    entry('word/document.xml', `<w:document ${NAMES}><w:body>${body}</w:body></w:document>`),
    ...parts.map(([name, text]) => entry(name, text)),
  ]);
}

test('a DOCX: headers, footers and text boxes, in the new form and the old', async () => {
  const box = (inside: string) => `<w:txbxContent>${p(inside)}</w:txbxContent>`;
  const lone = `<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps">${box('Kotlin &amp; Go')}</mc:Choice></mc:AlternateContent></w:r></w:p>`;
  const both = `<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps">${box('Twice')}</mc:Choice><mc:Fallback><w:pict>${box('Twice')}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>`;
  const bytes = docx(
    p('Body') + lone + both,
    ['word/header1.xml', `<w:hdr ${NAMES}>${p('Zoë Jansen')}</w:hdr>`],
    ['word/header2.xml', `<w:hdr ${NAMES}>${p('Zoë Jansen')}</w:hdr>`],
    ['word/footer1.xml', `<w:ftr ${NAMES}>${p('06-12345678')}</w:ftr>`],
  );
  const { text } = await read('docx', bytes);
  const lines = text!
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  expect(lines.sort()).toEqual(['06-12345678', 'Body', 'Kotlin & Go', 'Twice', 'Zoë Jansen']);
});

test('a DOCX whose text is in an included part: HTML is read, RTF named', async () => {
  const include = '<w:altChunk r:id="rId9"/>';
  const html =
    '<html><head><style>p { color: red }</style></head><body><p>Kubernetes</p><p>Docker &amp; co</p></body></html>';
  expect((await read('docx', docx(include, ['word/afchunk.htm', html]))).text).toBe(
    'Kubernetes\nDocker & co',
  );
  const { problem } = await read('docx', docx(include, ['word/afchunk.rtf', '{\\rtf1 Kubernetes}']));
  expect(problem).toContain('its text is in an included part (altChunk)');
});
