import mammoth from 'mammoth';
import { MAX_UNPACKED_BYTES } from './bounds.ts';
import { openZip } from './zip.ts';

/** mammoth's plain text leaves line breaks out, and words on either side would become one. */
const LINE_BREAK = /<w:(?:br|cr)\b[^<>]{0,200}\/>/g;

/**
 * The text of a DOCX, a paragraph a line.
 *
 * @throws UnreadableCv, or mammoth's error for what is inside.
 */
export async function readDocx(bytes: Buffer): Promise<string> {
  const zip = openZip(bytes, MAX_UNPACKED_BYTES);
  // mammoth would unpack everything with JSZip, which has no limit. It takes an opened archive too,
  // although its types do not say so.
  const file = {
    exists: zip.has,
    read: async (name: string, encoding?: string) => {
      const data = zip.read(name);
      if (!encoding) return data;
      if (encoding === 'base64') return data.toString('base64');
      return new TextDecoder(encoding).decode(data).replace(LINE_BREAK, '<w:tab/>');
    },
  };
  const { value } = await mammoth.extractRawText({ file } as never);
  return value
    .replaceAll('\t', '\n')
    .replace(/\n{2,}/g, '\n')
    .trim();
}
