import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { common, root } from '../esbuild-parts.mjs';
import { build } from './run-esbuild.mjs';

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
