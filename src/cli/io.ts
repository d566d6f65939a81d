import { readFileSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from './errors.ts';

export type Signal = 'SIGINT' | 'SIGTERM';

/** The world as a command sees it. Commands touch neither `process` nor its streams directly. */
export interface Io {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** How the process will end when nothing throws. The entry applies it. */
  exitCode: number;
  /**
   * Called on SIGINT and SIGTERM instead of ending the process with 130 or 143; a command that has
   * something to drain sets it.
   */
  onSignal: ((signal: Signal) => void) | null;
  /** Reads standard input without its stream, where that is possible (`direct-io.ts`). */
  readonly readStdin?: () => { bytes: Buffer; ended: boolean };
}

export function createIo(): Io {
  return {
    // Getters: Node opens each stream at its first use, which takes milliseconds.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    env: process.env,
    cwd: process.cwd(),
    exitCode: 0,
    onSignal: null,
  };
}

/** All of standard input, byte for byte. */
export async function readStdin(io: Io): Promise<Buffer> {
  const read = io.readStdin?.();
  if (read?.ended) return read.bytes;
  const chunks: Buffer[] = read === undefined ? [] : [read.bytes];
  for await (const chunk of io.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What can be read without waiting; `ended` at the end of the file, or where a pipe has no writer. */
export function readAvailable(fd: number): { bytes: Buffer; ended: boolean } {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    let length: number;
    try {
      length = readSync(fd, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      return { bytes: Buffer.concat(chunks), ended: false };
    }
    if (length === 0) return { bytes: Buffer.concat(chunks), ended: true };
    chunks.push(chunk.subarray(0, length));
  }
}

/**
 * A body from a file, or from standard input for `-`, byte for byte.
 *
 * @throws CliError (exit 2) when the file cannot be read.
 */
export async function readBody(io: Io, source: string): Promise<Buffer> {
  if (source === '-') return await readStdin(io);
  try {
    return readFileSync(resolve(io.cwd, source));
  } catch (error) {
    throw new CliError(`cannot read ${source}: ${fileProblem(error)}`, {
      next: 'give a file, or - for standard input',
      cause: error,
    });
  }
}

/** A file system error in words. */
export function fileProblem(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EEXIST') return 'it exists already';
  return code ?? (error instanceof Error ? error.message : String(error));
}
