import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { MAX_UPLOAD_BYTES } from '../../../contract/limits.ts';
import { findContradictions, missingProblem, type Problem } from '../../../contract/problems.ts';

/** How much of an oversized upload is still read, unkept, so that the client sees the refusal. */
const DRAIN_BYTES = 8 * MAX_UPLOAD_BYTES;
const FIELD = 'file';

export type FileResult =
  | { kind: 'file' }
  | { kind: 'too_large' }
  /** The client is gone: nobody waits for an answer. */
  | { kind: 'aborted' }
  | { kind: 'problem'; problem: Problem };

/** Where the file goes, piece by piece; the sender waits while a piece is being written. */
export interface FileSink {
  begin(fileName: string): Promise<void>;
  write(piece: Buffer): Promise<void>;
}

/**
 * Reads `multipart/form-data` with exactly one part called `file`; other parts are passed over, unless they
 * say otherwise than the headers. What the sink got is of use only when the result is `file`.
 *
 * @param said what a part may say, but not otherwise.
 * @throws what the sink throws.
 */
export async function readMultipart(
  request: IncomingMessage,
  sink: FileSink,
  said: Parameters<typeof findContradictions>[1],
): Promise<FileResult> {
  const stated = Number(request.headers['content-length'] ?? 0);
  if (stated > DRAIN_BYTES) return { kind: 'too_large' };
  const parser = openParser(request);
  if (!parser) {
    request.resume();
    return missing(describeNoForm(request.headers['content-type']));
  }

  let files = 0;
  const others = new Set<string>();
  let asText = false;
  let contradiction: Problem | undefined;
  let size = 0;
  let received = 0;
  let sinkError: unknown;
  let storing: Promise<void> | undefined;
  const store = async (stream: Readable, fileName: string) => {
    await sink.begin(fileName);
    for await (const piece of stream as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size <= MAX_UPLOAD_BYTES) await sink.write(piece);
    }
  };

  const ended = await new Promise<'whole' | 'broken' | 'aborted' | 'too_large'>((resolve) => {
    parser.on('file', (name, stream, info) => {
      // A stream that is cut short fails with the parser, which is what is judged.
      stream.on('error', () => {});
      if (name !== FIELD) others.add(name ?? '');
      if (name !== FIELD || ++files > 1) return void stream.resume();
      storing = store(stream, info.filename ?? '').catch((error) => {
        if (stream.errored || error.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
        sinkError = error;
        parser.destroy();
      });
    });
    parser.on('field', (name, value) => {
      if (name === FIELD) asText = true;
      contradiction ??= findContradictions({ [name]: value }, said)[0];
    });
    parser.on('error', () => resolve('broken'));
    parser.on('close', () => resolve('whole'));
    request.on('data', (piece: Buffer) => {
      received += piece.length;
      if (received <= DRAIN_BYTES) return;
      resolve('too_large');
      parser.destroy();
    });
    request.on('error', () => {});
    request.on('close', () => {
      if (request.complete) return;
      resolve('aborted');
      parser.destroy(new Error('aborted'));
    });
    request.pipe(parser);
  });
  request.unpipe(parser);
  request.resume();
  await storing;
  if (sinkError !== undefined) throw sinkError;

  if (ended === 'aborted' || ended === 'too_large') return { kind: ended };
  if (ended === 'broken') return problem('the multipart body is broken or ends too early');
  if (size > MAX_UPLOAD_BYTES) return { kind: 'too_large' };
  if (contradiction) return { kind: 'problem', problem: contradiction };
  if (files > 1) return problem(`${files} parts are called file, one is expected`);
  if (files === 0 && asText) return problem('Expected a file, received text: it lacks a filename');
  if (files === 0) return missing(describeOthers(others));
  if (size === 0) return problem('the file is empty');
  return { kind: 'file' };
}

/** `null` when the request is not a form at all. */
function openParser(request: IncomingMessage): busboy.Busboy | null {
  if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) return null;
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      // One more than allowed, so that what is too large is seen; the rest of it is skipped.
      limits: { fileSize: MAX_UPLOAD_BYTES + 1, fieldSize: 64 * 1024, fields: 100, files: 10, parts: 100 },
    });
  } catch {
    return null;
  }
}

/** As pydantic says it, and what was there instead. */
function missing(instead: string): FileResult {
  const problem = missingProblem(['body', FIELD], null);
  return { kind: 'problem', problem: { ...problem, msg: `${problem.msg}: ${instead}` } };
}

function describeNoForm(type: string | undefined): string {
  if (type === undefined)
    return 'the request has no Content-Type; send multipart/form-data with a part called file';
  if (/^multipart\/form-data\b/i.test(type))
    return 'the Content-Type names no boundary: let your HTTP library write that header';
  return `the Content-Type is ${type.split(';')[0]!.trim().slice(0, 100)}; send multipart/form-data with a part called file`;
}

function describeOthers(names: Set<string>): string {
  if (names.size === 0) return 'no part of the form is a file; curl writes one with -F file=@cv.pdf';
  const shown = [...names].slice(0, 5).map((name) => JSON.stringify(name.slice(0, 50)));
  return `the file must be in a part called file, and is in ${shown.join(', ')}`;
}

function problem(msg: string): FileResult {
  return {
    kind: 'problem',
    problem: { type: 'value_error', loc: ['body', FIELD], msg: `Value error, ${msg}`, input: null },
  };
}
