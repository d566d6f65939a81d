import { basename } from 'node:path';
import { isAccepted, type PostOptions, type PostResult, postBytes } from '../../client/post-bytes.ts';
import { userAgent } from '../../contract/outgoing-headers.ts';
import { VERSION } from '../../contract/version.ts';
import { parseObject } from '../events/body.ts';
import { CliError } from '../terminal/errors.ts';
import { type Io, readBody } from '../terminal/io.ts';

export interface CvFile {
  name: string;
  bytes: Buffer;
}

/** @throws CliError (exit 2) when it cannot be read. */
export async function readCv(io: Io, source: string): Promise<CvFile> {
  const next = 'give the path of a PDF, DOC or DOCX';
  if (source === '-') throw new CliError('--cv takes a file, not standard input', { next });
  return { name: basename(source), bytes: await readBody(io, source, next) };
}

/** Events that take a CV (contract, section 4). */
export function takesCv(event: unknown): boolean {
  return typeof event === 'string' && /^(?:candidate|application)\.(?:created|updated)$/.test(event);
}

export interface CvUpload {
  result: PostResult;
  fileId: string | null;
  /** The gateway's answer, when it is a JSON object. */
  answer: Record<string, unknown> | null;
}

/** Uploads it as documented: `POST /uploads`, multipart field `file` (contract, section 4). */
export async function uploadCv(
  file: CvFile,
  to: Pick<PostOptions, 'url' | 'timeoutMs' | 'agent' | 'tls' | 'signal'> & {
    apiKey: string;
    clientId: string;
  },
): Promise<CvUpload> {
  const { apiKey, clientId, ...way } = to;
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(file.bytes)]), file.name);
  const encoded = new Response(form);
  const body = Buffer.from(await encoded.arrayBuffer());
  const headers = {
    'Content-Type': encoded.headers.get('content-type') ?? '',
    'User-Agent': userAgent(VERSION),
    'X-API-Key': apiKey,
    'X-ATS-Client-ID': clientId,
  };
  const result = await postBytes({ ...way, body, headers, start: 'carvos dev' });
  const answer = result.ok ? parseObject(result.body) : null;
  const id = isAccepted(result) ? answer?.carv_file_id : undefined;
  return { result, fileId: typeof id === 'string' ? id : null, answer };
}
