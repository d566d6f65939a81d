import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILE = 'cv-text-thread.mjs';
/** From `dist/esm/chunks`, and from this folder in the sources, to the project's root. */
const LEVELS = 5;

/** The built thread: beside the code that runs, above it, or in `dist` where the sources run themselves. */
export function findThread(): string | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level <= LEVELS; level++) {
    for (const path of [join(folder, FILE), join(folder, 'dist', FILE)]) if (existsSync(path)) return path;
    folder = dirname(folder);
  }
  return null;
}
