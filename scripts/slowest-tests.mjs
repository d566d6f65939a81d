// Lists the ten slowest test files, with their seconds and tests: npm run slowest [-- REPORT.json]
// Without a report of vitest (--reporter=json) the whole suite runs, and makes one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const LISTED = 10;

const [given] = process.argv.slice(2);
if (given !== undefined && !existsSync(given)) {
  console.error(`slowest: no report ${given}. Give a file of vitest --reporter=json, or nothing.`);
  process.exit(2);
}
const report = given === undefined ? runSuite() : JSON.parse(readFileSync(given, 'utf8'));

const files = report.testResults
  .map(({ name, startTime, endTime, assertionResults }) => ({
    name: relative(root, name),
    // Of a file that could not be loaded there are no times.
    seconds: Math.max(0, (endTime - startTime) / 1000 || 0),
    tests: assertionResults.length,
  }))
  .sort((a, b) => b.seconds - a.seconds);
const all = files.reduce((sum, { seconds }) => sum + seconds, 0);
for (const { name, seconds, tests } of files.slice(0, LISTED)) {
  console.log(`${seconds.toFixed(1).padStart(7)} s ${String(tests).padStart(5)} tests  ${name}`);
}
console.log(
  `${all.toFixed(1).padStart(7)} s ${String(report.numTotalTests).padStart(5)} tests  in ${files.length} files`,
);
if (!report.success) process.exitCode = 1;

/** The report of a whole run, which also shows what fails. */
function runSuite() {
  const folder = mkdtempSync(join(tmpdir(), 'carvos-slowest-'));
  try {
    const file = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    spawnSync('npx', ['vitest', 'run', ...reporters], { cwd: root, stdio: 'inherit' });
    return JSON.parse(readFileSync(file, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
