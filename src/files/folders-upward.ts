import { existsSync } from 'node:fs';
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
