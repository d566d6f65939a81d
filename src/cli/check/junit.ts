import { CHECK_LEVELS, type CheckReport, type ProbeResult } from '../../contract/check.ts';
import { escapeXml, xmlSeconds } from '../text/xml.ts';

/**
 * The report as JUnit XML: a suite for each level, a test case for each probe. What fails below the
 * level of `--fail-on` is `skipped` with its finding, so that the file and the exit code agree.
 */
export function toJunit(report: CheckReport): string {
  const suites = CHECK_LEVELS.map((level) => ({
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
  const count = (kind: string) => probes.filter((probe) => kindOf(report, probe) === kind).length;
  const time = xmlSeconds(probes.reduce((sum, { duration_ms }) => sum + duration_ms, 0));
  return `tests="${probes.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${time}"`;
}

/** An error where nobody was there to be judged; only what counts for the exit code is more than skipped. */
function kindOf({ fail_on, unreachable }: CheckReport, { outcome, level }: ProbeResult) {
  if (outcome === 'passed') return 'passed';
  if (CHECK_LEVELS.indexOf(level) > CHECK_LEVELS.indexOf(fail_on)) return 'skipped';
  if (outcome === 'failed') return 'failure';
  return unreachable === null ? 'skipped' : 'error';
}

function testCase(report: CheckReport, probe: ProbeResult): string[] {
  const attributes = `classname="carvos.check.${probe.level}" name="${escapeXml(`${probe.id}: ${probe.title}`)}" time="${xmlSeconds(probe.duration_ms)}"`;
  if (probe.outcome === 'passed') return [`    <testcase ${attributes}/>`];
  const said = probe.details.join('; ');
  return [`    <testcase ${attributes}>`, `      ${finding(report, probe, said)}`, '    </testcase>'];
}

function finding(report: CheckReport, probe: ProbeResult, said: string): string {
  const kind = kindOf(report, probe);
  if (kind === 'failure') {
    const text = `${probe.details.join('\n')}\nwhy: ${probe.why}\ndocumented: ${probe.documented}\nfix: ${probe.fix}`;
    return `<failure type="${probe.id}" message="${escapeXml(said)}">${escapeXml(text)}</failure>`;
  }
  if (kind === 'error') return `<error type="unreachable" message="${escapeXml(said)}"/>`;
  const prefix = probe.outcome === 'failed' ? `does not hold, ${probe.level} only: ` : 'not judged: ';
  return `<skipped message="${escapeXml(prefix + said)}"/>`;
}
