import { existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A folder, and all above it. */
export function* foldersUpward(folder: string): Generator<string> {
  for (let current = resolve(folder); ; current = dirname(current)) {
    yield current;
    if (dirname(current) === current) return;
  }
}

/** The nearest file of that name in a folder or above; `null` where there is none. */
export function findUpward(folder: string, name: string): string | null {
  for (const one of foldersUpward(folder)) if (existsSync(join(one, name))) return join(one, name);
  return null;
}

/**
 * Whether somebody else may have put a file or folder there for others to find: it is another user's, in a folder that
 * everybody can write to, as /tmp is. What a module or URL in it says would be done with the rights of whoever finds it.
 */
export function isPlanted(path: string): boolean {
  const own = process.getuid?.();
  if (own === undefined || (statSync(dirname(path)).mode & 0o002) === 0) return false;
  // Of a link: who made the link.
  const { uid } = lstatSync(path);
  return uid !== own && uid !== 0;
}
