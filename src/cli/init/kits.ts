import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../files/draft-file.ts';
import { readOwnFile } from '../../files/own-parts.ts';
import { CliError } from '../terminal/errors.ts';

/** A helper and an example for a test framework: from fixtures/kits, which the build copies into the package. */
export const KITS = {
  pytest: { files: ['tests/carvos_kit.py', 'tests/test_carvos.py'], next: 'pytest tests' },
  unittest: {
    files: ['tests/carvos_kit.py', 'tests/test_carvos.py'],
    next: 'python3 -m unittest discover tests',
  },
  junit5: { files: ['src/test/java/CarvosKit.java', 'src/test/java/CarvosTest.java'], next: 'mvn test' },
  phpunit: { files: ['tests/CarvosKit.php', 'tests/CarvosTest.php'], next: 'vendor/bin/phpunit tests' },
  vitest: { files: ['test/carvos-kit.ts', 'test/carvos.test.ts'], next: 'npx vitest run' },
  jest: { files: ['test/carvos-kit.js', 'test/carvos.test.js'], next: 'npx jest' },
  dotnet: { files: ['CarvosKit.cs', 'CarvosTest.cs'], next: 'dotnet test' },
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
): readonly string[] {
  const { files } = KITS[kit];
  const present = files.filter((file) => existsSync(join(folder, file)));
  if (present.length > 0 && !force) {
    throw new CliError(`${present.join(' and ')} ${present.length === 1 ? 'exists' : 'exist'} already`, {
      where: folder,
      next: 'add --force to overwrite',
    });
  }
  const texts = files.map((file) => readOwnFile(`kits/${kit}/${file}`));
  if (texts.includes(null)) {
    throw new CliError(`the files of the kit ${kit} are missing`, {
      next: 'install the package again, or npm run build in the checkout',
    });
  }
  for (const [index, file] of files.entries()) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    replaceFile(path, texts[index]!, mode(path));
  }
  return files;
}
