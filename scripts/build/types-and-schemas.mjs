// What editors and compilers read.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { common, root } from '../esbuild-parts.mjs';
import { build } from './run-esbuild.mjs';

const libraries = [
  { name: 'index', entry: 'src/emulator/index.ts' },
  { name: 'signing', entry: 'src/signing/index.ts' },
];

/** One bundled declaration file per entry, and its twin for CommonJS users (without it: TS1479). */
export async function buildTypes() {
  const [{ rollup }, { dts }] = await Promise.all([import('rollup'), import('rollup-plugin-dts')]);
  for (const { name, entry } of libraries) {
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
    await bundle.write({ file: join(root, `dist/${name}.d.cts`), format: 'es' });
    await bundle.close();
  }
}

/** JSON Schemas of every `--json` output and of the config file, which `carvos init` points editors to. */
export async function buildSchemas() {
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
