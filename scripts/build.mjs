// Builds dist/. `--no-types` (or CARVOS_BUILD_TYPES=0) leaves the declaration files out.
//
// The entry is one CommonJS file with only what sign, verify, --version and --help need: see
// docs/architecture/packaging.md. Everything else is ESM with code splitting, loaded by need.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import {
  common,
  dense,
  devtoolsStub,
  noAjv,
  noChildProcess,
  root,
  undiciParts,
  widthsWhenCalled,
} from './esbuild-parts.mjs';
import { bundledPackages, packagesByFile, renderNotices } from './third-party-notices.mjs';

const commandsDir = join(root, 'src/cli/commands');
const LIGHT_COMMANDS = ['sign', 'verify'];
/**
 * Commands that are built with each other, and the rest as one more group: what a few share is a few chunks, what thirty
 * share is sixty, and each file costs a start about a millisecond. A group has copies of what other groups have too.
 */
const COMMAND_GROUPS = [
  ['dev', 'exec'],
  ['send', 'trigger'],
  ['check', 'listen', 'replay'],
  ['deliveries', 'trace'],
  ['config', 'doctor', 'env', 'open'],
  ['clock', 'fault', 'jobs', 'meeting', 'reset', 'snapshot', 'status', 'workspace'],
];
/** What a light command loads only when it needs it. */
const LOADED_LATE = ['src/cli/signatures/explain-signature.ts', 'src/contract/json-position.ts'];
/** For `npm run coverage`: nothing minified, and a source map beside each file, which Node does not look for. */
const forCoverage = process.env.CARVOS_BUILD_COVERAGE === '1';
const COMPLETION_ENTRY = join(root, 'src/cli/completion/generate.ts');
const withTypes = !process.argv.includes('--no-types') && process.env.CARVOS_BUILD_TYPES !== '0';

const readable = { minify: false, minifySyntax: false, minifyWhitespace: false, sourcemap: 'external' };
const build = (options) =>
  esbuild.build(forCoverage && options.write !== false ? { ...options, ...readable } : options);

// CommonJS packages inside an ESM bundle still call `require` for Node's own modules.
const esmBanner = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

/** Where under dist/esm a source file stands that the entry loads by need; undefined for what is bundled into it. */
function outsideOf(file) {
  const name = basename(file, '.ts');
  if (LOADED_LATE.includes(relative(root, file))) return name;
  return dirname(file) === commandsDir && !LIGHT_COMMANDS.includes(name) ? `commands/${name}` : undefined;
}

/** Heavy commands leave the CommonJS entry: their imports point to the ESM files beside it. */
const heavyCommandsOutside = {
  name: 'heavy-commands-outside',
  setup(hooks) {
    hooks.onResolve({ filter: /^commander$/ }, () => ({ path: './esm/commander.js', external: true }));
    hooks.onResolve({ filter: /^\.\.?\/.+\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const out = outsideOf(join(resolveDir, path));
      return out === undefined ? undefined : { path: `./esm/${out}.js`, external: true };
    });
  },
};

/**
 * `dev` and `exec` load the library: the gateway stands in the package once. By `require`, since for an `import` of
 * CommonJS Node first reads all of it to find its names, which takes longer than loading it.
 */
const gatewayOutside = {
  name: 'gateway-outside',
  setup(hooks) {
    hooks.onResolve({ filter: /\/emulator\/index\.ts$/ }, ({ path }) => ({ path, namespace: 'gateway' }));
    // From dist/esm/chunks.
    hooks.onResolve({ filter: /^\.\.\/\.\.\/index\.cjs$/ }, ({ path }) => ({ path, external: true }));
    hooks.onLoad({ filter: /.*/, namespace: 'gateway' }, () => ({
      contents: "export const { startEmulator } = require('../../index.cjs');",
      loader: 'js',
    }));
  },
};

/**
 * What the gateway loads by need and the package has anyway: scenarios are run in process by what `carvos run` runs them
 * by, and a signature is explained by what is published for that.
 */
const loadedByNeed = {
  name: 'loaded-by-need',
  setup(hooks) {
    hooks.onResolve({ filter: /\/signing\/diagnose\/diagnose\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './signing.cjs', external: true } : undefined,
    );
    hooks.onResolve({ filter: /\/cli\/run\/in-process\.ts$/ }, () => ({
      path: './esm/scenarios.js',
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
    hooks.onResolve({ filter: /^\.\/packages\// }, ({ path }) => ({ path, external: true }));
    hooks.onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => {
      const load = `require('./packages/${path}.cjs')`;
      const getters = LATE_PACKAGES[path].names?.map((name) => `get ${name}() { return ${load}.${name}; }`);
      return { contents: `module.exports = ${getters ? `{ ${getters.join(', ')} }` : load};`, loader: 'js' };
    });
  },
};

async function buildCli() {
  const commands = readdirSync(commandsDir)
    .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
    .map((file) => basename(file, '.ts'))
    .filter((name) => !LIGHT_COMMANDS.includes(name));
  const entryOf = (name) => ({ in: join(commandsDir, `${name}.ts`), out: `commands/${name}` });
  const others = commands
    .filter((name) => !COMMAND_GROUPS.flat().includes(name))
    .map(entryOf)
    .concat({ in: join(root, 'src/cli/run/in-process.ts'), out: 'scenarios' })
    .concat({ in: COMPLETION_ENTRY, out: 'completion/generate' }, { in: 'commander', out: 'commander' });
  const heavy = {
    ...common,
    outdir: 'dist/esm',
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    splitting: true,
    ...dense,
    banner: esmBanner,
    // React's development build is slower, and remembers every render.
    define: { ...common.define, 'process.env.NODE_ENV': '"production"' },
    // The parts of the completion scripts that are the same for every command.
    loader: { '.bash': 'text', '.zsh': 'text', '.fish': 'text' },
    plugins: [devtoolsStub, noAjv, noChildProcess, undiciParts, widthsWhenCalled, gatewayOutside],
  };
  rmSync(join(root, 'dist/esm'), { recursive: true, force: true });
  return await Promise.all([
    build({
      ...common,
      entryPoints: ['src/cli/main.ts'],
      outfile: 'dist/cli.cjs',
      format: 'cjs',
      minify: true,
      keepNames: false,
      // Of a module that is parsed and left out: nothing in the entry looks for files.
      logOverride: { 'empty-import-meta': 'silent' },
      plugins: [heavyCommandsOutside],
    }),
    ...COMMAND_GROUPS.map((names) => build({ ...heavy, entryPoints: names.map(entryOf) })),
    build({
      ...heavy,
      entryPoints: LOADED_LATE.map((file) => ({ in: join(root, file), out: basename(file, '.ts') })),
    }),
    build({ ...heavy, entryPoints: others }),
  ]);
}

/** The completion scripts, from the commands as they were just built. */
async function writeCompletions() {
  const built = pathToFileURL(join(root, 'dist/esm/completion/generate.js'));
  const { generateCompletions, SCRIPT_FILES } = await import(built.href);
  mkdirSync(join(root, 'dist/completions'), { recursive: true });
  for (const [shell, script] of Object.entries(await generateCompletions())) {
    writeFileSync(join(root, 'dist/completions', SCRIPT_FILES[shell]), script);
  }
}

/**
 * A test suite's fake timers replace globals, and the functions of node:timers, while the gateway runs in the
 * same process. The library, and all that is bundled for it, keeps those that were there when it was loaded.
 *
 * @param place of dist/captured-timers.cjs, from the file that is built.
 */
const capturedTimers = (place) => ({
  name: 'captured-timers',
  setup(hooks) {
    hooks.onResolve({ filter: /^captured-timers$/ }, () => ({ path: place, external: true }));
    hooks.onResolve({ filter: /^(?:node:)?timers(?:\/promises)?$/ }, ({ path }) => ({
      path,
      namespace: 'captured',
    }));
    hooks.onLoad({ filter: /.*/, namespace: 'captured' }, ({ path }) => ({
      contents: `module.exports = require('captured-timers').${path.endsWith('/promises') ? 'promises' : 'timers'};`,
      loader: 'js',
    }));
  },
});

/**
 * The gateway, once, as CommonJS. `import` gets the same one through a file that names its exports: two copies
 * would be twice the size, and two kinds of every error class in a process that uses both.
 */
async function buildGateway() {
  const gateway = {
    ...common,
    ...dense,
    format: 'cjs',
    inject: ['scripts/captured-globals.mjs'],
    // `import.meta.url` has no meaning in CommonJS; this is the same thing there.
    define: { ...common.define, 'import.meta.url': '__importMetaUrl' },
    banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  };
  rmSync(join(root, 'dist/packages'), { recursive: true, force: true });
  const results = await Promise.all([
    build({
      ...common,
      entryPoints: ['scripts/captured-timers.cjs'],
      outfile: 'dist/captured-timers.cjs',
      format: 'cjs',
    }),
    build({
      ...gateway,
      entryPoints: ['src/emulator/index.ts'],
      outfile: 'dist/index.cjs',
      plugins: [capturedTimers('./captured-timers.cjs'), packagesOutside, loadedByNeed],
    }),
    build({
      ...gateway,
      entryPoints: Object.keys(LATE_PACKAGES),
      outdir: 'dist/packages',
      outExtension: { '.js': '.cjs' },
      plugins: [capturedTimers('../captured-timers.cjs'), undiciParts],
    }),
  ]);
  // Node keeps a file with one character beyond Latin in twice the memory.
  const beyond = /.{0,40}[^\0-\xff]/.exec(readFileSync(join(root, 'dist/index.cjs'), 'utf8'));
  if (beyond) throw new Error(`dist/index.cjs: write this character as \\u…: ${beyond[0]}`);
  const names = Object.keys(createRequire(import.meta.url)(join(root, 'dist/index.cjs')));
  const source = `import { createRequire } from 'node:module';
export const { ${names.join(', ')} } = createRequire(import.meta.url)('./index.cjs');
`;
  writeFileSync(join(root, 'dist/index.js'), source);
  return results;
}

/** Small and meant to be read, so neither shortened nor shared. */
function buildSigning() {
  const parts = { ...common, entryPoints: ['src/signing/index.ts'] };
  return Promise.all([
    build({ ...parts, outfile: 'dist/signing.js', format: 'esm' }),
    build({ ...parts, outfile: 'dist/signing.cjs', format: 'cjs' }),
  ]);
}

/** The thread that reads CVs is a file of its own, beside whatever runs the gateway. */
function buildCvThread() {
  return build({
    ...common,
    entryPoints: ['src/emulator/processing/cv-text/thread.ts'],
    outfile: 'dist/cv-text-thread.mjs',
    format: 'esm',
    minify: true,
    banner: esmBanner,
  });
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

/** So is the process that reads snapshots. */
function buildSnapshotReader() {
  return build({
    ...common,
    entryPoints: ['src/emulator/snapshot/reader-process.ts'],
    outfile: 'dist/snapshot-reader.mjs',
    format: 'esm',
    minify: true,
    banner: esmBanner,
  });
}

/** Elements are made by a function of the bundle's own scope: `j("p")` for `(0,r.jsx)("p")` is a kilobyte of the page. */
const bareJsx = {
  name: 'bare-jsx',
  setup(hooks) {
    hooks.onResolve({ filter: /^react\/jsx-runtime$/ }, ({ path, namespace }) =>
      namespace === 'bare-jsx' ? undefined : { path, namespace: 'bare-jsx' },
    );
    hooks.onLoad({ filter: /.*/, namespace: 'bare-jsx' }, ({ path }) => ({
      contents: `import * as runtime from '${path}'; export const { Fragment, jsx, jsxs } = runtime;`,
      resolveDir: root,
    }));
  },
};

/** The page for browsers: files whose names hold a hash of their content, and the document that names them. */
async function buildPortal() {
  const folder = join(root, 'dist/portal');
  rmSync(folder, { recursive: true, force: true });
  const result = await build({
    ...common,
    entryPoints: { page: 'src/portal/main.tsx', style: 'src/portal/portal.css', icon: 'src/portal/icon.svg' },
    outdir: 'dist/portal/assets',
    entryNames: '[name]-[hash]',
    platform: 'browser',
    target: ['chrome120', 'firefox121', 'safari17'],
    format: 'esm',
    minify: true,
    loader: { '.svg': 'copy' },
    plugins: [bareJsx],
    define: { ...common.define, 'process.env.NODE_ENV': '"production"' },
  });
  const names = Object.keys(result.metafile.outputs).map((path) => relative('dist/portal', path));
  const nameOf = (kind) => names.find((name) => name.startsWith(`assets/${kind}-`) && !name.endsWith('.map'));
  const page = readFileSync(join(root, 'src/portal/index.html'), 'utf8')
    .replace('ICON', `/_carvos/portal/${nameOf('icon')}`)
    .replace('STYLE', `/_carvos/portal/${nameOf('style')}`)
    .replace('SCRIPT', `/_carvos/portal/${nameOf('page')}`);
  writeFileSync(join(folder, 'page.html'), page);
  return result;
}

/** The declaration files, in a process of their own. */
async function buildTypes() {
  const [code] = await once(
    spawn(process.execPath, [join(root, 'scripts/build-types.mjs')], { stdio: 'inherit' }),
    'exit',
  );
  if (code !== 0) throw new Error('the declaration files were not built');
}

/** JSON Schemas of every `--json` output and of the config file, which `carvos init` points editors to. */
async function buildSchemas() {
  const result = await build({
    ...common,
    entryPoints: ['src/contract/output/json-schemas.ts'],
    format: 'esm',
    write: false,
  });
  const source = Buffer.from(result.outputFiles[0].contents).toString('base64');
  const { buildJsonSchemas } = await import(`data:text/javascript;base64,${source}`);
  const folder = join(root, 'dist/schemas');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, schema] of buildJsonSchemas()) {
    writeFileSync(join(folder, name), `${JSON.stringify(schema, null, 1)}\n`);
  }
  return result;
}

mkdirSync(join(root, 'dist'), { recursive: true });
// Beside all else: TypeScript fills one core, and esbuild's work is over long before.
const types = withTypes ? buildTypes() : null;
copyCmaps();
copyKits();
const built = await Promise.all([
  buildCli(),
  buildGateway(),
  buildSigning(),
  buildCvThread(),
  buildSnapshotReader(),
  buildPortal(),
  buildSchemas(),
]);
const metafiles = built.flat().map(({ metafile }) => metafile);
writeFileSync(join(root, 'dist/THIRD-PARTY-NOTICES.txt'), renderNotices(bundledPackages(metafiles, root)));
writeFileSync(join(root, 'dist/contents.json'), `${JSON.stringify(packagesByFile(metafiles), null, 1)}\n`);
await writeCompletions();
await types;
dropLeftovers();

/** What an earlier build wrote and this one does not would be published with it. Types stay: not every build makes them. */
function dropLeftovers() {
  const written = new Set(metafiles.flatMap(({ outputs }) => Object.keys(outputs)));
  const others = /^(?:index\.js|(?:index|signing)\.d\.c?ts|contents\.json|THIRD-PARTY-NOTICES\.txt)$/;
  for (const entry of readdirSync(join(root, 'dist'), { withFileTypes: true })) {
    const kept = !entry.isFile() || written.has(`dist/${entry.name}`) || others.test(entry.name);
    if (!kept) rmSync(join(root, 'dist', entry.name));
  }
}
