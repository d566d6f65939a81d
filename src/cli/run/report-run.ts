import type { ScenarioReport, StepReport } from '../../contract/output/running.ts';
import type { ScenarioFile } from '../../contract/scenario.ts';
import { asCalled } from '../../files/called-as.ts';
import { worstExit } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { cutTo } from '../terminal/width.ts';
import { formatDuration } from '../text/duration.ts';

/** What runs now, on a line of a terminal that the next one replaces; nothing elsewhere. */
export function createProgress(io: Io, output: Output): { show(text: string): void; clear(): void } {
  if (output.json || io.stdout.isTTY !== true) return { show() {}, clear() {} };
  const write = (text: string) => io.stdout.write(`\r\x1b[K${text}`);
  return {
    show: (text) => write(output.paint.dim(cutTo(output.safe(text), (io.stdout.columns || 80) - 1))),
    clear: () => write(''),
  };
}

/** A step that has ended. @param many whether its scenario has to be named. */
export function printStep(output: Output, scenario: ScenarioFile, step: StepReport, many: boolean): void {
  const { paint } = output;
  const mark = step.ok ? paint.green('✓') : paint.red('✗');
  const where = many ? paint.dim(`  ${scenario.name}`) : '';
  const text = step.text === '' ? '' : `  ${step.text}`;
  output.line(
    `${mark} ${output.safe(step.title)}${output.safe(text)}  ${formatDuration(step.duration_ms)}${where}`,
  );
  if (step.ok) return;
  output.line(paint.dim(`    ${scenario.file}:${step.line}`));
  for (const line of step.lines) output.line(`    ${output.safe(advised(line))}`);
  for (const line of step.why) output.line(`    ${paint.yellow(output.safe(line))}`);
  for (const line of step.trace)
    output.line(line === '' ? '' : paint.dim(`    ${output.safe(advised(line))}`));
}

/** What is compared with what is expected stays as it came. */
const advised = (line: string) => (/^(next: |carvos )/.test(line) ? asCalled(line) : line);

export function printEnd(output: Output, report: ScenarioReport): void {
  const { paint } = output;
  const skipped = report.skipped === 0 ? '' : `, ${report.skipped} not run`;
  const word = report.ok ? paint.green('passed') : paint.red('failed');
  const count = `${report.steps.length} ${report.steps.length === 1 ? 'step' : 'steps'}`;
  output.line(
    `${word}  ${output.safe(report.name)}  ${count}${skipped}  ${formatDuration(report.duration_ms)}`,
  );
  output.line('');
}

/** Totals of a run, for a person or a program. Returns the exit code: of several failures the worst. */
export function conclude(output: Output, total: number, reports: readonly ScenarioReport[]): number {
  const failed = reports.filter(({ ok }) => !ok);
  const passed = reports.length - failed.length;
  const parts = [`${passed} of ${total} scenarios passed`];
  if (failed.length > 0) parts.push(`${failed.length} failed`);
  if (reports.length < total) parts.push(`${total - reports.length} not run`);
  output.line(parts.join(', '));
  output.document({ passed, failed: failed.length, scenarios: [...reports] });
  return failed.map(({ exit_code }) => exit_code).reduce(worstExit, 0);
}
