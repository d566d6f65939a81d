import { expect, test } from 'vitest';
import { factsOf, PROBES } from '../../../src/client/check/catalogue.ts';
import { CheckReport } from '../../../src/contract/check.ts';
import { type Language, mistakesIn, startExample, startExamples } from '../../support/example-receiver.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

/** Those for the examples, which speak plain HTTP. */
export const PLAIN_PROBES = PROBES.filter(({ id }) => id !== 'certificate');

/** Runs the built `carvos check` with every level counting. */
async function checkAll(url: string, args: string[] = []) {
  const result = await runCli(
    ['check', url, '--json', '--fail-on', 'advisory', '--skip', 'certificate', ...args],
    {
      cwd: tempFolder(),
    },
  );
  return { ...result, report: CheckReport.parse(JSON.parse(result.stdout)) };
}

/** Of all example receivers in a language: `caughtBy` has each mistake, and the one probe that is meant for it. */
export function testExamples(language: Language, caughtBy: Record<string, string>): void {
  test('the right one passes everything', async () => {
    const url = await startExample(language);
    const flags = ['--timeout', '60s', '--state', new URL('/events/count', url).href];
    const { code, report } = await checkAll(url, flags);
    expect(report.probes.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(report.probes.map(({ id }) => id)).toEqual(PLAIN_PROBES.map(({ id }) => id));
    expect(code).toBe(0);
  });

  test('the table has every mistake, and every probe has one', () => {
    expect(mistakesIn(language)).toEqual(Object.keys(caughtBy).sort());
    expect([...new Set(Object.values(caughtBy))].sort()).toEqual(PLAIN_PROBES.map(({ id }) => id).sort());
  });

  test('each mistake is caught by its probe alone', () => expectCaught(language, caughtBy));
}

/** Checks that run side by side: most of what one does is waiting. */
const AT_ONCE = 2;

/** That `carvos check` finds in each example the one thing that is wrong, and that whatever does not hang on it passes. */
async function expectCaught(language: Language, caughtBy: Record<string, string>): Promise<void> {
  const urls = await startExamples(language, Object.keys(caughtBy));
  const found: Record<string, unknown> = {};
  const left = Object.keys(caughtBy);
  const checkNext = async (): Promise<void> => {
    const mistake = left.shift();
    if (mistake === undefined) return;
    const { code, report } = await checkAll(urls[mistake]!);
    found[mistake] = { code, ...Object.fromEntries(report.probes.map(({ id, outcome }) => [id, outcome])) };
    await checkNext();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, checkNext));
  const expected = Object.entries(caughtBy).map(([mistake, probe]) => [mistake, outcomesOf(probe)]);
  expect(found).toEqual(Object.fromEntries(expected));
}

/** What is found where this probe alone fails. */
function outcomesOf(probe: string): Record<string, unknown> {
  const outcomes = PLAIN_PROBES.map(({ id }) => [
    id,
    id === probe ? 'failed' : needed(id).includes(probe) ? 'not_judged' : 'passed',
  ]);
  return { code: 1, ...Object.fromEntries(outcomes) };
}

/** What has to hold before a probe is judged, directly or not. */
function needed(id: string): string[] {
  const found = PROBES.find((probe) => probe.id === id);
  const direct = found === undefined ? [] : factsOf(found).after;
  return [...direct, ...direct.flatMap(needed)];
}
