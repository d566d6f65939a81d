// Coverage of src/ by the whole suite, with that of the built programs which tests start:
//   npm run coverage [-- TEST FILES]           of some tests: tells what these cover
//   npm run coverage -- --merge-only           the table of the last run again
// What runs inside the test processes is measured by vitest. Child processes write V8's raw counts when they end
// (one that is killed with SIGKILL writes none); source maps of a build made for this lead those back to src/.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mergeProcessCovs } from '@bcoe/v8-coverage';
import { convert } from 'ast-v8-to-istanbul';
import { parseAstAsync } from 'vitest/node';
import { formatTable, lineTotals, mergeFiles, uncoveredBranches } from './coverage-counts.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const reports = join(root, 'coverage');
const raw = join(reports, 'children');
/** What the children ran, with its source maps: dist/ itself is built anew afterwards. */
const built = join(reports, 'dist');
/** Where every branch that can be reached is wanted; the others are named in branches.txt. */
const EVERY_BRANCH = ['signing', 'contract', 'emulator/delivery', 'emulator/store'];
const WANTED_LINES = 90;

const args = process.argv.slice(2);
const mergeOnly = args.includes('--merge-only');

const run = (command, commandArgs, env = {}) =>
  spawnSync(command, commandArgs, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ??
  1;

/** Reads one file of raw counts, with only the scripts of dist/. */
function readRaw(file) {
  const { result } = JSON.parse(readFileSync(join(raw, file), 'utf8'));
  const dist = `file://${join(root, 'dist')}/`;
  return { result: result.filter(({ url }) => url.startsWith(dist)) };
}

/** The counts of all child processes as one, added up in portions so that memory stays bounded. */
function readChildren() {
  let total = { result: [] };
  const files = existsSync(raw) ? readdirSync(raw) : [];
  for (let from = 0; from < files.length; from += 20) {
    total = mergeProcessCovs([total, ...files.slice(from, from + 20).map(readRaw)]);
  }
  return { count: files.length, scripts: total.result };
}

async function convertScript(script) {
  const path = join(built, relative(join(root, 'dist'), fileURLToPath(script.url)));
  if (!existsSync(built)) throw new Error(`${built} is gone: nothing of the child processes can be told`);
  if (!existsSync(`${path}.map`)) return {};
  const code = readFileSync(path, 'utf8');
  return convert({
    ast: parseAstAsync(code),
    code,
    coverage: script,
    sourceMap: JSON.parse(readFileSync(`${path}.map`, 'utf8')),
  });
}

let tests = 0;
if (!mergeOnly) {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(raw, { recursive: true });
  const how = { CARVOS_BUILD_TYPES: '0', CARVOS_BUILD_COVERAGE: '1' };
  if (run(process.execPath, ['scripts/build.mjs'], how) !== 0) process.exit(1);
  cpSync(join(root, 'dist'), built, { recursive: true });
  tests = run('npx', ['vitest', 'run', '--config', 'vitest.coverage.config.ts', ...args], {
    CARVOS_COVERAGE_DIR: raw,
  });
}

const children = readChildren();
const inProcess = JSON.parse(readFileSync(join(reports, 'tests/coverage-final.json'), 'utf8'));
const parts = [];
for (const script of children.scripts) parts.push(await convertScript(script));

const files = mergeFiles(inProcess, parts, (path) => {
  const name = relative(root, path);
  return name.startsWith('src/') && !name.includes('node_modules') ? name.slice('src/'.length) : null;
});
const branches = uncoveredBranches(files, root);
writeFileSync(join(reports, 'branches.txt'), branches.map((line) => `${line}\n`).join(''));
const { table, total } = formatTable(files);
process.stdout.write(
  `${table}\n${children.count} child processes counted. Branches not taken: coverage/branches.txt\n`,
);
for (const folder of EVERY_BRANCH) {
  const open = branches.filter((line) => line.startsWith(`src/${folder}/`)).length;
  process.stdout.write(`branches not taken in ${folder}: ${open}\n`);
}
if (!mergeOnly) {
  // What was built for this is slower and larger: nothing else may use it, or pack its source maps.
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run(process.execPath, ['scripts/build.mjs']);
}
if (lineTotals(total) < WANTED_LINES) process.stderr.write(`Below ${WANTED_LINES} % of lines.\n`);
process.exitCode = tests !== 0 || lineTotals(total) < WANTED_LINES ? 1 : 0;
