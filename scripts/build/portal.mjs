// The page for browsers.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { common, root } from '../esbuild-parts.mjs';
import { build } from './run-esbuild.mjs';

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

/** Files whose names hold a hash of their content, and the document that names them. */
export async function buildPortal() {
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
