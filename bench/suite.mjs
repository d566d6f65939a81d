// A test suite whose files each start a gateway of their own: vitest with its usual workers, beside the same files with an
// Express app that answers 202 in its place.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const FILES = 20;
const TESTS = 10;

const withCarvos = (library) => `
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startEmulator } from '${library}';
let gateway;
beforeAll(async () => { gateway = await startEmulator(); });
afterEach(() => gateway.reset());
afterAll(() => gateway.close());
test.each(Array.from({ length: ${TESTS} }, (_, index) => index))('an event %i', async (index) => {
  const sent = await gateway.send('candidate.created', { candidate_id: \`c-\${index}\` });
  expect(sent.reference_id).toBeTruthy();
});
`;

const withExpress = (express) => `
import { afterAll, beforeAll, expect, test } from 'vitest';
import express from '${express}';
let server;
beforeAll(() => new Promise((resolve) => {
  const app = express().use(express.json());
  app.post('/', (request, response) => response.status(202).json(request.body));
  server = app.listen(0, '127.0.0.1', resolve);
}));
afterAll(() => new Promise((resolve) => server.close(resolve)));
test.each(Array.from({ length: ${TESTS} }, (_, index) => index))('an event %i', async (index) => {
  const { port } = server.address();
  const body = JSON.stringify({ candidate_id: \`c-\${index}\` });
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(\`http://127.0.0.1:\${port}/\`, { method: 'POST', headers, body });
  expect(response.status).toBe(202);
});
`;

/** @returns least milliseconds of a whole run of either suite. */
export function benchSuite({ folder, rounds }) {
  const library = pathToFileURL(join(root, 'dist/index.js')).href;
  const suites = {
    carvos: write(join(folder, 'suite-carvos'), withCarvos(library)),
    express: write(join(folder, 'suite-express'), withExpress(import.meta.resolve('express'))),
  };
  const found = { carvos: [], express: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, place] of Object.entries(suites)) found[name].push(runSuite(place));
  }
  const least = (name) => Math.min(...found[name]);
  return { files: FILES, tests: FILES * TESTS, carvosMs: least('carvos'), expressMs: least('express') };
}

function write(place, text) {
  mkdirSync(place);
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
  for (let file = 0; file < FILES; file++) writeFileSync(join(place, `${file}.test.mjs`), text);
  writeFileSync(join(place, 'vitest.config.mjs'), 'export default { test: { include: ["*.test.mjs"] } };');
  return place;
}

function runSuite(cwd) {
  const report = join(cwd, 'report.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const from = performance.now();
  const args = [vitest, 'run', '--root', cwd, '--reporter=json', `--outputFile=${report}`];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  const ms = performance.now() - from;
  const { numPassedTests } = JSON.parse(readFileSync(report, 'utf8'));
  if (status !== 0 || numPassedTests !== FILES * TESTS)
    throw new Error(`${numPassedTests} passed: ${stderr}`);
  return ms;
}
