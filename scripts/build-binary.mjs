// Makes dist-bin/carvos-PLATFORM-ARCH of this machine: one file with Node, carvos and all that dist/ holds, by Node's
// own single-executable support. Needs a fresh dist/ and a C++ compiler.
// npm run build:binary -- [--node PROGRAM]: that Node, and not the newest of the line from the npm registry.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import {
  common,
  dense,
  devtoolsStub,
  noChildProcess,
  root,
  undiciParts,
  widthsWhenCalled,
} from './esbuild-parts.mjs';
import { fetchNode, nodePackage } from './fetch-node.mjs';
import { bundledPackages, renderNotices } from './third-party-notices.mjs';

/** The line with long-term support. From 25.5 on Node makes the program itself (`--build-sea`). */
const LINE = '26';
const { platform, arch } = process;
const work = join(root, 'node_modules/.cache/one-file');
const out = join(root, 'dist-bin');
const program = join(out, `carvos-${platform}-${arch}${platform === 'win32' ? '.exe' : ''}`);

/** CommonJS packages in the bundle ask for Node's own modules, and for others that may be missing. */
const REQUIRE = `const require = (name) => {
  const found = process.getBuiltinModule(name);
  if (found === undefined) throw Object.assign(new Error('no module ' + name), { code: 'MODULE_NOT_FOUND' });
  return found;
};`;

const { values } = parseArgs({ options: { node: { type: 'string' } } });
if (!existsSync(join(root, 'dist/cli.cjs'))) end('dist/ is missing: npm run build');
mkdirSync(work, { recursive: true });
const node = values.node ?? nodeOfRegistry();
const nodeFolder = dirname(dirname(node));
const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
const [main, thread] = await Promise.all([bundleMain(), bundleCvThread()]);
const addon = buildAddon();
writeFileSync(join(work, 'addon.txt'), `better_sqlite3-${hashOf(addon)}.node`);
const config = {
  main: join(work, 'main.mjs'),
  mainFormat: 'module',
  executable: smallNode(),
  output: program,
  disableExperimentalSEAWarning: true,
  useCodeCache: true,
  // A NODE_OPTIONS of the user's is for programs of theirs. carvos gives its own processes flags by --node-options.
  execArgvExtension: 'cli',
  assets: {
    ...distFiles('completions', 'portal', 'schemas', 'cmaps'),
    'cv-text-thread.cjs': join(work, 'cv-text-thread.cjs'),
    'addon.txt': join(work, 'addon.txt'),
    'better_sqlite3.node': addon,
  },
};
writeFileSync(join(work, 'sea.json'), JSON.stringify(config));
execFileSync(node, ['--build-sea', join(work, 'sea.json')], { stdio: 'inherit' });
// Apple's processors run nothing unsigned; `-` is a signature without a name.
if (platform === 'darwin') execFileSync('codesign', ['--sign', '-', program], { stdio: 'inherit' });

const notices = join(out, 'THIRD-PARTY-NOTICES.txt');
writeFileSync(notices, renderNotices(bundledPackages([main.metafile, thread.metafile], root)));
appendFileSync(notices, `\nNode.js ${version}\n\n${readFileSync(join(nodeFolder, 'LICENSE'), 'utf8')}`);
const megabytes = (statSync(program).size / 1e6).toFixed(1);
console.log(`${program}: ${megabytes} MB, Node ${version}, sha256 ${hashOf(program)}`);

function nodeOfRegistry() {
  const folder = join(work, `node-${LINE}`);
  const fetched = fetchNode(LINE, folder);
  if (fetched === null) end(`${nodePackage(LINE)} could not be fetched from the npm registry`);
  return join(fetched, platform === 'win32' ? 'bin/node.exe' : 'bin/node');
}

/** Without its symbols for debuggers, a fifth of it. */
function smallNode() {
  if (platform !== 'linux') return node;
  const small = join(work, 'node');
  copyFileSync(node, small);
  execFileSync('strip', [small], { stdio: 'inherit' });
  return small;
}

function bundleMain() {
  return esbuild.build({
    ...common,
    ...dense,
    target: 'node26',
    entryPoints: ['src/one-file/main.ts'],
    outfile: join(work, 'main.mjs'),
    // The screen's library waits at its top level, which CommonJS cannot.
    format: 'esm',
    define: { ...common.define, __CARVOS_ONE_FILE__: 'true', 'process.env.NODE_ENV': '"production"' },
    external: [],
    plugins: [
      { name: 'addon-inside', setup: findAddonLoader },
      devtoolsStub,
      noChildProcess,
      undiciParts,
      widthsWhenCalled,
      { name: 'builtins-by-need', setup: loadBuiltinsByNeed },
    ],
    banner: { js: REQUIRE },
  });
}

/** A thread gets its code as text, which is CommonJS. */
function bundleCvThread() {
  return esbuild.build({
    ...common,
    target: 'node26',
    entryPoints: ['src/emulator/processing/cv-text/thread.ts'],
    outfile: join(work, 'cv-text-thread.cjs'),
    format: 'cjs',
    minify: true,
    define: { ...common.define, __CARVOS_ONE_FILE__: 'true', 'import.meta.url': '__importMetaUrl' },
    banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(process.execPath).href;" },
  });
}

/** better-sqlite3 asks `bindings` for its addon. */
function findAddonLoader(hooks) {
  hooks.onResolve({ filter: /^bindings$/ }, ({ path }) => ({ path, namespace: 'addon' }));
  hooks.onLoad({ filter: /.*/, namespace: 'addon' }, () => ({
    contents: "import { loadAddon } from './src/one-file/load-addon.ts'; module.exports = loadAddon;",
    resolveDir: root,
  }));
}

/**
 * Node's own modules are loaded by what uses them. A bundled ES module would load all of them at every start; and in a
 * program of one file there is no `require` and no `import()` but for them.
 */
function loadBuiltinsByNeed(hooks) {
  const names = new Set(builtinModules);
  hooks.onResolve({ filter: /.*/ }, ({ path }) => {
    const name = path.replace(/^node:/, '');
    return names.has(name) || path.startsWith('node:') ? { path: name, namespace: 'builtin' } : undefined;
  });
  hooks.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
    contents: `module.exports = process.getBuiltinModule('node:${path}')`,
  }));
}

/** The addon for this Node, from the sources that npm installed. Kept: compiling SQLite takes minutes. */
function buildAddon() {
  const source = join(root, 'node_modules/better-sqlite3');
  const { version: release } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const kept = join(work, `better_sqlite3-${release}-node-${version}-${platform}-${arch}.node`);
  if (existsSync(kept)) return kept;
  const copy = join(work, 'better-sqlite3');
  rmSync(copy, { recursive: true, force: true });
  cpSync(source, copy, { recursive: true, filter: (path) => path !== join(source, 'build') });
  const env = { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH };
  // Otherwise node-gyp fetches the headers from nodejs.org.
  if (existsSync(join(nodeFolder, 'include/node'))) env.npm_config_nodedir = nodeFolder;
  execFileSync('npm', ['run', 'build-release'], {
    cwd: copy,
    env,
    stdio: 'inherit',
    shell: platform === 'win32',
  });
  const built = join(copy, 'build/Release/better_sqlite3.node');
  if (platform === 'linux') execFileSync('strip', ['--strip-unneeded', built], { stdio: 'inherit' });
  copyFileSync(built, kept);
  rmSync(copy, { recursive: true });
  return kept;
}

/** Files of dist/ by their names in it, with slashes on every system. */
function distFiles(...folders) {
  const names = folders.flatMap((folder) =>
    readdirSync(join(root, 'dist', folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
      .map((entry) => join(entry.parentPath, entry.name).slice(join(root, 'dist').length + 1)),
  );
  return Object.fromEntries(names.map((name) => [name.replaceAll('\\', '/'), join(root, 'dist', name)]));
}

function hashOf(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function end(text) {
  console.error(`build:binary: ${text}`);
  process.exit(1);
}
