import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { runProgram } from '../../support/program.ts';

test('a lock whose file is taken away by who holds it is never held by two', async () => {
  const folder = tempFolder();
  const child = join(folder, 'child.cjs');
  const driver = createRequire(import.meta.url).resolve('better-sqlite3');
  await build({
    entryPoints: [new URL('../../support/lock-child.ts', import.meta.url).pathname],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    outfile: child,
    logLevel: 'error',
    // Outside of the project no package is found by its name.
    alias: { 'better-sqlite3': driver },
    external: [driver],
  });
  const file = join(folder, 'carvos.db-lock');
  const ends = await Promise.all([1, 2, 3].map(() => runProgram(process.execPath, [child, file, '500'])));
  for (const { code, stderr } of ends) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
