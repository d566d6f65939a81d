import type { Store } from '../../store/store.ts';
import { findUpload, getChunk, saveUploadText, type UploadRow } from '../../store/uploads.ts';
import type { AiCv } from '../backend.ts';
import type { CvText } from './bounds.ts';
import type { CvReader } from './reader.ts';

const KINDS: Record<string, 'pdf' | 'docx'> = {
  'application/pdf': 'pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
};

/** Finds the CV of a job, and reads each file once. */
export type CvFinder = ReturnType<typeof createCvFinder>;

export interface FoundCv {
  cv: AiCv;
  text: string | null;
}

type Fields = Record<string, unknown>;

export function createCvFinder(store: Store, reader: CvReader) {
  /** What is being read: several applications of one candidate wait for the same reading. */
  const reading = new Map<string, Promise<CvText>>();

  async function readOnce(upload: UploadRow): Promise<CvText> {
    const result = await readUpload(upload);
    // It can be read once the trouble is over.
    if (result.problem !== null && result.ours) return result;
    await store.group.submit(() => saveUploadText(store, upload.id, result));
    return result;
  }

  async function readUpload(upload: UploadRow): Promise<CvText> {
    const kind = KINDS[upload.content_type];
    if (!kind) {
      return { text: null, problem: 'the text of a DOC is not read; send a PDF or a DOCX' };
    }
    return reader.read(kind, () => loadUpload(store, upload));
  }

  return {
    /**
     * @param sources fields of the entities that may refer to a CV; the first that does wins.
     * @returns `null` when none does.
     */
    async find(
      atsId: string,
      clientId: string,
      sources: readonly (Fields | null | undefined)[],
    ): Promise<FoundCv | null> {
      const id = sources.map(fileIdOf).find((found) => found !== null);
      if (!id) return null;
      const upload = findUpload(store, atsId, clientId, id);
      // Accepted while another gateway's snapshot was restored, at worst.
      if (!upload) return null;
      let read: Pick<UploadRow, 'text' | 'problem'> = upload;
      if (upload.text === null && upload.problem === null) {
        let current = reading.get(id);
        if (!current) {
          current = readOnce(upload).finally(() => reading.delete(id));
          reading.set(id, current);
        }
        read = await current;
      }
      const { file_name, content_type, size } = upload;
      return { cv: { file_name, content_type, size, problem: read.problem, file_id: id }, text: read.text };
    },
  };
}

function fileIdOf(fields: Fields | null | undefined): string | null {
  const cv = fields?.cv as Fields | null | undefined;
  return typeof cv?.carv_file_id === 'string' ? cv.carv_file_id : null;
}

function loadUpload(store: Store, upload: UploadRow): Uint8Array {
  const bytes = new Uint8Array(upload.size);
  let at = 0;
  for (let number = 0; at < bytes.length; number++) {
    const chunk = getChunk(store, upload.seq, number);
    if (!chunk) throw new Error(`chunk ${number} of the file ${upload.id} is missing`);
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
