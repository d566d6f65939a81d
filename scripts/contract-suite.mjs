// The contract suite, with two options of its own beside vitest's: `--record FOLDER` writes what was sent and got as
// HAR, one file for each file of tests; `--facts FILE` expects what a carvos.facts.json says where it says something.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const rest = process.argv.slice(2);
const env = { ...process.env };
for (const [flag, variable] of [
  ['--record', 'CARVOS_CONTRACT_RECORD'],
  ['--facts', 'CARVOS_CONTRACT_FACTS'],
]) {
  const at = rest.indexOf(flag);
  if (at < 0) continue;
  const [, value] = rest.splice(at, 2);
  if (value === undefined) {
    process.stderr.write(`${flag} needs a path\n`);
    process.exit(2);
  }
  env[variable] = resolve(value);
}
const child = spawn('npx', ['vitest', 'run', '--config', 'vitest.contract.config.ts', ...rest], {
  stdio: 'inherit',
  env,
});
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
