import type { CheckLevel, CheckReport, ProbeResult } from '../../contract/check.ts';
import { escapeXml, xmlSeconds } from '../text/xml.ts';

const LEVELS: readonly CheckLevel[] = ['required', 'recommended', 'advisory'];

/**
 * The report as JUnit XML: a suite for each level, a test case for each probe. What fails below the
 * level of `--fail-on` is `skipped` with its finding, so that the file and the exit code agree.
 */
export function toJunit(report: CheckReport): string {
  const suites = LEVELS.map((level) => ({
    level,
    probes: report.probes.filter((probe) => probe.level === level),
  })).filter(({ probes }) => probes.length > 0);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="carvos check" ${totals(report, report.probes)}>`,
    ...suites.flatMap(({ level, probes }) => [
      `  <testsuite name="carvos check ${level}" ${totals(report, probes)}>`,
      ...probes.flatMap((probe) => testCase(report, probe)),
      '  </testsuite>',
    ]),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function totals(report: CheckReport, probes: readonly ProbeResult[]): string {
  const failures = probes.filter((probe) => counts(report, probe)).length;
  const errors = probes.filter((probe) => isError(report, probe)).length;
  const skipped = probes.filter((probe) => probe.outcome !== 'passed').length - failures - errors;
  const time = xmlSeconds(probes.reduce((sum, { duration_ms }) => sum + duration_ms, 0));
  return `tests="${probes.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${time}"`;
}

/** Whether a finding counts for the exit code. */
function counts(report: CheckReport, { outcome, level }: ProbeResult): boolean {
  return outcome === 'failed' && LEVELS.indexOf(level) <= LEVELS.indexOf(report.fail_on);
}

/** Nobody was there to be judged. */
function isError(report: CheckReport, { outcome, level }: ProbeResult): boolean {
  return (
    report.unreachable !== null &&
    outcome === 'not_judged' &&
    LEVELS.indexOf(level) <= LEVELS.indexOf(report.fail_on)
  );
}

function testCase(report: CheckReport, probe: ProbeResult): string[] {
  const attributes = `classname="carvos.check.${probe.level}" name="${escapeXml(`${probe.id}: ${probe.title}`)}" time="${xmlSeconds(probe.duration_ms)}"`;
  if (probe.outcome === 'passed') return [`    <testcase ${attributes}/>`];
  const said = probe.details.join('; ');
  return [`    <testcase ${attributes}>`, `      ${finding(report, probe, said)}`, '    </testcase>'];
}

function finding(report: CheckReport, probe: ProbeResult, said: string): string {
  if (counts(report, probe)) {
    const text = `${probe.details.join('\n')}\nwhy: ${probe.why}\ndocumented: ${probe.documented}\nfix: ${probe.fix}`;
    return `<failure type="${probe.id}" message="${escapeXml(said)}">${escapeXml(text)}</failure>`;
  }
  if (isError(report, probe)) return `<error type="unreachable" message="${escapeXml(said)}"/>`;
  const prefix = probe.outcome === 'failed' ? `does not hold, ${probe.level} only: ` : 'not judged: ';
  return `<skipped message="${escapeXml(prefix + said)}"/>`;
}
