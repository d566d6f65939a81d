import type { ScenarioReport, StepReport } from '../../contract/output/running.ts';
import { escapeXml, xmlSeconds } from '../text/xml.ts';

/** What ran, as JUnit XML: a suite a file, a case a step. Only what the usual schema has. */
export function formatJunit(reports: readonly ScenarioReport[]): string {
  const tests = reports.reduce((sum, { steps, skipped }) => sum + steps.length + skipped, 0);
  const failures = reports.filter(({ ok }) => !ok).length;
  const time = xmlSeconds(reports.reduce((sum, { duration_ms }) => sum + duration_ms, 0));
  const head = `name="carvos run" tests="${tests}" failures="${failures}" errors="0" time="${time}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${head}>\n${reports.map(formatSuite).join('')}</testsuites>\n`;
}

function formatSuite({ file, name, ok, steps, skipped, duration_ms }: ScenarioReport): string {
  const cases = [
    ...steps.map((step) => formatCase(step, name, file)),
    ...Array.from({ length: skipped }, (_, index) => formatSkipped(steps.length + index + 1, name)),
  ];
  const head = `name="${escapeXml(name)}" file="${escapeXml(file)}" tests="${cases.length}" failures="${ok ? 0 : 1}" errors="0" skipped="${skipped}" time="${xmlSeconds(duration_ms)}"`;
  return `  <testsuite ${head}>\n${cases.join('')}  </testsuite>\n`;
}

function formatSkipped(number: number, suite: string): string {
  return `    <testcase name="step ${number}" classname="${escapeXml(suite)}" time="0"><skipped/></testcase>\n`;
}

function formatCase(step: StepReport, suite: string, file: string): string {
  const head = `    <testcase name="${escapeXml(step.title)}" classname="${escapeXml(suite)}" time="${xmlSeconds(step.duration_ms)}"`;
  if (step.ok) return `${head}/>\n`;
  const text = [`${file}:${step.line}`, step.text, ...step.lines, ...step.why].join('\n');
  const failure = `<failure message="${escapeXml(step.text)}">${escapeXml(text)}</failure>`;
  const trace = step.trace.length === 0 ? '' : `<system-out>${escapeXml(step.trace.join('\n'))}</system-out>`;
  return `${head}>${failure}${trace}</testcase>\n`;
}
