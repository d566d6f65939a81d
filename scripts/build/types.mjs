// Builds the declaration files of dist/: one per entry of the library.
import { join } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { root } from '../esbuild-parts.mjs';

const ENTRIES = { index: 'src/emulator/index.ts', signing: 'src/signing/index.ts' };

for (const [name, entry] of Object.entries(ENTRIES)) {
  const bundle = await rollup({
    input: join(root, entry),
    // zod is a development dependency, bundled: its types have to come along.
    plugins: [
      dts({ tsconfig: join(root, 'tsconfig.json'), respectExternal: true, includeExternal: ['zod'] }),
    ],
    external: [/^node:/, 'better-sqlite3'],
    onwarn: (warning) => {
      if (!['UNUSED_EXTERNAL_IMPORT', 'CIRCULAR_DEPENDENCY', 'EMPTY_BUNDLE'].includes(warning.code)) {
        process.stderr.write(`${warning.message}\n`);
      }
    },
  });
  await bundle.write({ file: join(root, `dist/${name}.d.ts`), format: 'es' });
  // Its twin for users of CommonJS: without it, TS1479.
  await bundle.write({ file: join(root, `dist/${name}.d.cts`), format: 'es' });
  await bundle.close();
}
