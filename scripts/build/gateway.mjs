// What runs the gateway: the library, `dev` and `exec`, and what they load by need or start.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { common, dense, devtoolsStub, root, undiciParts, widthsWhenCalled } from '../esbuild-parts.mjs';
import { build, buildInMemory, esmBanner, transform } from './run-esbuild.mjs';

/** Commands that run a gateway are built with it, and share its parts. */
export const GATEWAY_COMMANDS = ['dev', 'exec'];

/**
 * What the gateway loads by need and the package has anyway: scenarios are run in process by what `carvos run` runs them
 * by, and a signature is explained by what is published for that.
 */
const loadedByNeed = {
  name: 'loaded-by-need',
  setup(hooks) {
    hooks.onResolve({ filter: /\/signing\/diagnose\/diagnose\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: '../signing.cjs', external: true } : undefined,
    );
    hooks.onResolve({ filter: /\/cli\/run\/in-process\.ts$/ }, () => ({
      path: '../esm/scenarios.js',
      external: true,
    }));
  },
};

/**
 * Packages of the gateway that are not needed before its first answer, each in a file of its own: Node reads and
 * compiles a whole file, whatever is used of it. Those whose names stand here are loaded when one is first used, the
 * others with what imports them (server/app.ts, which waits for its first request).
 */
const LATE_PACKAGES = {
  express: {},
  busboy: {},
  'file-type': {},
  undici: { names: ['Agent', 'Client', 'buildConnector'] },
};
const packagesOutside = {
  name: 'packages-outside',
  setup(hooks) {
    const filter = new RegExp(`^(?:${Object.keys(LATE_PACKAGES).join('|')})$`);
    hooks.onResolve({ filter }, ({ path }) => ({ path, namespace: 'late' }));
    hooks.onResolve({ filter: /^\.\.\/packages\// }, ({ path }) => ({ path, external: true }));
    hooks.onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => {
      const load = `require('../packages/${path}.cjs')`;
      const getters = LATE_PACKAGES[path].names?.map((name) => `get ${name}() { return ${load}.${name}; }`);
      return { contents: `module.exports = ${getters ? `{ ${getters.join(', ')} }` : load};`, loader: 'js' };
    });
  },
};

/**
 * A test suite's fake timers replace globals, and the functions of node:timers, while the gateway runs in the
 * same process. The library, and all that is bundled for it, keeps those that were there when it was loaded.
 */
const capturedTimers = {
  name: 'captured-timers',
  setup(hooks) {
    const path = '../captured-timers.cjs';
    hooks.onResolve({ filter: /^captured-timers$/ }, () => ({ path, external: true }));
    hooks.onResolve({ filter: /^(?:node:)?timers(?:\/promises)?$/ }, ({ path }) => ({
      path,
      namespace: 'captured',
    }));
    hooks.onLoad({ filter: /.*/, namespace: 'captured' }, ({ path }) => ({
      contents: `module.exports = require('captured-timers').${path.endsWith('/promises') ? 'promises' : 'timers'};`,
      loader: 'js',
    }));
  },
};

/** What a file that was an ES module needs of one, where its text asks for it. */
const MODULE_URL = "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;";

/**
 * Builds entries that share their parts, all of it CommonJS. esbuild splits ES modules alone, so what it made is
 * written a second time, one file at a time.
 */
async function buildSplit(options) {
  const outExtension = { '.js': '.cjs' };
  const result = await buildInMemory({ ...options, format: 'esm', splitting: true, outExtension });
  for (const { path, text } of result.outputFiles) {
    // For an `import` of CommonJS, Node first reads all of the file to find its names.
    const required = text.replaceAll(
      /\bimport\(("\.[^"]+\.cjs")\)/g,
      'Promise.resolve().then(()=>require($1))',
    );
    const { code, map } = await transform(required, {
      ...dense,
      format: 'cjs',
      platform: 'node',
      target: common.target,
    });
    // Node keeps a file with one character beyond Latin in twice the memory.
    const beyond = /.{0,40}[^\0-\xff]/.exec(code);
    if (beyond && !map) throw new Error(`${path}: write this character as \\u…: ${beyond[0]}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code.includes('__importMetaUrl') ? MODULE_URL + code : code);
    if (map) writeFileSync(`${path}.map`, map);
  }
  return result;
}

/**
 * The gateway, once, as CommonJS, with the commands that run one. `import` gets the same one through a file that names
 * its exports: two copies would be twice the size, and two kinds of every error class in a process that uses both.
 */
export async function buildGateway() {
  const gateway = { ...common, ...dense, inject: ['scripts/captured-globals.mjs'] };
  for (const folder of ['gateway', 'packages'])
    rmSync(join(root, 'dist', folder), { recursive: true, force: true });
  const results = await Promise.all([
    build({
      ...common,
      entryPoints: ['scripts/captured-timers.cjs'],
      outfile: 'dist/captured-timers.cjs',
      format: 'cjs',
    }),
    buildSplit({
      ...gateway,
      entryPoints: [
        'src/emulator/index.ts',
        ...GATEWAY_COMMANDS.map((name) => `src/cli/commands/${name}.ts`),
      ],
      entryNames: '[name]',
      chunkNames: '[name]-[hash]',
      outdir: 'dist/gateway',
      // `import.meta.url` has no meaning in CommonJS; this is the same thing there.
      define: { ...common.define, 'import.meta.url': '__importMetaUrl' },
      plugins: [capturedTimers, packagesOutside, loadedByNeed, devtoolsStub, widthsWhenCalled],
    }),
    build({
      ...gateway,
      format: 'cjs',
      entryPoints: Object.keys(LATE_PACKAGES),
      outdir: 'dist/packages',
      outExtension: { '.js': '.cjs' },
      plugins: [capturedTimers, undiciParts],
    }),
  ]);
  writeFileSync(join(root, 'dist/index.cjs'), "module.exports = require('./gateway/index.cjs');\n");
  const names = Object.keys(createRequire(import.meta.url)(join(root, 'dist/index.cjs')));
  const source = `import { createRequire } from 'node:module';
export const { ${names.join(', ')} } = createRequire(import.meta.url)('./index.cjs');
`;
  writeFileSync(join(root, 'dist/index.js'), source);
  return results;
}

/** The thread that reads CVs and the process that reads snapshots are files of their own, beside whatever runs the gateway. */
export function buildHelpers() {
  const entries = {
    'cv-text-thread': 'src/emulator/processing/cv-text/thread.ts',
    'snapshot-reader': 'src/emulator/snapshot/reader-process.ts',
  };
  return Promise.all(
    Object.entries(entries).map(([name, entry]) =>
      build({
        ...common,
        entryPoints: [entry],
        outfile: `dist/${name}.mjs`,
        format: 'esm',
        minify: true,
        banner: esmBanner,
      }),
    ),
  );
}
