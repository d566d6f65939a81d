import type { BodyComparison, Comparison, FieldChange } from '../../contract/output/log.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Paint } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';
import { describeVerdict } from '../text/verify-reasons.ts';

/** Changed values that are listed; `--json` has all. */
const MOST_VALUES = 50;
const LONGEST_VALUE = 300;

/** What differs, as lines for a person: `-` before, `+` after. */
export function formatComparison(found: Comparison, paint: Paint): string[] {
  const name = ({ id, attempt }: Comparison['before']) =>
    neutralizeLine(attempt === null ? `${id} (not attempted yet)` : attempt);
  const lines = [paint.red(`- ${name(found.before)}`), paint.green(`+ ${name(found.after)}`)];
  if (found.same) lines.push('', 'Nothing differs but times and signatures.');
  const section = (title: string, rows: string[]) => {
    if (rows.length > 0) lines.push('', paint.bold(title), ...rows);
  };
  section(
    'Fields',
    found.fields.flatMap((one) => change(one, paint)),
  );
  section(
    'Request headers',
    found.request_headers.flatMap((one) => change(one, paint)),
  );
  section('Body', formatBody(found.body, paint));
  section('Signature', formatSignature(found));
  section('Timing', formatTiming(found));
  section(
    'Answer headers',
    found.response_headers.flatMap((one) => change(one, paint)),
  );
  if (found.response_body) section('Answer', change({ field: 'body', ...found.response_body }, paint));
  return lines;
}

function change({ field, before, after }: FieldChange, paint: Paint): string[] {
  return pair(field, show(before), show(after), paint);
}

function pair(name: string, before: string, after: string, paint: Paint): string[] {
  return [`  ${neutralizeLine(name)}`, paint.red(`  - ${before}`), paint.green(`  + ${after}`)];
}

function show(value: FieldChange['before'] | undefined): string {
  if (value === null || value === undefined) return '(none)';
  const text = neutralizeLine(String(value));
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

function formatBody(body: BodyComparison, paint: Paint): string[] {
  if (body.equal_bytes)
    return [`  equal, byte for byte: ${body.bytes.before} bytes, SHA-256 ${body.sha256.before}`];
  const lines: string[] = [];
  if (body.equal_json === null) lines.push('  differs, and at least one is not JSON');
  if (body.equal_json) {
    lines.push('  the same JSON in other bytes: a signature over the one does not fit the other');
    for (const one of body.spelling) {
      lines.push(
        ...pair(
          `${one.kind}${one.path === '' ? '' : ` at ${one.path}`}`,
          show(one.before),
          show(one.after),
          paint,
        ),
      );
    }
  }
  for (const one of body.values.slice(0, MOST_VALUES)) {
    lines.push(
      ...pair(
        `${one.path === '' ? 'the whole body' : one.path} ${one.change}`,
        show(one.before),
        show(one.after),
        paint,
      ),
    );
  }
  if (body.values.length > MOST_VALUES)
    lines.push(`  … and ${body.values.length - MOST_VALUES} more: --json has all`);
  const { offset, before, after } = body.first_difference!;
  lines.push(...pair(`first difference at byte ${offset}`, quoted(before), quoted(after), paint));
  lines.push(
    ...pair(
      'size and SHA-256',
      `${body.bytes.before} bytes, ${body.sha256.before}`,
      `${body.bytes.after} bytes, ${body.sha256.after}`,
      paint,
    ),
  );
  return lines;
}

/** Whitespace matters here: it is shown as it would be escaped. */
function quoted(text: string): string {
  return neutralizeLine(JSON.stringify(text));
}

function formatSignature({ signature }: Comparison): string[] {
  const { before, after, t_difference_s, same_secret } = signature;
  const words = (one: typeof before) => {
    if (one === null) return '(none)';
    const age = one.t === null ? '' : `t=${one.t}, ${one.age_s} s old when sent; `;
    return `${age}${describeVerdict(one.verdict)}`;
  };
  const lines = [`  - ${words(before)}`, `  + ${words(after)}`];
  if (t_difference_s !== null) {
    lines.push(
      t_difference_s === 0
        ? '  the same t'
        : `  the second t is ${formatDuration(Math.abs(t_difference_s) * 1000)} ${t_difference_s > 0 ? 'later' : 'earlier'}`,
    );
  }
  if (same_secret === false)
    lines.push('  one fits the configured secret and the other does not: another secret, or changed bytes');
  return lines;
}

function formatTiming({ timing }: Comparison): string[] {
  const span = (ms: number | null) => (ms === null ? '-' : formatDuration(ms));
  const line = (sign: string, side: 'before' | 'after') =>
    `  ${sign} ${timing.occurred_at[side] ?? 'not attempted yet'}, took ${span(timing.duration_ms[side])}, in production after ${span(timing.production_ms[side])}`;
  const lines = [line('-', 'before'), line('+', 'after')];
  if (timing.apart_ms !== null) {
    lines.push(
      `  the second came ${span(Math.abs(timing.apart_ms))} ${timing.apart_ms >= 0 ? 'later' : 'earlier'}`,
    );
  }
  return lines;
}
