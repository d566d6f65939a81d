import { lstatSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A folder, and all above it. */
export function* foldersUpward(folder: string): Generator<string> {
  for (let current = resolve(folder); ; current = dirname(current)) {
    yield current;
    if (dirname(current) === current) return;
  }
}

/** A link is there also where what it leads to is not: whoever set it wants that read, and nothing in its place. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // What stands above may not be looked through.
    return false;
  }
}

/** The nearest file of that name in a folder or above; `null` where there is none. */
export function findUpward(folder: string, name: string): string | null {
  for (const one of foldersUpward(folder)) if (isThere(join(one, name))) return join(one, name);
  return null;
}

/**
 * Of what somebody else may have put there for others to find: it is another user's, in a folder that everybody can
 * write to, as /tmp is. What a module or URL in it says would be done with the rights of whoever finds it, and what is
 * written there is that user's to replace. `null` of anything else, and where there is nothing.
 */
export function describePlanted(path: string): string | null {
  const own = process.getuid?.();
  // Of a link: who made the link.
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (own === undefined || found === undefined || found.uid === own || found.uid === 0) return null;
  if ((statSync(dirname(path)).mode & 0o002) === 0) return null;
  return `${path} is another user's, in a folder that everybody can write to`;
}
