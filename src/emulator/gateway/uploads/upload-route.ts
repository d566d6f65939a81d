import { randomUUID } from 'node:crypto';
import type { Request, Router } from 'express';
import { MAX_FILE_NAME_LENGTH, UPLOAD_EXPIRY_MS } from '../../../contract/limits.ts';
import { CLIENT_HEADER, type Upload, USER_HEADER } from '../../../contract/rest.ts';
import type { Ats } from '../../ats/registry.ts';
import { answerJson } from '../../http/answer.ts';
import type { Store } from '../../store/store.ts';
import {
  CHUNK_BYTES,
  deleteUpload,
  finishUpload,
  getChunk,
  insertChunk,
  insertUpload,
} from '../../store/uploads.ts';
import { iso, wallNow } from '../../time/wall.ts';
import type { RestParts } from '../parts.ts';
import { type Headers, handleCall, RestRefusal, readTenant } from '../rest-request.ts';
import { detectType } from './detect-type.ts';
import { type FileSink, readMultipart } from './read-multipart.ts';

/** `POST /uploads` (contract, section 4): the one call without `/v1`, answered 200 when the file is stored. */
export function addUploadRoute(router: Router, parts: RestParts): void {
  const { store } = parts;

  const answer = handleCall(
    parts,
    () => undefined,
    async (ats, request, response, seen) => {
      const tenant = readTenant(store, ats, request, false);
      seen.envelope = { client_id: tenant.clientId };
      const upload = await receive(ats, tenant, request);
      if (!upload) return;
      parts.note('upload-expiry');
      if (upload.renamed) parts.note('upload-file-name');
      answerJson(response, 200, upload.answer);
      const { file_name, content_type, file_size, carv_file_id } = upload.answer;
      parts.tell(
        `upload stored: ${file_name}, ${content_type}, ${file_size} bytes, for ${tenant.clientId} of ${ats.id}: carv_file_id ${carv_file_id}`,
      );
    },
  );
  // Also when the client is gone: what is cleaned up then must not be in the content that comes after.
  router.post('/uploads', (request, response) => {
    const leave = parts.enter();
    return answer(request, response).finally(leave);
  });

  /** `null` when the client went away. Whatever does not end well leaves nothing behind. */
  async function receive(
    ats: Ats,
    { clientId, userId }: Headers,
    request: Request,
  ): Promise<{ answer: Upload; renamed: boolean } | null> {
    const id = randomUUID();
    const writer = createWriter(store, { id, ats_id: ats.id, client_id: clientId });
    let kept = false;
    try {
      const result = await readMultipart(request, writer, {
        client_id: { by: `the header ${CLIENT_HEADER}`, value: clientId },
        user_id: userId === '' ? null : { by: `the header ${USER_HEADER}`, value: userId },
      });
      if (result.kind === 'aborted') return null;
      if (result.kind === 'too_large') throw new RestRefusal('file_too_large');
      if (result.kind === 'problem') throw new RestRefusal('validation', [result.problem]);
      await writer.end();
      const { seq, size, fileName } = writer;
      const { type, seen } = await detectType({ size, chunk: (number) => getChunk(store, seq, number) });
      if (type === null)
        throw new RestRefusal(
          'unsupported_media_type',
          `File must be a PDF, DOC or DOCX document, and this is ${seen}`,
        );
      const now = wallNow();
      const file = { content_type: type, size, uploaded_at: now, expires_at: now + UPLOAD_EXPIRY_MS };
      await store.group.submit(() => finishUpload(store, seq, file));
      kept = true;
      const answer = {
        carv_file_id: id,
        file_name: fileName,
        content_type: type,
        file_size: size,
        uploaded_at: iso(file.uploaded_at),
        expires_at: iso(file.expires_at),
      };
      return { answer, renamed: writer.renamed };
    } finally {
      const { seq } = writer;
      if (!kept && seq > 0) await store.group.submit(() => deleteUpload(store, seq));
    }
  }
}

/** Cuts what comes into chunks of one size and stores each before it takes more. */
function createWriter(store: Store, owner: { id: string; ats_id: string; client_id: string }) {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let filled = 0;
  let number = 0;
  const flush = async () => {
    const data = chunk.subarray(0, filled);
    await store.group.submit(() => insertChunk(store, writer.seq, number, data));
    number++;
    filled = 0;
  };
  const writer = {
    /** 0 until the file has a name. */
    seq: 0,
    size: 0,
    fileName: '',
    /** Whether that is another than was sent. */
    renamed: false,
    async begin(name: string) {
      const fileName = tidyFileName(name);
      writer.fileName = fileName;
      writer.renamed = fileName !== name;
      writer.seq = await store.group.submit(() => insertUpload(store, { ...owner, file_name: fileName }));
    },
    async write(piece: Buffer) {
      writer.size += piece.length;
      for (let at = 0; at < piece.length; ) {
        const copied = piece.copy(chunk, filled, at);
        at += copied;
        filled += copied;
        if (filled === CHUNK_BYTES) await flush();
      }
    },
    async end() {
      if (filled > 0) await flush();
    },
  } satisfies FileSink & Record<string, unknown>;
  return writer;
}

const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * The last part of a name, without control characters and marks that turn the direction of writing, and
 * bounded, so that it can be shown anywhere. Files are never stored under their names.
 */
function tidyFileName(name: string): string {
  const last = name.replace(UNSAFE, '').split(/[/\\]/).at(-1)!.trim();
  if (last === '' || last === '.' || last === '..') return 'file';
  const letters = [...last];
  if (letters.length <= MAX_FILE_NAME_LENGTH) return last;
  const ending = /\.[a-z0-9]{1,8}$/i.exec(last)?.[0] ?? '';
  return letters.slice(0, MAX_FILE_NAME_LENGTH - ending.length).join('') + ending;
}
