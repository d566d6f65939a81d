import './dom-stub.ts';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
// Announces itself to pdf.mjs, which otherwise looks for a file beside it.
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
import { readOwnFile } from '../../../files/own-parts.ts';
import { MAX_PAGES, MAX_TEXT_LENGTH, UnreadableCv } from './bounds.ts';

/** Without them text in a predefined encoding of Chinese, Japanese or Korean comes out empty. */
class BuiltCmaps {
  async fetch({ name }: { name: string }): Promise<{ cMapData: Uint8Array; isCompressed: boolean }> {
    const data = CMAP.test(name) ? readOwnFile(`cmaps/${name}.bcmap`) : null;
    if (data === null) throw new Error('no such encoding');
    return { cMapData: new Uint8Array(data), isCompressed: true };
  }
}
/** The file says which it wants. */
const CMAP = /^[\w-]+$/;
/** Of what a page shows, so much may be no text before all of it is doubted: lists have bullets from fonts of signs. */
const MOST_STRANGE = 0.1;

/**
 * The text of a PDF, page after page, as far as the bounds go.
 *
 * @throws UnreadableCv
 */
export async function readPdf(bytes: Uint8Array): Promise<string> {
  // pdf.js takes the bytes away. A picture's dictionary is never packed.
  const hasImages = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('/Image');
  const task = getDocument({
    data: bytes,
    CMapReaderFactory: BuiltCmaps,
    verbosity: 0,
    isEvalSupported: false,
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    useWasm: false,
    enableXfa: false,
  });
  try {
    const document = await task.promise;
    let text = '';
    for (let number = 1; number <= Math.min(document.numPages, MAX_PAGES); number++) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      for (const item of items) if ('str' in item) text += item.hasEOL ? `${item.str}\n` : item.str;
      text += '\n';
      page.cleanup();
      if (text.length >= MAX_TEXT_LENGTH) break;
    }
    if (text.trim() === '') throw new UnreadableCv(hasImages ? SCAN : 'it holds no text that can be read');
    if (isStrange(text)) throw new UnreadableCv(STRANGE);
    return text.trim();
  } catch (error) {
    if (error instanceof UnreadableCv) throw error;
    if ((error as Error).name === 'PasswordException') {
      throw new UnreadableCv('it is encrypted and opens only with a password');
    }
    throw new UnreadableCv('pdf.js cannot read it: it may be broken');
  } finally {
    await task.destroy();
  }
}

const SCAN = 'it holds pictures and no text (is it a scan?)';
const STRANGE =
  'its text is unreliable: much of it is no letters, as where a font does not say what it draws (no ToUnicode)';

/** Numbers of glyphs taken for characters: control characters, private ones, and what could not be told. */
function isStrange(text: string): boolean {
  const strange = text.match(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]/g)?.length ?? 0;
  return strange > text.replace(/\s/g, '').length * MOST_STRANGE;
}
