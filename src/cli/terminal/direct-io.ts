import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { readAvailable } from '../../files/read-whole.ts';
import { createIo, type Io, MAX_BODY_BYTES } from './io.ts';

/**
 * Input and output for what reads once and prints once (`--version`, `--help`, `sign`, `verify`): by plain
 * system calls where they do as well, since opening Node's streams takes a third of what starting Node does. A
 * terminal keeps its streams.
 */
export function createDirectIo(): Io {
  const io = createIo();
  if (process.platform === 'win32') return io;
  // Onto the object itself: copying it would open the streams.
  if (isPlain(1)) Object.defineProperty(io, 'stdout', { value: directStdout(io) });
  return Object.assign(io, { readStdin: readDirectly });
}

/** A pipe, socket, file or /dev/null: nothing that a person sits at. */
export function isPlain(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return !stat.isCharacterDevice() || stat.rdev === statSync('/dev/null').rdev;
  } catch {
    return false;
  }
}

function directStdout(io: Io): NodeJS.WriteStream {
  const write = (text: string): boolean => {
    const bytes = Buffer.from(text, 'utf8');
    for (let from = 0; from < bytes.length; ) {
      try {
        from += writeSync(1, bytes, from);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Whoever reads has seen enough, and the verdict stays what it is.
        if (code === 'EPIPE') process.exit(io.exitCode);
        if (code !== 'EAGAIN') throw error;
        // Somebody made it non-blocking; the stream waits until there is room.
        return process.stdout.write(bytes.subarray(from));
      }
    }
    return true;
  };
  return { isTTY: false, write } as unknown as NodeJS.WriteStream;
}

/**
 * Standard input as far as it is there: all of a file; of a pipe what does not have to be waited for, since
 * signals are deaf to whoever waits in a system call. `ended` tells whether the stream has to go on.
 */
function readDirectly(): { bytes: Buffer; ended: boolean } {
  const nothing = { bytes: Buffer.alloc(0), ended: false };
  let fd: number;
  try {
    const stat = fstatSync(0);
    if (!stat.isFile() && !stat.isFIFO()) return nothing;
    // Opened anew: what is set on 0 itself would hold for others that read from the same pipe.
    fd = stat.isFile() ? 0 : openSync('/dev/stdin', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return nothing;
  }
  try {
    return readAvailable(fd, MAX_BODY_BYTES);
  } finally {
    if (fd !== 0) closeSync(fd);
  }
}
