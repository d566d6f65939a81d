import { fstatSync, readSync, statSync, writeSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';
import { createIo, type Io } from './io.ts';

/**
 * Input and output for what reads once and prints once (`--version`, `--help`, `sign`, `verify`): by plain
 * system calls, since opening Node's streams takes half as long as starting Node does. A terminal keeps its
 * streams. Signals are left to the system: a blocked read must end with them.
 */
export function createDirectIo(): Io {
  const io = createIo();
  if (process.platform === 'win32') return io;
  // Onto the object itself: copying it would open the streams.
  if (isPlain(1)) Object.defineProperty(io, 'stdout', { value: directStdout() });
  if (isPlain(0)) Object.assign(io, { readStdin: readDirectly });
  return io;
}

/** A pipe, socket, file or /dev/null: nothing that a person sits at. */
function isPlain(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return !stat.isCharacterDevice() || stat.rdev === statSync('/dev/null').rdev;
  } catch {
    return false;
  }
}

function directStdout(): NodeJS.WriteStream {
  const write = (text: string): boolean => {
    const bytes = Buffer.from(text, 'utf8');
    for (let from = 0; from < bytes.length; ) {
      try {
        from += writeSync(1, bytes, from);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') process.exit(EXIT.ok);
        if (code !== 'EAGAIN') throw error;
        // Somebody made it non-blocking; the stream waits until there is room.
        return process.stdout.write(bytes.subarray(from));
      }
    }
    return true;
  };
  return { isTTY: false, write } as unknown as NodeJS.WriteStream;
}

/** All of standard input, or what could be had before the stream has to go on. */
function readDirectly(): { bytes: Buffer; ended: boolean } {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    let length: number;
    try {
      length = readSync(0, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      return { bytes: Buffer.concat(chunks), ended: false };
    }
    if (length === 0) return { bytes: Buffer.concat(chunks), ended: true };
    chunks.push(chunk.subarray(0, length));
  }
}
