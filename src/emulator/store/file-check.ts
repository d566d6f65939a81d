import { statSync } from 'node:fs';
import { DatabaseGoneError } from './storage-trouble.ts';

/**
 * Remembers which files stand under the names of an open database, and tells later whether they still do: what is
 * written into a file without a name is lost with the process. A look costs some microseconds.
 *
 * @returns the function that looks; `null` as long as all is well.
 */
export function createFileCheck(path: string): () => DatabaseGoneError | null {
  const opened = [path, `${path}-wal`].map((name) => ({ name, file: fileAt(name) }));
  return () => {
    for (const { name, file } of opened) {
      const found = fileAt(name);
      if (found === file) continue;
      const what = found === null ? 'deleted or moved away' : 'replaced by another file';
      return new DatabaseGoneError(
        `${name} was ${what} while carvos used it: nothing is accepted until it is back; or stop carvos and start it again`,
      );
    }
    return null;
  };
}

/** `null` where there is none. */
function fileAt(name: string): string | null {
  const found = statSync(name, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}
