import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileTypeFromBuffer, fileTypeFromTokenizer } from 'file-type';
import { fromStream } from 'strtok3';
import { CHUNK_BYTES } from '../../store/uploads.ts';
import { type ChunkedFile, readCompound } from './compound-file.ts';

const PDF = 'application/pdf';
const DOC = 'application/msword';
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
/** PDF (a byte order mark may stand before it), ZIP, compound file. No other format costs more than this look. */
const BEGINNINGS = [/^(?:\xef\xbb\xbf)?%PDF/, /^PK\x03\x04/, /^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/];

/** Bytes of the beginning by which anything else is named; the rest is not looked at. */
const NAMED_BY = 4100;

/** One of the three types that are accepted, or `null`, and what the file is instead, with its article. */
export type Detected = { type: string; seen: null } | { type: null; seen: string };

/**
 * The type of a file by what it holds (contract, section 4). It is read chunk by chunk, never as a whole, and other work
 * gets its turn in between.
 */
export async function detectType(file: ChunkedFile): Promise<Detected> {
  const start = file.chunk(0) ?? Buffer.alloc(0);
  if (!BEGINNINGS.some((beginning) => beginning.test(start.toString('latin1', 0, 11)))) {
    return { type: null, seen: await nameOther(start.subarray(0, NAMED_BY)) };
  }
  const stream = Readable.from(chunksOf(file), { objectMode: false });
  try {
    const tokenizer = await fromStream(stream, { fileInfo: { size: file.size } });
    const mime = (await fileTypeFromTokenizer(tokenizer))?.mime;
    if (mime === PDF || mime === DOCX) return { type: mime, seen: null };
    if (mime === 'application/x-cfb') {
      const content = await readCompound(file);
      return content === 'word' ? { type: DOC, seen: null } : { type: null, seen: COMPOUND[content] };
    }
    return { type: null, seen: NAMES[mime ?? ''] ?? (start[0] === 0x50 ? ZIP : UNKNOWN) };
  } catch {
    // Something that begins like a known type and then makes no sense.
    return { type: null, seen: start[0] === 0x50 ? ZIP : UNKNOWN };
  } finally {
    stream.destroy();
  }
}

const UNKNOWN = 'of no type that is known here';
const ZIP = 'a ZIP without a Word document in it, or one that is cut off';
const COMPOUND = {
  encrypted:
    'an encrypted document (DOCX, XLSX or PPTX), as one with a password or under rights management is: save it without',
  other: 'an Office file without a Word document in it, such as XLS, PPT or MSG, or one that is cut off',
};
const NAMES: Record<string, string> = {
  'application/rtf': 'rich text (RTF)',
  'application/vnd.oasis.opendocument.text': 'an OpenDocument text (ODT)',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'an Excel sheet (XLSX)',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'a presentation (PPTX)',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.template': 'a Word template (DOTX)',
  'application/vnd.ms-word.document.macroenabled.12': 'a Word document with macros (DOCM)',
};

/** What begins as none of the three does. */
async function nameOther(start: Buffer): Promise<string> {
  const text = start.toString('latin1');
  if (/^(?:\xef\xbb\xbf)?\s*\{\\rtf/.test(text)) return NAMES['application/rtf']!;
  if (
    /^(?:\xef\xbb\xbf)?\s*(?:MIME-Version:|From:[^\n]*\r?\n)/i.test(text) &&
    /multipart\/related/i.test(text)
  )
    return 'a web page in one file (MHTML), which Word also calls .doc';
  if (
    /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)?<(?:!doctype html|html|head|body)\b/i.test(
      text,
    )
  )
    return 'HTML, whatever its name ends with';
  if (text.slice(0, 1024).includes('%PDF-'))
    return 'of no type that is known here; perhaps a PDF with other bytes in front of its %PDF';
  const found = await fileTypeFromBuffer(start).catch(() => undefined);
  if (found) return NAMES[found.mime] ?? `${found.ext.toUpperCase()} (${found.mime})`;
  const isText = !text.includes('\0') && start.length > 0 && isUtf8(start.subarray(0, start.length - 3));
  return isText ? 'plain text' : UNKNOWN;
}

async function* chunksOf(file: ChunkedFile): AsyncGenerator<Buffer> {
  for (let number = 0; number * CHUNK_BYTES < file.size; number++) {
    await nextTurn();
    const chunk = file.chunk(number);
    if (!chunk) return;
    yield chunk;
  }
}
