import { existsSync, fstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { toUtf8 } from '../../files/decode-text.ts';
import { isThere } from '../../files/folders-upward.ts';
import { CliError } from './errors.ts';
import { neutralizeLine } from './neutralize.ts';

/** Most that is read as one body; the largest that CarvOS takes is a file of 10 MiB (contract, section 5). */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** What asks for an end. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type Signal = (typeof SIGNALS)[number];
/** npm and the terminal both pass one Ctrl-C on, within a millisecond: only a later one is a second. */
export const SAME_SIGNAL_MS = 500;

/** The world as a command sees it. Commands touch neither `process` nor its streams directly. */
export interface Io {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** How the process will end when nothing throws. The entry applies it. */
  exitCode: number;
  /** Set by a command that prints before it knows its exit code: it goes on where nobody reads any more. */
  goesOn?: boolean;
  /**
   * Called on a signal instead of ending the process with 130 (SIGINT) or 143; a command that has something to drain
   * sets it.
   */
  onSignal: ((signal: Signal) => void) | null;
  /** A line to standard error, once however often it is said: what is odd about a file that was read. */
  readonly warn?: (text: string) => void;
  /** Runs another command with an `Io` of its own, as the entry does: `run` of main.ts. */
  readonly call?: (argv: readonly string[], io: Io) => Promise<void>;
  /** Reads standard input without its stream, where that is possible (`direct-io.ts`). */
  readonly readStdin?: () => { bytes: Buffer; ended: boolean };
}

/** Standard error. Nobody may read it any more: then what is said is lost, and the exit code is what it would have been. */
export function openStderr(): NodeJS.WriteStream {
  const { stderr } = process;
  if (!stderr.listeners('error').includes(onStderrError)) stderr.on('error', onStderrError);
  return stderr;
}

function onStderrError(error: NodeJS.ErrnoException): void {
  if (!isUnread(error, 2)) throw error;
}

/** Whether nobody reads any more what was written: a pipe is closed, or a terminal is gone. A disk says EIO as well. */
export function isUnread({ code }: NodeJS.ErrnoException, fd: 1 | 2): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || (code === 'EIO' && !fstatSync(fd).isFile());
}

/** @param call runs another command. */
export function createIo(call?: Io['call']): Io {
  const told = new Set<string>();
  return {
    // Getters: Node opens each stream at its first use, which takes milliseconds.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return openStderr();
    },
    env: process.env,
    cwd: process.cwd(),
    exitCode: 0,
    onSignal: null,
    call,
    warn(text) {
      if (told.has(text)) return;
      told.add(text);
      openStderr().write(`carvos: ${neutralizeLine(text)}\n`);
    },
  };
}

/**
 * All of standard input, byte for byte.
 *
 * @throws CliError (exit 2) when it is longer than 64 MiB.
 */
async function readStdin(io: Io): Promise<Buffer> {
  const read = io.readStdin?.();
  if (read !== undefined && read.bytes.length > MAX_BODY_BYTES) throw tooLarge('standard input');
  if (read?.ended) return read.bytes;
  return await collect(io.stdin, 'standard input', read === undefined ? [] : [read.bytes]);
}

/**
 * A body from a file, or from standard input for `-`, byte for byte. A pipe or device is read as it comes.
 *
 * @throws CliError (exit 2) when the file cannot be read, or is longer than 64 MiB.
 */
export async function readBody(
  io: Io,
  source: string,
  next = 'give a file, or - for standard input',
): Promise<Buffer> {
  if (source === '-' || source === '/dev/stdin') return await readStdin(io);
  const path = resolve(io.cwd, source);
  try {
    const stat = statSync(path);
    if (stat.isFile() && stat.size > MAX_BODY_BYTES) throw tooLarge(source);
    if (stat.isFile()) return readFileSync(path);
    const { openSource } = await import('./open-source.ts');
    return await collect(openSource(path), source);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`cannot read ${source}: ${fileProblem(error)}`, { next, cause: error });
  }
}

/**
 * As `readBody`, for what is JSON or text: without a byte order mark, and as UTF-8 where it is UTF-16, which is told.
 *
 * @throws CliError (exit 2), as `readBody`.
 */
export async function readText(io: Io, source: string): Promise<{ bytes: Buffer; changed: boolean }> {
  const { bytes, was } = toUtf8(await readBody(io, source));
  if (was !== null) io.warn?.(`${nameOf(source)} is ${was}: taken as plain UTF-8`);
  return { bytes, changed: was !== null };
}

/** How a source is called in messages. */
export function nameOf(source: string): string {
  return source === '-' ? 'standard input' : source;
}

async function collect(stream: AsyncIterable<Buffer>, name: string, chunks: Buffer[] = []): Promise<Buffer> {
  let total = chunks.reduce((sum, { length }) => sum + length, 0);
  for await (const chunk of stream) {
    total += chunk.length;
    if (total > MAX_BODY_BYTES) throw tooLarge(name);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(name: string): CliError {
  return new CliError(`${name} is longer than 64 MiB`, { next: 'CarvOS takes a body of 1 MiB' });
}

export function fileProblem(error: unknown): string {
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && path) {
    if (isThere(path)) return 'its link leads nowhere';
    return existsSync(dirname(path)) ? 'no such file' : 'no such folder';
  }
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ENOTDIR' || (code === 'EEXIST' && syscall === 'mkdir')) return 'a part of its path is a file';
  if (code === 'EEXIST') return 'it exists already';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  if (code === 'EFBIG') return 'no file may become that large';
  if (code === 'EROFS') return 'the disk is read-only';
  if (code === 'ELOOP') return 'its links lead in a circle';
  return code ?? (error instanceof Error ? error.message : String(error));
}

/** What the file system said of a file, as an error for the user (exit 2); anything else as it is. */
export function fileError(error: unknown, name: string, doing: 'read' | 'write'): unknown {
  const { syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  return new CliError(`cannot ${doing} ${name}: ${fileProblem(error)}`, { cause: error });
}
