import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { runProgram } from '../support/program.ts';

const ROOT = join(import.meta.dirname, '../..');
const slowest = (report: string) =>
  runProgram(process.execPath, [join(ROOT, 'scripts/slowest-tests.mjs'), report]);

test('the slowest ten come first, with seconds and tests; behind them the whole', async () => {
  const testResults = Array.from({ length: 12 }, (_none, n) => ({
    name: join(ROOT, `test/n-${n}.test.ts`),
    startTime: 1000,
    endTime: 1000 + n * 500,
    assertionResults: Array(n).fill({}),
  }));
  const report = { numTotalTests: 66, success: true, testResults };
  const folder = tempFolder({ 'report.json': JSON.stringify(report) });
  const { code, stdout } = await slowest(join(folder, 'report.json'));
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.trim())).toEqual([
    ...Array.from({ length: 10 }, (_none, index) => {
      const n = 11 - index;
      return expect.stringMatching(`^${(n / 2).toFixed(1)} s +${n} tests  test/n-${n}\\.test\\.ts$`);
    }),
    expect.stringMatching(/^33\.0 s +66 tests {2}in 12 files$/),
  ]);
});

test('what failed is not praised for its speed; what is no report is said', async () => {
  const report = { numTotalTests: 0, success: false, testResults: [] };
  const folder = tempFolder({ 'report.json': JSON.stringify(report) });
  expect((await slowest(join(folder, 'report.json'))).code).toBe(1);
  const none = await slowest('none.json');
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no report none.json')]);
});
