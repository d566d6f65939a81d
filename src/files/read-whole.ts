import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs';

const PIPE_LIMIT_MS = 2000;

/**
 * All of a file that holds settings, or a certificate. Nothing is waited for where no signal is heard: a device holds
 * nothing, and a pipe may take two seconds.
 *
 * @param largest in MiB.
 * @throws Error in words, or the file system's.
 */
export function readWhole(path: string, largest: number): Buffer {
  const stat = statSync(path);
  const limit = largest * 1024 * 1024;
  if (stat.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  if (stat.isCharacterDevice()) return Buffer.alloc(0);
  if (!stat.isFIFO() && !stat.isFile()) throw new Error('it is not a file');
  const bytes = stat.isFIFO() ? readPipe(path, limit) : stat.size > limit ? null : readFileSync(path);
  if (bytes === null || bytes.length > limit) throw new Error(`it is larger than ${largest} MiB`);
  return bytes;
}

/** Some password stores give out `.env` by a pipe. Without a writer it would be waited for, deaf to every signal. */
function readPipe(path: string, limit: number): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const deadline = performance.now() + PIPE_LIMIT_MS;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    while (performance.now() < deadline) {
      const { bytes, ended } = readAvailable(fd, limit - total);
      if (bytes.length > 0) chunks.push(bytes);
      total += bytes.length;
      // Before a writer came there is an end, too.
      if (total > limit || (ended && chunks.length > 0)) return Buffer.concat(chunks);
      Atomics.wait(pause, 0, 0, 5);
    }
  } finally {
    closeSync(fd);
  }
  throw new Error(`nothing came out of the pipe within ${PIPE_LIMIT_MS / 1000} s`);
}

/**
 * What can be read without waiting; `ended` at the end of the file, or where a pipe has no writer. Stops a little
 * above `limit` bytes, since a fast writer leaves no end.
 */
export function readAvailable(fd: number, limit: number): { bytes: Buffer; ended: boolean } {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= limit; ) {
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
    total += length;
  }
  return { bytes: Buffer.concat(chunks), ended: false };
}
