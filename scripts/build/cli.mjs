// The command line: one CommonJS entry with only what sign, verify, --version and --help need (see
// docs/architecture/packaging.md). Everything else is loaded by need: `dev` and `exec` stand with the gateway, the others are ESM.
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
import { GATEWAY_COMMANDS } from './gateway.mjs';
import { build, esmBanner } from './run-esbuild.mjs';

const commandsDir = join(root, 'src/cli/commands');
const LIGHT_COMMANDS = ['sign', 'verify'];
/**
 * Commands that are built with each other, and the rest as one more group: what a few share is a few chunks, what thirty
 * share is sixty, and each file costs a start about a millisecond. A group has copies of what other groups have too.
 */
const COMMAND_GROUPS = [
  ['send', 'trigger'],
  ['check', 'listen', 'replay'],
  ['deliveries', 'trace'],
  ['config', 'doctor', 'env', 'open'],
  ['clock', 'fault', 'jobs', 'meeting', 'reset', 'snapshot', 'status', 'workspace'],
];
/** What a light command loads only when it needs it. */
const LOADED_LATE = ['src/cli/signatures/explain-signature.ts', 'src/contract/json-position.ts'];
const COMPLETION_ENTRY = join(root, 'src/cli/completion/generate.ts');

/** Where a source file stands that the entry loads by need: ES modules under dist/esm. Undefined for what is bundled into it. */
function outsideOf(file) {
  const name = basename(file, '.ts');
  if (LOADED_LATE.includes(relative(root, file))) return `${name}.js`;
  if (dirname(file) !== commandsDir || LIGHT_COMMANDS.includes(name)) return undefined;
  return GATEWAY_COMMANDS.includes(name) ? `gateway/${name}.cjs` : `commands/${name}.js`;
}

/**
 * Commands leave the CommonJS entry: their imports point to the files beside it. What is CommonJS there is loaded by
 * `require`, since for an `import` Node first reads all of such a file to find its names.
 */
const commandsOutside = {
  name: 'commands-outside',
  setup(hooks) {
    const required = (path) => ({ path, namespace: 'required' });
    hooks.onResolve({ filter: /^commander$/ }, () => required('./commander.cjs'));
    hooks.onResolve({ filter: /^\.\.?\/.+\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const out = outsideOf(join(resolveDir, path));
      if (out === undefined) return undefined;
      return out.endsWith('.cjs') ? required(`./${out}`) : { path: `./esm/${out}`, external: true };
    });
    hooks.onResolve({ filter: /\.cjs$/, namespace: 'required' }, ({ path }) => ({ path, external: true }));
    hooks.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require('${path}');`,
      loader: 'js',
    }));
  },
};

/** By what is imported of it. */
const FROM_GATEWAY = {
  'emulator/index.ts': 'startEmulator',
  ...Object.fromEntries(GATEWAY_COMMANDS.map((name) => [`cli/commands/${name}.ts`, 'define'])),
};

/** What the other commands need of the gateway, and of those that run it, stands in the package once: theirs. */
const gatewayOutside = {
  name: 'gateway-outside',
  setup(hooks) {
    hooks.onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
      const exported = FROM_GATEWAY[relative(join(root, 'src'), join(resolveDir, path))];
      const out = `gateway/${basename(path, '.ts')}.cjs`;
      return exported && { path: out, namespace: 'gateway', pluginData: exported };
    });
    hooks.onResolve({ filter: /\.cjs$/, namespace: 'gateway' }, ({ path }) => ({ path, external: true }));
    // From dist/esm/chunks.
    hooks.onLoad({ filter: /.*/, namespace: 'gateway' }, ({ path, pluginData }) => ({
      contents: `export const { ${pluginData} } = require('../../${path}');`,
      loader: 'js',
    }));
  },
};

export async function buildCli() {
  const commands = readdirSync(commandsDir)
    .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
    .map((file) => basename(file, '.ts'))
    .filter((name) => ![...LIGHT_COMMANDS, ...GATEWAY_COMMANDS].includes(name));
  const entryOf = (name) => ({ in: join(commandsDir, `${name}.ts`), out: `commands/${name}` });
  const others = commands
    .filter((name) => !COMMAND_GROUPS.flat().includes(name))
    .map(entryOf)
    .concat({ in: join(root, 'src/cli/run/in-process.ts'), out: 'scenarios' })
    .concat({ in: COMPLETION_ENTRY, out: 'completion/generate' });
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
      plugins: [commandsOutside],
    }),
    build({
      ...common,
      ...dense,
      entryPoints: ['commander'],
      outfile: 'dist/commander.cjs',
      format: 'cjs',
      plugins: [noChildProcess],
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
