// Builds dist/ before the tests, unless it is whole and newer than what it is made of: `npm cit` has just built it.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['src', 'scripts', 'bin', 'package.json', 'package-lock.json', 'tsconfig.json'];
/** What the build without types leaves as it was, and what every build writes at its end. */
const WRITTEN = ['dist/index.d.ts', 'dist/contents.json'].map((name) => join(root, name));
/** What that for coverage adds. */
const SOURCE_MAP = join(root, 'dist/cli.cjs.map');

const isWhole = WRITTEN.every((path) => existsSync(path)) && !existsSync(SOURCE_MAP);
if (!isWhole || WRITTEN.some((path) => statSync(path).mtimeMs <= newest())) await import('./build.mjs');

/** When something was written last, a folder where something was added or removed included: milliseconds. */
function newest() {
  const paths = SOURCES.map((name) => join(root, name)).flatMap((path) =>
    statSync(path).isDirectory()
      ? [path, ...readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))]
      : [path],
  );
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}
