import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From `dist/esm/chunks`, and from a folder of the sources, to the project's root. */
const LEVELS = 5;

/** A built file that runs apart: beside the code that runs, above it, or in `dist` where the sources run themselves. */
export function findBuilt(file: string): string | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level <= LEVELS; level++) {
    for (const path of [join(folder, file), join(folder, 'dist', file)]) if (existsSync(path)) return path;
    folder = dirname(folder);
  }
  return null;
}
