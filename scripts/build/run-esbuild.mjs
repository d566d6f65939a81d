// How every part of dist/ is bundled.
import * as esbuild from 'esbuild';

/** For `npm run coverage`: nothing minified, and a source map beside each file, which Node does not look for. */
const forCoverage = process.env.CARVOS_BUILD_COVERAGE === '1';

const readable = { minify: false, minifySyntax: false, minifyWhitespace: false, sourcemap: 'external' };
export const build = (options) =>
  esbuild.build(forCoverage && options.write !== false ? { ...options, ...readable } : options);
/** Writes nothing: what it made is for `transform`. */
export const buildInMemory = (options) =>
  esbuild.build({ ...options, write: false, ...(forCoverage && { ...readable, sourcemap: 'inline' }) });
export const transform = (text, options) =>
  esbuild.transform(text, forCoverage ? { ...options, ...readable } : options);

// CommonJS packages inside an ESM bundle still call `require` for Node's own modules.
export const esmBanner = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};
