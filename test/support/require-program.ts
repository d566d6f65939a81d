import { spawnSync } from 'node:child_process';

const VERSION_FLAGS: Record<string, string> = { openssl: 'version', tmux: '-V' };

/**
 * Whether every program can be started. Says loudly on standard error what is left out when one is
 * missing; use as `test.skipIf(!havePrograms('the loop', 'curl'))`.
 */
export function havePrograms(what: string, ...programs: string[]): boolean {
  const missing = programs.filter((program) => {
    const { status } = spawnSync(program, [VERSION_FLAGS[program] ?? '--version'], {
      stdio: 'ignore',
    });
    return status !== 0;
  });
  if (missing.length > 0) {
    process.stderr.write(
      `\n!!! SKIPPED: ${what}. Not on this machine: ${missing.join(', ')}. Install it and run again.\n\n`,
    );
  }
  return missing.length === 0;
}
