// Runs the tests on other lines of Node, each fetched from the npm registry, in a copy of this checkout:
// npm run test:nodes -- [LINE...] [--part NAME] [FILE...]. All lines and the whole suite unless something is named.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fetchNode, nodePackage } from './fetch-node.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The oldest that is supported, and every line with long-term support or newer. */
const LINES = ['20.19', '22', '24', '26'];
const PARTS = {
  e2e: ['test/e2e/'],
  /** What a user meets first; takes about a minute. */
  first: [
    ...['package', 'loop', 'kill'].map((name) => `test/e2e/${name}.test.ts`),
    ...['sign-verify', 'exec'].map((name) => `test/cli/commands/${name}.test.ts`),
  ],
};
/** What is made anew in the copy. */
const LEFT_OUT = ['.git', '.carvos', 'coverage', 'dist', 'node_modules'];

const { values, positionals } = parseArgs({ options: { part: { type: 'string' } }, allowPositionals: true });
const isLine = (word) => /^\d+(\.\d+){0,2}$/.test(word);
const part = values.part === undefined ? [] : PARTS[values.part];
if (part === undefined) end(`no part ${values.part}: there are ${Object.keys(PARTS).join(', ')}`, 2);
const files = [...part, ...positionals.filter((word) => !isLine(word))];
for (const file of files) if (!existsSync(join(root, file))) end(`no ${file} here`, 2);
const lines = positionals.some(isLine) ? positionals.filter(isLine) : LINES;

const results = lines.map((line) => {
  const folder = mkdtempSync(join(tmpdir(), `carvos-node-${line}-`));
  try {
    return testLine(line, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
for (const { text } of results) console.log(text);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

function testLine(line, folder) {
  const startedAt = performance.now();
  const node = fetchNode(line, join(folder, 'node'));
  if (node === null)
    end(`${nodePackage(line)} could not be fetched from the npm registry: nothing was tested`, 1);
  const copy = join(folder, 'carvos');
  cpSync(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.includes(basename(path)) });
  // One test asks git for the files of the checkout.
  spawnSync('git', ['init', '--quiet'], { cwd: copy, stdio: 'inherit' });
  // Of the npm that runs this script, nothing may reach the one of the copy but what a user configured.
  const env = { ...process.env, PATH: join(node, 'bin') + delimiter + process.env.PATH };
  for (const name of ['NODE', 'INIT_CWD', 'npm_execpath', 'npm_node_execpath', 'npm_config_local_prefix']) {
    delete env[name];
  }
  // node-gyp would fetch the headers from nodejs.org.
  env.npm_config_nodedir = node;
  const run = (command, args) => spawnSync(command, args, { cwd: copy, env, stdio: 'inherit' }).status;
  const version = spawnSync('node', ['--version'], { cwd: copy, env, encoding: 'utf8' }).stdout.trim();
  const result = (ok, what) => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    return { ok, text: `node ${version}: ${what} (${seconds} s with the installation)` };
  };
  console.log(`node ${version}: installing`);
  if (run('npm', ['ci', '--no-audit', '--no-fund']) !== 0) return result(false, 'npm ci FAILED');
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const status = run('npx', ['vitest', 'run', ...files, ...reporters]);
  if (!existsSync(report)) return result(false, 'the tests did not run to their end');
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
  const counts = `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} left out`;
  return result(status === 0 && numPassedTests > 0, counts);
}

function end(text, code) {
  console.error(`test:nodes: ${text}`);
  process.exit(code);
}
