// Every check, one after the other; the first that fails ends it. `--no-tests` where they just ran.
import { spawnSync } from 'node:child_process';

const CHECKS = ['lint', 'spelling', 'typecheck', 'imports', 'unused', 'docs:check', 'test'];
const skipped = process.argv.includes('--no-tests') ? ['test'] : [];

for (const name of CHECKS.filter((check) => !skipped.includes(check))) {
  const startedAt = performance.now();
  const { status } = spawnSync('npm', ['run', '--silent', name], { stdio: 'inherit' });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`check ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)\n`);
  if (status !== 0) process.exit(status ?? 1);
}
