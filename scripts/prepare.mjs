// Runs after `npm install` in a checkout. Never fails: `npm ci --omit=dev` has no compiler, and an
// installation must not break because of that.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

function hasCompiler() {
  try {
    require.resolve('esbuild');
    return true;
  } catch {
    return false;
  }
}

if (hasCompiler() && process.env.CARVOS_SKIP_PREPARE === undefined) {
  const { status } = spawnSync(process.execPath, [join(here, 'build.mjs')], { stdio: 'inherit' });
  if (status !== 0)
    process.stderr.write('carvos: the build did not succeed; run `npm run build` to see why.\n');
}
