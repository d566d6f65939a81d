import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../files/draft-file.ts';
import { findBuilt } from '../../files/find-built.ts';
import { CliError } from '../terminal/errors.ts';

/** A helper and an example for a test framework: from fixtures/kits, which the build copies into the package. */
export const KITS = {
  pytest: { for: 'Python', next: 'pytest tests' },
  unittest: { for: 'Python', next: 'python3 -m unittest discover tests' },
  junit5: { for: 'Java', next: 'mvn test' },
  phpunit: { for: 'PHP', next: 'vendor/bin/phpunit tests' },
  vitest: { for: 'TypeScript', next: 'npx vitest run' },
  jest: { for: 'JavaScript', next: 'npx jest' },
  dotnet: { for: 'C#', next: 'dotnet test' },
} as const;
export type Kit = keyof typeof KITS;

/**
 * Writes the files of a kit into a folder, all or none.
 *
 * @param mode the rights of a file that is new or replaced.
 * @returns their paths within the folder.
 * @throws CliError (exit 2) where one of them exists and `force` is not set.
 */
export function writeKit(
  kit: Kit,
  folder: string,
  { force, mode }: { force: boolean; mode: (path: string) => number },
): string[] {
  const source = findBuilt(join('kits', kit));
  if (source === null) {
    throw new CliError(`the files of the kit ${kit} are missing`, {
      next: 'install carvos again, or npm run build in the checkout',
    });
  }
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1))
    .sort();
  const present = files.filter((file) => existsSync(join(folder, file)));
  if (present.length > 0 && !force) {
    throw new CliError(`${present.join(' and ')} ${present.length === 1 ? 'exists' : 'exist'} already`, {
      where: folder,
      next: 'add --force to overwrite',
    });
  }
  for (const file of files) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    replaceFile(path, readFileSync(join(source, file), 'utf8'), mode(path));
  }
  return files;
}
