import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Lets git ignore a `.carvos` folder by itself: it holds a token and candidates' data. A `.gitignore` that is there
 * stays as it is; another folder is its owner's.
 */
export function ignoreOwnFolder(folder: string): void {
  if (basename(folder) !== '.carvos') return;
  try {
    writeFileSync(join(folder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    // A folder that is read-only is no reason to have no gateway.
    if (!['EEXIST', 'EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  }
}
