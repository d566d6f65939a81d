import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { constants, crc32, deflateRawSync } from 'node:zlib';

/** A committed file; `fixtures/files/README.md` says how each was made. */
export function fixtureFile(name: string): Buffer {
  return readFileSync(fixturePath(name));
}

export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/files/${name}`, import.meta.url));
}

export const PDF = 'application/pdf';
export const DOC = 'application/msword';
export const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** A file of this many bytes that begins as a PDF does. */
export function pdfOfSize(bytes: number): Buffer {
  const file = Buffer.alloc(bytes, 0x20);
  file.write('%PDF-1.7\n%âãÏÓ\n', 'latin1');
  return file;
}

/** Uploads with curl, as the documentation does. */
export function curlUpload(url: string, ...args: string[]): Promise<{ status: number; json: unknown }> {
  const all = ['-sS', '-w', '\n%{http_code}', '-H', 'X-API-Key: key-of-test-ats'];
  return new Promise((resolve, reject) => {
    execFile(
      'curl',
      [...all, '-H', 'X-ATS-Client-ID: acme-corp', ...args, `${url}/uploads`],
      (error, stdout) => {
        if (error) return reject(error);
        const cut = stdout.lastIndexOf('\n');
        const text = stdout.slice(0, cut);
        resolve({ status: Number(stdout.slice(cut + 1)), json: text === '' ? null : JSON.parse(text) });
      },
    );
  });
}

const BOUNDARY = 'boundary-of-this-test';

/** One part, its header as it is given: the names that a form library would clean up. */
export function part(header: string, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`--${BOUNDARY}\r\n${header}\r\n\r\n`), content, Buffer.from('\r\n')]);
}

export function filePart(fileName: string, content: Uint8Array, type = 'application/octet-stream'): Buffer {
  return part(
    `Content-Disposition: form-data; name="file"; filename="${fileName}"\r\nContent-Type: ${type}`,
    content,
  );
}

export const END = Buffer.from(`--${BOUNDARY}--\r\n`);

/** Posts a body made of parts. */
export async function postParts(url: string, parts: Uint8Array[], headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/uploads`, {
    method: 'POST',
    body: Buffer.concat(parts),
    headers: {
      'X-API-Key': 'key-of-test-ats',
      'X-ATS-Client-ID': 'acme-corp',
      'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
      ...headers,
    },
  });
  return { status: response.status, json: JSON.parse(await response.text()) };
}

/** Sends the head of an upload and a part of its body over a socket; the rest never comes. */
export function beginUpload(url: string, sent: Uint8Array, keys = ['key-of-test-ats', 'acme-corp']) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(
    `POST /uploads HTTP/1.1\r\nHost: x\r\nX-API-Key: ${keys[0]}\r\nX-ATS-Client-ID: ${keys[1]}\r\n` +
      `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: 9000000\r\n\r\n`,
  );
  socket.write(sent);
  return socket;
}

/** A ZIP, made by hand so that its parts need not fit into memory unpacked. */
export function makeZip(entries: { name: string; packed: Buffer; size: number; crc: number }[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, packed, size, crc } of entries) {
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc, 0);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(size, 8);
    const lengths = Buffer.from([name.length, 0, 0, 0]);
    const local = Buffer.concat([
      Buffer.from('504b030414000000080000002100', 'hex'),
      sizes,
      lengths,
      Buffer.from(name),
      packed,
    ]);
    const at = Buffer.alloc(4);
    at.writeUInt32LE(offset);
    central.push(
      Buffer.concat([
        Buffer.from('504b0102140014000000080000002100', 'hex'),
        sizes,
        lengths,
        Buffer.alloc(10),
        at,
        Buffer.from(name),
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

const CONTENT_TYPES =
  '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
  '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
  `<Override PartName="/word/document.xml" ContentType="${DOCX}.main+xml"/></Types>`;
const RELATIONS =
  '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' +
  '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" ' +
  'Target="word/document.xml"/></Relationships>';

/** A DOCX with this as its document, packed already. */
export function makeDocx(document: { packed: Buffer; size: number; crc?: number }): Buffer {
  const small = (name: string, text: string) => ({
    name,
    packed: deflateRawSync(text),
    size: text.length,
    crc: crc32(text),
  });
  return makeZip([
    small('[Content_Types].xml', CONTENT_TYPES),
    small('_rels/.rels', RELATIONS),
    { name: 'word/document.xml', crc: 0, ...document },
  ]);
}

/** Deflate's form of `times` × 16 MiB of one byte, made without unpacking it. */
export function deflatedRun(byte: string, times: number): { packed: Buffer; size: number } {
  const block = Buffer.alloc(16 * 1024 * 1024, byte);
  // A full flush ends on a byte and refers to nothing before it, so that the piece can be repeated.
  const piece = deflateRawSync(block, { finishFlush: constants.Z_FULL_FLUSH });
  const last = Buffer.from([3, 0]);
  return { packed: Buffer.concat([...Array(times).fill(piece), last]), size: block.length * times };
}

export const WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

/** A DOCX of one paragraph. */
export function paragraph(text: string): Buffer {
  const document = `<w:document ${WORD}><w:body><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:body></w:document>`;
  return makeDocx({ packed: deflateRawSync(document), size: document.length });
}

/** A PDF of one page whose content is this stream, packed. */
export function pdfWith(packed: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(
      '%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n' +
        '3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>\nendobj\n' +
        `4 0 obj\n<</Length ${packed.length}/Filter/FlateDecode>>\nstream\n`,
    ),
    packed,
    Buffer.from('\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n'),
  ]);
}
