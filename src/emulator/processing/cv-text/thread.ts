import { parentPort } from 'node:worker_threads';
import { type CvText, MAX_TEXT_LENGTH, READY, UnreadableCv } from './bounds.ts';
import { readDocx } from './read-docx.ts';
import { readPdf } from './read-pdf.ts';

/** The thread that reads CVs: one file in, its text or a reason out. It is ended from outside. */

export interface ThreadRequest {
  kind: 'pdf' | 'docx';
  bytes: Uint8Array;
}

parentPort!.on('message', async ({ kind, bytes }: ThreadRequest) => {
  parentPort!.postMessage(await readCv(kind, bytes));
});
parentPort!.postMessage(READY);

async function readCv(kind: ThreadRequest['kind'], bytes: Uint8Array): Promise<CvText> {
  try {
    const text = kind === 'pdf' ? await readPdf(bytes) : await readDocx(Buffer.from(bytes.buffer));
    if (text === '') return { text: null, problem: 'it holds no text' };
    return { text: text.slice(0, MAX_TEXT_LENGTH), problem: null };
  } catch (error) {
    return { text: null, problem: error instanceof UnreadableCv ? error.message : 'it is broken' };
  }
}
