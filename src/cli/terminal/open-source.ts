import { closeSync, constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';

/**
 * Opens whatever a path names, so that nothing waits in a system call: a signal would not be heard there, and
 * ending the process waits for its threads. A pipe without a writer is waited for by the event loop.
 *
 * @throws the file system's error.
 */
export function openSource(path: string): Readable {
  // Windows has neither the flag nor such pipes.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    if (stat.isFIFO()) return new Socket({ fd, readable: true, writable: false });
    return isatty(fd) ? new ReadStream(fd) : createReadStream(path, { fd });
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
