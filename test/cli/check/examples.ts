import { expect } from 'vitest';
import { factsOf, PROBES } from '../../../src/client/check/catalogue.ts';
import { CheckReport } from '../../../src/contract/check.ts';
import { type Language, startExample } from '../../support/example-receiver.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

/** Those for the examples, which speak plain HTTP. */
export const PLAIN_PROBES = PROBES.filter(({ id }) => id !== 'certificate');

/** Runs the built `carvos check` with every level counting. */
export async function checkAll(url: string, args: string[] = []) {
  const result = await runCli(
    ['check', url, '--json', '--fail-on', 'advisory', '--skip', 'certificate', ...args],
    {
      cwd: tempFolder(),
    },
  );
  return { ...result, report: CheckReport.parse(JSON.parse(result.stdout)) };
}

/** That `carvos check` finds this one thing, and that whatever does not hang on it passes. */
export async function expectCaught(language: Language, mistake: string, probe: string): Promise<void> {
  const { code, report } = await checkAll(await startExample(language, mistake));
  const outcomes = Object.fromEntries(report.probes.map(({ id, outcome }) => [id, outcome]));
  const expected = Object.fromEntries(
    PLAIN_PROBES.map(({ id }) => [
      id,
      id === probe ? 'failed' : needed(id).includes(probe) ? 'not_judged' : 'passed',
    ]),
  );
  const said = JSON.stringify(report.probes.filter(({ outcome }) => outcome === 'failed'));
  expect(outcomes, said).toEqual(expected);
  expect(code).toBe(1);
}

/** What has to hold before a probe is judged, directly or not. */
function needed(id: string): string[] {
  const found = PROBES.find((probe) => probe.id === id);
  const direct = found === undefined ? [] : factsOf(found).after;
  return [...direct, ...direct.flatMap(needed)];
}
