import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileTypeFromTokenizer } from 'file-type';
import { fromStream } from 'strtok3';
import type { ChunkedFile } from './compound-file.ts';
import { isWordDocument } from './compound-file.ts';

const PDF = 'application/pdf';
const DOC = 'application/msword';
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
/** PDF (a byte order mark may stand before it), ZIP, compound file. No other format costs more than this look. */
const BEGINNINGS = [/^(?:\xef\xbb\xbf)?%PDF/, /^PK\x03\x04/, /^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/];

/**
 * The type of a file by what it holds, one of the three that are accepted, or `null` (contract, section
 * 4). It is read chunk by chunk, never as a whole, and other work gets its turn in between.
 */
export async function detectType(file: ChunkedFile): Promise<string | null> {
  const start = file.chunk(0);
  if (!start || !BEGINNINGS.some((beginning) => beginning.test(start.toString('latin1', 0, 11)))) return null;
  const stream = Readable.from(chunksOf(file), { objectMode: false });
  try {
    const tokenizer = await fromStream(stream, { fileInfo: { size: file.size } });
    const mime = (await fileTypeFromTokenizer(tokenizer))?.mime;
    if (mime === PDF || mime === DOCX) return mime;
    if (mime === 'application/x-cfb') return (await isWordDocument(file)) ? DOC : null;
    return null;
  } catch {
    // Something that begins like a known type and then makes no sense.
    return null;
  } finally {
    stream.destroy();
  }
}

async function* chunksOf(file: ChunkedFile): AsyncGenerator<Buffer> {
  for (let number = 0; number * file.chunkBytes < file.size; number++) {
    await nextTurn();
    const chunk = file.chunk(number);
    if (!chunk) return;
    yield chunk;
  }
}
