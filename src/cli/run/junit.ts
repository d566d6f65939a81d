import type { ScenarioReport, StepReport } from './run-scenario.ts';

/**
 * What ran, as JUnit XML: a suite a file, a case a step.
 *
 * @param stays whether the gateway can be asked afterwards.
 */
export function formatJunit(reports: readonly ScenarioReport[], stays: boolean): string {
  const suites = reports.map((report) => formatSuite(report, stays));
  const count = (pick: (report: ScenarioReport) => number) =>
    reports.reduce((sum, one) => sum + pick(one), 0);
  const attributes = [
    `tests="${count(({ steps, skipped }) => steps.length + skipped)}"`,
    `failures="${count(({ ok }) => (ok ? 0 : 1))}"`,
    `time="${seconds(count(({ duration_ms }) => duration_ms))}"`,
  ].join(' ');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="carvos run" ${attributes}>\n${suites.join('')}</testsuites>\n`;
}

function formatSuite(report: ScenarioReport, stays: boolean): string {
  const { file, name, ok, steps, skipped, duration_ms } = report;
  const cases = steps.map((step) => formatCase(step, name, file, stays));
  for (let index = 0; index < skipped; index++) {
    const title = `step ${steps.length + index + 1}`;
    cases.push(
      `    <testcase name="${toXml(title)}" classname="${toXml(name)}" time="0"><skipped/></testcase>\n`,
    );
  }
  const head = `name="${toXml(name)}" file="${toXml(file)}" tests="${cases.length}" failures="${ok ? 0 : 1}" errors="0" skipped="${skipped}" time="${seconds(duration_ms)}"`;
  return `  <testsuite ${head}>\n${cases.join('')}  </testsuite>\n`;
}

function formatCase(step: StepReport, suite: string, file: string, stays: boolean): string {
  const head = `    <testcase name="${toXml(step.title)}" classname="${toXml(suite)}" file="${toXml(file)}" line="${step.line}" time="${seconds(step.duration_ms)}"`;
  if (step.ok) return `${head}/>\n`;
  const trace = !stays || step.reference_id === null ? [] : [`carvos trace ${step.reference_id}`];
  const text = [`${file}:${step.line}`, step.text, ...step.lines, ...trace].join('\n');
  return `${head}><failure message="${toXml(step.text)}">${toXml(text)}</failure></testcase>\n`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** XML 1.0 has no form for most control characters. */
function toXml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
