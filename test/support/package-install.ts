import { execFile } from 'node:child_process';
import { cpSync, existsSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sharedFolder } from './folder.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface PackedFile {
  path: string;
  size: number;
  mode: number;
}

export interface Packed {
  tarball: string;
  files: PackedFile[];
  /** Bytes. */
  size: number;
  unpackedSize: number;
}

/** What npm adds for its scripts must not reach the npm, and the programs, that a test starts. */
export const USER_ENV = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(?:npm_|CARVOS_|INIT_CWD|NODE_OPTIONS|VITEST)/i.test(name))
    .map((name) => [name, undefined]),
);

/** @throws what npm says, when it fails. */
function npm(args: string[], cwd: string) {
  const { CA_CERTS_OF_NPM: NODE_EXTRA_CA_CERTS, ...env } = process.env; // global-setup.ts took it from the tests
  const settings = { cwd, env: { ...env, NODE_EXTRA_CA_CERTS, ...USER_ENV }, maxBuffer: 1 << 24 };
  return promisify(execFile)('npm', args, settings);
}

/** A folder for all tests of a file. */
export function suiteFolder(): string {
  return realpathSync(sharedFolder());
}

/** Packs what is built; nothing is built anew, since other tests use the same dist/. */
export async function packPackage(folder: string): Promise<Packed> {
  if (!existsSync(join(ROOT, 'dist/index.d.ts')))
    throw new Error('dist has no types: run npm run build first');
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await npm(args, ROOT);
  const parsed = JSON.parse(stdout);
  const [packed] = Object.values(parsed) as [
    { filename: string; files: PackedFile[]; size: number; unpackedSize: number },
  ];
  return { ...packed, tarball: join(folder, packed.filename) };
}

/**
 * Installs a tarball in a folder as a user does, but for one thing: better-sqlite3 is not compiled, which takes
 * a minute where there is no prebuilt binary. It gets the one that `npm ci` made for this checkout.
 */
export async function installPackage(folder: string, tarball: string): Promise<void> {
  const args = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball];
  await npm(args, folder);
  const built = dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json'));
  const binding = 'build/Release/better_sqlite3.node';
  cpSync(join(built, binding), join(folder, 'node_modules/better-sqlite3', binding), { recursive: true });
}

/** A folder with a `package.json` and nothing else. */
export function writeManifest(folder: string, manifest: Record<string, unknown>): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, ...manifest }));
}
