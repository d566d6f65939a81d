import type { LogItem } from '../../contract/control.ts';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { asCalled } from '../../files/called-as.ts';
import { FRAMEWORK_LABELS } from '../../signing/diagnose/framework-labels.ts';
import { guessAnotherSecret, isAnotherSecret, summarizeDiagnosis } from '../../signing/diagnose/summarize.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Paint } from '../terminal/output.ts';

/** A diagnosis in full: each finding with what to change and a line of code for the usual frameworks. */
export function formatDiagnosis(diagnosis: DiagnosisView, paint: Paint): string[] {
  const lines: string[] = [];
  for (const finding of diagnosis.findings) {
    lines.push(`  ${paint.bold(finding.code)}  ${neutralizeLine(finding.message)}`);
    const { header, caret } = finding.details;
    if (typeof header === 'string' && typeof caret === 'string') lines.push(`    ${header}`, `    ${caret}`);
    lines.push(`    ${paint.cyan('change')}  ${finding.fix}`);
  }
  // Two mistakes often need the same line.
  const code = new Map<string, Set<string>>();
  for (const { frameworks } of diagnosis.findings) {
    for (const [name, line] of Object.entries(frameworks)) {
      code.set(name, (code.get(name) ?? new Set()).add(line));
    }
  }
  if (code.size > 0) lines.push('');
  for (const [name, each] of code) {
    const label = (FRAMEWORK_LABELS as Record<string, string>)[name] ?? name;
    for (const [index, line] of [...each].flatMap((text) => text.split('\n')).entries()) {
      lines.push(`    ${paint.dim((index === 0 ? label : '').padEnd(8))} ${line}`);
    }
  }
  if (diagnosis.verdict === 'unexplained') lines.push(...formatUnexplained(diagnosis, paint));
  return lines;
}

/** What is said of an attempt that has no signature to judge. */
export function describeUnsigned({ direction }: Pick<LogItem, 'direction'>): string {
  return direction === 'outgoing'
    ? 'Nothing was sent, so nothing was signed.'
    : 'The request has no signature. A REST request carries an API key instead.';
}

/** The findings for the middle of other output: a line each. */
export function formatFindings(diagnosis: DiagnosisView): string[] {
  return summarizeDiagnosis(diagnosis).map((line) => `why: ${neutralizeLine(line)}`);
}

function formatUnexplained(diagnosis: DiagnosisView, paint: Paint): string[] {
  const { hashed } = diagnosis;
  const tried = diagnosis.exhaustive
    ? 'all that are known'
    : asCalled(
        'every single mistake among them, and as many as the budget allows; to search on, use carvos verify --budget 10m',
      );
  const likely = isAnotherSecret(diagnosis) ? guessAnotherSecret(diagnosis) : '';
  return [
    ...(likely === '' ? [] : [`  ${likely[0]!.toUpperCase()}${likely.slice(1)}`]),
    `  No known mistake explains it: ${diagnosis.tried.toLocaleString('en')} combinations were tried, ${tried}.`,
    '',
    ...[
      ['expected', diagnosis.expected ?? '(there is no t to compute it for)'],
      ['given', diagnosis.given ?? '(nothing)'],
      ['hashed', `${hashed.first}${hashed.bytes > 48 ? ' …' : ''}`],
      ['ends with', hashed.last],
      ['body', `${hashed.bytes} bytes, SHA-256 ${hashed.sha256}`],
    ].map(([name = '', value = '']) => `    ${paint.dim(name.padEnd(10))} ${neutralizeLine(value)}`),
    '',
    `  ${paint.cyan('check next')}`,
    ...diagnosis.checks.map((check) => `    - ${check}`),
  ];
}
