import {
  CHECK_LEVELS,
  type CheckLevel,
  type CheckReport,
  type ProbeFacts,
  type ProbeResult,
} from '../../contract/check.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Output } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';

const titleOf = (level: CheckLevel) => level[0]!.toUpperCase() + level.slice(1);
const MARKS = { passed: '✓', failed: '✗', not_judged: '–' } as const;

/** Prints results as they come, grouped by level; what fails with its reasons. */
export function createReporter(output: Output, probes: readonly ProbeFacts[]) {
  const width = Math.max(...probes.map(({ id }) => id.length));
  let level: CheckLevel | null = null;
  const left = new Map<string, string[]>();
  return {
    report(result: ProbeResult): void {
      if (result.outcome === 'not_judged') {
        const reason = result.details.join('; ');
        left.set(reason, [...(left.get(reason) ?? []), result.id]);
        return;
      }
      if (result.level !== level) {
        level = result.level;
        output.line(`\n${output.paint.bold(titleOf(level))}`);
      }
      for (const line of resultLines(output, result, width)) output.line(line);
    },
    /** What was not judged, once for each reason: it is one finding, however many probes hang on it. */
    end(): void {
      if (left.size > 0) output.line('');
      for (const [reason, ids] of left) {
        const which = ids.length === probes.length ? `all ${ids.length}` : ids.join(', ');
        output.line(output.paint.dim(`${MARKS.not_judged} not judged: ${neutralizeLine(reason)} (${which})`));
      }
    },
  };
}

function resultLines({ paint }: Output, result: ProbeResult, width: number): string[] {
  const { outcome, details } = result;
  const mark = MARKS[outcome];
  const head = `${mark} ${result.id.padEnd(width)}`;
  const rest = `${result.title}  ${paint.dim(formatDuration(result.duration_ms))}`;
  const indent = ' '.repeat(4);
  const shown = details.map(neutralizeLine);
  if (outcome === 'passed') {
    return [`${paint.green(head)}  ${rest}`, ...shown.map((detail) => paint.dim(`${indent}${detail}`))];
  }
  return [
    `${paint.red(head)}  ${rest}`,
    ...shown.map((detail) => `${indent}${paint.red(detail)}`),
    `${indent}${paint.dim('why:')}        ${result.why}`,
    `${indent}${paint.dim('documented:')} ${result.documented}`,
    `${indent}${paint.dim('fix:')}        ${result.fix}`,
  ];
}

/** The last line: how many hold, and what that means for the exit code. */
export function summaryLine(output: Output, report: CheckReport): string {
  const { counts, probes, fail_on } = report;
  const failed = probes.filter(({ outcome }) => outcome === 'failed');
  const byLevel = CHECK_LEVELS.flatMap((level) => {
    const count = failed.filter((probe) => probe.level === level).length;
    return count > 0 ? [`${count} ${level}`] : [];
  });
  const fail = `${counts.failed} ${counts.failed === 1 ? 'does' : 'do'} not (${byLevel.join(', ')})`;
  const parts = [
    `${counts.passed} ${counts.passed === 1 ? 'holds' : 'hold'}`,
    counts.failed === 0 ? 'none fails' : fail,
  ];
  if (counts.not_judged > 0) parts.push(`${counts.not_judged} not judged`);
  const text = parts.join(', ');
  const verdict = report.holds ? output.paint.green(text) : output.paint.red(text);
  return `${verdict}  ${output.paint.dim(`fails on: ${fail_on}; ${formatDuration(report.duration_ms)}`)}`;
}

/** The catalogue, for `--list`. */
export function listLines({ paint }: Output, probes: readonly ProbeFacts[]): string[] {
  const width = Math.max(...probes.map(({ id }) => id.length));
  let level: CheckLevel | null = null;
  return probes.flatMap((probe) => {
    const title =
      probe.level === level ? [] : [`${level === null ? '' : '\n'}${paint.bold(titleOf(probe.level))}`];
    level = probe.level;
    return [...title, `  ${probe.id.padEnd(width)}  ${probe.title}`];
  });
}
