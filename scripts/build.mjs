// Builds dist/. `--no-types` (or CARVOS_BUILD_TYPES=0) leaves the declaration files out.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCli, writeCompletions } from './build/cli.mjs';
import { buildGateway, buildHelpers } from './build/gateway.mjs';
import { buildPortal } from './build/portal.mjs';
import { build } from './build/run-esbuild.mjs';
import { buildSchemas } from './build/schemas.mjs';
import { common, root } from './esbuild-parts.mjs';
import { bundledPackages, packagesByFile, renderNotices } from './third-party-notices.mjs';

const withTypes = !process.argv.includes('--no-types') && process.env.CARVOS_BUILD_TYPES !== '0';

mkdirSync(join(root, 'dist'), { recursive: true });
// Beside all else: TypeScript fills one core, and esbuild's work is over long before.
const types = withTypes ? buildTypes() : null;
copyCmaps();
copyKits();
const built = await Promise.all([
  buildCli(),
  buildGateway(),
  buildSigning(),
  buildHelpers(),
  buildPortal(),
  buildSchemas(),
]);
const metafiles = built.flat().map(({ metafile }) => metafile);
writeFileSync(join(root, 'dist/THIRD-PARTY-NOTICES.txt'), renderNotices(bundledPackages(metafiles, root)));
writeFileSync(join(root, 'dist/contents.json'), `${JSON.stringify(packagesByFile(metafiles), null, 1)}\n`);
await writeCompletions();
await types;
dropLeftovers();

/** The declaration files, in a process of their own. */
async function buildTypes() {
  const program = spawn(process.execPath, [join(root, 'scripts/build/types.mjs')], { stdio: 'inherit' });
  const [code] = await once(program, 'exit');
  if (code !== 0) throw new Error('the declaration files were not built');
}

/** Small and meant to be read, so neither shortened nor shared. */
function buildSigning() {
  const parts = { ...common, entryPoints: ['src/signing/index.ts'] };
  return Promise.all([
    build({ ...parts, outfile: 'dist/signing.js', format: 'esm' }),
    build({ ...parts, outfile: 'dist/signing.cjs', format: 'cjs' }),
  ]);
}

/**
 * What pdf.js needs to read text in the encodings that PDF calls predefined (ISO 32000-1, 9.7.5.2): half of what it comes
 * with. The rest are forms of UTF-8 and UTF-32, which that list does not have.
 */
function copyCmaps() {
  const from = join(root, 'node_modules/pdfjs-dist/cmaps');
  const to = join(root, 'dist/cmaps');
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (!/UTF8|UTF32|JISX|JIS2004/.test(name)) copyFileSync(join(from, name), join(to, name));
  }
}

/** What `init --kit` writes. The kits for Python share their helper. */
function copyKits() {
  const from = join(root, 'fixtures/kits');
  const to = join(root, 'dist/kits');
  rmSync(to, { recursive: true, force: true });
  const kits = readdirSync(from).filter((name) => name !== 'python');
  for (const kit of kits) cpSync(join(from, kit), join(to, kit), { recursive: true });
  for (const kit of ['pytest', 'unittest']) cpSync(join(from, 'python'), join(to, kit), { recursive: true });
}

/** What an earlier build wrote and this one does not would be published with it. Types stay: not every build makes them. */
function dropLeftovers() {
  const written = new Set(metafiles.flatMap(({ outputs }) => Object.keys(outputs)));
  const others = /^(?:index\.c?js|(?:index|signing)\.d\.c?ts|contents\.json|THIRD-PARTY-NOTICES\.txt)$/;
  for (const entry of readdirSync(join(root, 'dist'), { withFileTypes: true })) {
    const kept = !entry.isFile() || written.has(`dist/${entry.name}`) || others.test(entry.name);
    if (!kept) rmSync(join(root, 'dist', entry.name));
  }
}
