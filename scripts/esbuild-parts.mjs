// What the builds of dist/ and of the one-file program share.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

export const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  define: {
    __CARVOS_VERSION__: JSON.stringify(version),
    __CARVOS_ONE_FILE__: 'false',
    'process.env.DEV': '"false"',
  },
  external: ['better-sqlite3'],
  // Its other form loads its parts by a `require` that a bundler does not see.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  legalComments: 'none',
  logLevel: 'warning',
  jsx: 'automatic',
  metafile: true,
};

/** Without names made shorter: a stack trace of the library or of a command still says who called whom. */
export const dense = { minifyWhitespace: true, minifySyntax: true };

/** Commander starts programs for subcommands that are files, which no command here is; loading it takes milliseconds. */
export const noChildProcess = {
  name: 'no-child-process',
  setup(hooks) {
    hooks.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('node_modules/commander/') ? { path: 'child-process', namespace: 'none' } : undefined,
    );
    hooks.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {}' }));
  },
};

/**
 * Of undici, what sends requests by HTTP/1.1. Its index also loads fetch, WebSocket, cookies and caches, and asks Node for
 * globals for which Node loads its own copy; its client loads HTTP/2.
 */
export const undiciParts = {
  name: 'undici-parts',
  setup(hooks) {
    hooks.onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: 'undici-parts' }));
    hooks.onLoad({ filter: /.*/, namespace: 'undici-parts' }, () => ({
      contents: `
        import Dispatcher from './dispatcher/dispatcher.js';
        import request from './api/api-request.js';
        Object.assign(Dispatcher.prototype, { request });
        export { default as Agent } from './dispatcher/agent.js';
        export { default as Client } from './dispatcher/client.js';
        export { default as buildConnector } from './core/connect.js';`,
      loader: 'js',
      resolveDir: join(root, 'node_modules/undici/lib'),
    }));
    hooks.onResolve({ filter: /\/client-h2(\.js)?$/ }, () => ({ path: 'client-h2', namespace: 'none' }));
    hooks.onLoad({ filter: /^client-h2$/, namespace: 'none' }, () => ({ contents: 'module.exports = null' }));
  },
};

/** They compile expressions for every emoji when they are loaded, 30 ms in all; most lines hold none. Loaded when first called. */
export const widthsWhenCalled = {
  name: 'widths-when-called',
  setup(hooks) {
    hooks.onResolve({ filter: /^(?:string-width|slice-ansi)$/ }, ({ path, namespace, resolveDir }) =>
      namespace === 'when-called' ? undefined : { path, namespace: 'when-called', pluginData: resolveDir },
    );
    hooks.onLoad({ filter: /.*/, namespace: 'when-called' }, ({ path, pluginData }) => ({
      contents: `export default (...args) => require('${path}').default(...args);`,
      loader: 'js',
      resolveDir: pluginData,
    }));
  },
};

/** Ink imports it only when a debugger is attached, but statically. */
export const devtoolsStub = {
  name: 'devtools-stub',
  setup(hooks) {
    hooks.onResolve({ filter: /^react-devtools-core$/ }, (args) => ({ path: args.path, namespace: 'stub' }));
    hooks.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({
      contents: 'export default {}',
      loader: 'js',
    }));
  },
};

/** The SDK checks with it what a person answered to a question of ours (elicitation), of which there is none: 190 KB. */
export const noAjv = {
  name: 'no-ajv',
  setup(hooks) {
    hooks.onResolve({ filter: /\/ajv-provider\.js$/ }, ({ path }) => ({ path, namespace: 'no-ajv' }));
    hooks.onLoad({ filter: /.*/, namespace: 'no-ajv' }, () => ({
      contents: 'export class AjvJsonSchemaValidator {}',
      loader: 'js',
    }));
  },
};
