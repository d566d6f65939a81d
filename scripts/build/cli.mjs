// The command line: one CommonJS entry with only what sign, verify, --version and --help need (see
// docs/architecture/packaging.md). Everything else is ESM with code splitting, loaded by need.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  common,
  dense,
  devtoolsStub,
  noAjv,
  noChildProcess,
  root,
  undiciParts,
  widthsWhenCalled,
} from '../esbuild-parts.mjs';
import { build, esmBanner } from './run-esbuild.mjs';

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
const COMPLETION_ENTRY = join(root, 'src/cli/completion/generate.ts');

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

export async function buildCli() {
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
export async function writeCompletions() {
  const built = pathToFileURL(join(root, 'dist/esm/completion/generate.js'));
  const { generateCompletions, SCRIPT_FILES } = await import(built.href);
  mkdirSync(join(root, 'dist/completions'), { recursive: true });
  for (const [shell, script] of Object.entries(await generateCompletions())) {
    writeFileSync(join(root, 'dist/completions', SCRIPT_FILES[shell]), script);
  }
}
