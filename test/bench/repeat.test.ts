import { expect, test } from 'vitest';
import { runProgram } from '../support/program.ts';

test.each(['0', '-1', 'NaN'])('a benchmark for %s minutes has a figure all the same', async (minutes) => {
  const script = `(async () => {
    const { figures, repeatFor } = await import('./bench/support.mjs');
    const values = [];
    await repeatFor(${minutes}, async () => values.push(7));
    console.log(JSON.stringify(figures(values)));
  })()`;
  const { stdout, stderr } = await runProgram(process.execPath, ['-e', script]);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ count: 1, median: 7, p99: 7, max: 7 });
});
