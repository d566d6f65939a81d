import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { parseObject } from '../body.ts';
import { CliError } from '../errors.ts';
import { fileProblem, type Io, MAX_BODY_BYTES, tooLarge } from '../io.ts';
import { openSource } from '../open-source.ts';

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

/** What a source holds: one body, or many, a line each. */
export type EventSource =
  | { kind: 'one'; bytes: Buffer }
  | { kind: 'many'; lines: AsyncIterable<EventLine>; close(): void };

/** Whether the name alone says that a file is NDJSON. */
export function isNdjsonName(source: string): boolean {
  return /\.(?:ndjson|jsonl)$/i.test(source);
}

/**
 * Opens a file of NDJSON. It is read as it is sent.
 *
 * @throws CliError (exit 2) when there is no such file.
 */
export function openNdjsonFile(io: Io, source: string): EventSource {
  let stream: Readable;
  try {
    stream = openSource(resolve(io.cwd, source));
  } catch (error) {
    throw unreadable(source, error);
  }
  return { kind: 'many', lines: readLines(guarded(stream, source)), close: () => stream.destroy() };
}

/**
 * Opens standard input. It is NDJSON when told so, or when its first line is a JSON object and something
 * follows: one body that goes over several lines does not begin with a whole object.
 *
 * @throws CliError (exit 2) for one body that is longer than 64 MiB.
 */
export async function openStdin(io: Io, ndjson: boolean): Promise<EventSource> {
  const stream = io.stdin as AsyncIterable<Buffer>;
  const close = () => void io.stdin.destroy();
  if (ndjson) return { kind: 'many', lines: readLines(stream), close };
  const iterator = stream[Symbol.asyncIterator]();
  const gathered = createGathering();
  for (;;) {
    const { value, done } = await iterator.next();
    if (!done) gathered.add(value);
    // What says nothing new is not looked at again: endless empty lines would take the square of their length.
    if (!done && (!value.includes(LINE_FEED) || isBlank(value))) continue;
    const head = Buffer.concat(gathered.chunks);
    const shape = shapeOf(head, done === true);
    if (shape === 'many') return { kind: 'many', lines: readLines(rest(head, iterator)), close };
    if (done) return { kind: 'one', bytes: head };
    if (shape === 'one') {
      const tail = createGathering([head]);
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) tail.add(next.value);
      const bytes = Buffer.concat(tail.chunks);
      // One wrong line at the beginning does not make NDJSON a single body.
      if (shapeOf(bytes, true) !== 'many') return { kind: 'one', bytes };
      return { kind: 'many', lines: readLines(rest(bytes, null)), close };
    }
  }
}

/** Parts of what may be one body, which is bounded; many are not. */
function createGathering(first: Buffer[] = []): { chunks: Buffer[]; add(chunk: Buffer): void } {
  const chunks = first;
  let total = first.reduce((sum, { length }) => sum + length, 0);
  return {
    chunks,
    add(chunk) {
      total += chunk.length;
      if (total > MAX_BODY_BYTES) throw tooLarge('standard input');
      chunks.push(chunk);
    },
  };
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === LINE_FEED);
}

/** What the beginning says; `null` when more is needed. With `whole`, there is no more. */
function shapeOf(bytes: Buffer, whole: boolean): 'one' | 'many' | null {
  const filled: Buffer[] = [];
  let start = 0;
  while (filled.length < 2) {
    const end = bytes.indexOf(LINE_FEED, start);
    const line = trim(bytes.subarray(start, end === -1 ? bytes.length : end));
    if (line.length > 0 && (end !== -1 || whole || filled.length === 1)) filled.push(line);
    if (end === -1) break;
    start = end + 1;
  }
  const [first, second] = filled;
  if (first === undefined) return null;
  const isObject = parseObject(first) !== null;
  if (isObject) return second === undefined ? null : 'many';
  if (!whole) return 'one';
  const lateStart = second !== undefined && parseObject(second) !== null && parseObject(bytes) === null;
  return lateStart ? 'many' : 'one';
}

async function* rest(head: Buffer, iterator: AsyncIterator<Buffer> | null): AsyncGenerator<Buffer> {
  yield head;
  if (iterator === null) return;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

/** Lines of a stream, as it comes: nothing but the line under way is held. */
export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<EventLine> {
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

/** Without the CR of a CR LF, and without a line of white space; a first line also without a byte order mark. */
function trim(line: Buffer, isFirst = false): Buffer {
  let bytes = line;
  if (isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
  if (bytes.at(-1) === 0x0d) bytes = bytes.subarray(0, -1);
  return bytes.every((byte) => byte === 0x20 || byte === 0x09) ? bytes.subarray(0, 0) : bytes;
}

async function* guarded(stream: Readable, source: string): AsyncGenerator<Buffer> {
  try {
    yield* stream;
  } catch (error) {
    // Closed by us at a signal: that is its end, and no fault of the file.
    if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return;
    throw unreadable(source, error);
  }
}

function unreadable(source: string, error: unknown): CliError {
  return new CliError(`cannot read ${source}: ${fileProblem(error)}`, {
    next: 'give a file, - or the name of an event',
    cause: error,
  });
}
