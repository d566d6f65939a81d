import { Readable } from 'node:stream';
import { fileTypeFromTokenizer } from 'file-type';
import { fromStream } from 'strtok3';
import { isWordDocument } from './compound-file.ts';

const PDF = 'application/pdf';
const DOC = 'application/msword';
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** A stored file: chunks of one size, but for the last. */
export interface ChunkedFile {
  size: number;
  chunkBytes: number;
  chunk(number: number): Buffer | undefined;
}

/**
 * The type of a file by what it holds, one of the three that are accepted, or `null` (contract, section
 * 4). It is read chunk by chunk, never as a whole.
 */
export async function detectType(file: ChunkedFile): Promise<string | null> {
  const stream = Readable.from(chunksOf(file), { objectMode: false });
  try {
    const tokenizer = await fromStream(stream, { fileInfo: { size: file.size } });
    const mime = (await fileTypeFromTokenizer(tokenizer))?.mime;
    if (mime === PDF || mime === DOCX) return mime;
    if (mime === 'application/x-cfb') return isWordDocument(file) ? DOC : null;
    return null;
  } catch {
    // Something that begins like a known type and then makes no sense.
    return null;
  } finally {
    stream.destroy();
  }
}

function* chunksOf(file: ChunkedFile): Generator<Buffer> {
  for (let number = 0; number * file.chunkBytes < file.size; number++) {
    const chunk = file.chunk(number);
    if (!chunk) return;
    yield chunk;
  }
}
