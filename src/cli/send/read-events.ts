import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { byteOrderOf } from '../../files/decode-text.ts';
import { CliError } from '../terminal/errors.ts';
import { fileProblem, type Io } from '../terminal/io.ts';
import { openSource } from '../terminal/open-source.ts';

/** Longest line that is kept; the gateway takes bodies of 1 MiB (contract, section 3). */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const LINE_FEED = 0x0a;

/** A line of NDJSON, without its line break. */
export interface EventLine {
  /** From 1; empty lines count, but are left out. */
  number: number;
  bytes: Buffer;
  tooLong: boolean;
}

/** Whether the name alone says that a file is NDJSON. */
export function isNdjsonName(source: string): boolean {
  return /\.(?:ndjson|jsonl)$/i.test(source);
}

/**
 * Opens NDJSON: a file, or `-` for standard input.
 *
 * @throws CliError (exit 2) when there is no such file.
 */
export function openNdjson(io: Io, source: string) {
  const stream = source === '-' ? (io.stdin as Readable) : openFile(io, source);
  let closed = false;
  return {
    lines: readLines(untilClosed()),
    /** Ends reading, so that the process can end. */
    close() {
      closed = true;
      stream.destroy();
    },
  };

  async function* untilClosed(): AsyncGenerator<Buffer> {
    try {
      yield* asUtf8(stream as AsyncIterable<Buffer>);
    } catch (error) {
      // What is closed here ends early, which is no failure.
      if (!closed) throw source === '-' ? error : unreadable(source, error);
    }
  }
}

function openFile(io: Io, source: string): Readable {
  try {
    return openSource(resolve(io.cwd, source));
  } catch (error) {
    throw unreadable(source, error);
  }
}

/** UTF-16, as some shells pipe it, piece by piece as UTF-8; anything else as it comes. */
async function* asUtf8(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: InstanceType<typeof TextDecoder> | null | undefined;
  let start: Buffer = Buffer.alloc(0);
  for await (const piece of stream) {
    if (decoder === null) {
      yield piece;
      continue;
    }
    start = Buffer.concat([start, piece]);
    if (decoder === undefined && start.length < 4) continue;
    if (decoder === undefined) {
      const order = byteOrderOf(start);
      decoder = order === null ? null : new TextDecoder(order === 'little' ? 'utf-16le' : 'utf-16be');
    }
    yield decoder === null ? start : Buffer.from(decoder.decode(start, { stream: true }));
    start = start.subarray(0, 0);
  }
  yield start;
}

/** Lines of a stream, as it comes: only the line being read is kept. */
async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<EventLine> {
  let parts: Buffer[] = [];
  let length = 0;
  let number = 0;
  const take = (): EventLine | null => {
    number++;
    const tooLong = length > MAX_LINE_BYTES;
    const bytes = trim(Buffer.concat(parts), number === 1);
    parts = [];
    length = 0;
    return bytes.length === 0 && !tooLong ? null : { number, bytes, tooLong };
  };
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      start = end + 1;
      const line = take();
      if (line !== null) yield line;
    }
    add(chunk.subarray(start));
  }
  const last = take();
  if (last !== null) yield last;

  function add(part: Buffer): void {
    length += part.length;
    if (length <= MAX_LINE_BYTES) parts.push(part);
  }
}

/** Without the CR of a CR LF, and without a line of whitespace; a first line also without a byte order mark. */
function trim(line: Buffer, isFirst: boolean): Buffer {
  let bytes = line;
  if (isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
  if (bytes.at(-1) === 0x0d) bytes = bytes.subarray(0, -1);
  return bytes.every((byte) => byte === 0x20 || byte === 0x09) ? bytes.subarray(0, 0) : bytes;
}

function unreadable(source: string, error: unknown): CliError {
  return new CliError(`cannot read ${source}: ${fileProblem(error)}`, {
    next: 'give a file, - or the name of an event',
    cause: error,
  });
}
