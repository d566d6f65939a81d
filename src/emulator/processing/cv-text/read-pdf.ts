import './dom-stub.ts';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
// Announces itself to pdf.mjs, which otherwise looks for a file beside it.
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
import { MAX_PAGES, MAX_TEXT_LENGTH, UnreadableCv } from './bounds.ts';

/**
 * The text of a PDF, page after page, as far as the bounds go.
 *
 * @throws UnreadableCv
 */
export async function readPdf(bytes: Uint8Array): Promise<string> {
  const task = getDocument({
    data: bytes,
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
    return text.trim();
  } catch (error) {
    if ((error as Error).name === 'PasswordException') {
      throw new UnreadableCv('it is encrypted and opens only with a password');
    }
    throw new UnreadableCv('it is broken: no PDF reader can make sense of it');
  } finally {
    await task.destroy();
  }
}
