import { createHash } from 'node:crypto';
import os from 'node:os';
import type { DeliveryDetail, LoggedBody, LogRecordDetail, Trace } from '../../contract/control.ts';
import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import type { SignatureVerdict } from '../../contract/output/log.ts';
import { VERSION } from '../../contract/version.ts';
import { neutralize, neutralizeLine } from '../terminal/neutralize.ts';
import { createPaint } from '../terminal/output.ts';
import { explainRecord } from '../text/attempt-reason.ts';
import { describeOutcome } from '../text/deliveries-table.ts';
import { formatDuration } from '../text/duration.ts';
import { bytesOf } from '../text/http.ts';
import { attemptName } from '../text/times.ts';
import { describeJob, describeNextAttempt, startOfTrace, timesOf } from '../text/trace.ts';
import { describeVerdict } from '../text/verify-reasons.ts';
import type { ReportData } from './collect.ts';
import { createMasker } from './mask.ts';

export interface ReportOptions {
  /** Bodies as they are, not masked. */
  includeBodies: boolean;
  judge(record: LogRecordDetail, body: Uint8Array): SignatureVerdict;
}

const LONGEST_BODY = 20_000;

export function formatReport(data: ReportData, options: ReportOptions): string {
  const { trace, status } = data;
  const masker = createMasker();
  for (const { request } of data.requests) masker.learn(bytesOf(request.body));
  for (const { body } of data.deliveries) masker.learn(bytesOf(body));
  const writer = createWriter(masker, options);
  const bodies = options.includeBodies
    ? 'Bodies are complete: **they may hold personal data.**'
    : 'Personal data in bodies is masked; the SHA-256 is that of the real bytes.';
  const lines = [
    `# CarvOS reference ${code(trace.reference_id)}`,
    '',
    `${summary(trace, writer)} ${bodies} Secrets and signatures are left out.`,
    '',
    ...table([
      [
        'carvos',
        VERSION === status.carvos ? VERSION : `${status.carvos} (gateway), ${VERSION} (this report)`,
      ],
      ['Node', process.version],
      ['system', `${os.type()} ${os.release()} ${os.arch()}`],
      ['gateway', `carvos emulator ${status.gateway_id}, not the production gateway`],
      [
        'retry clock',
        `${status.clock.mode}${status.clock.speed === null ? '' : `, ${status.clock.speed} times production speed`}`,
      ],
      ['written', new Date().toISOString()],
    ]),
    '',
    `## Incoming (${DIRECTION_LABEL.incoming.replace(/^.*\(|\)$/g, '')})`,
    '',
    ...accepted(data, writer),
    '',
    '## AI job',
    '',
    trace.job
      ? writer.text(describeJob(trace.job, startOfTrace(trace), createPaint(false)))
      : 'no job matches',
    '',
    `## Outgoing (${DIRECTION_LABEL.outgoing.replace(/^.*\(|\)$/g, '')})`,
  ];
  if (data.deliveries.length === 0) lines.push('', 'No outgoing event followed.');
  for (const delivery of data.deliveries) lines.push('', ...outgoing(delivery, trace, writer));
  lines.push('', '## Assumptions relied on', '', ...assumed(data));
  return `${lines.join('\n')}\n`;
}

type Writer = ReturnType<typeof createWriter>;

function createWriter(masker: ReturnType<typeof createMasker>, { includeBodies, judge }: ReportOptions) {
  return {
    text: (text: string) => cell(includeBodies ? text : masker.text(text)),
    id: (id: string) => code(includeBodies ? id : masker.id(id)),
    body: (logged: LoggedBody) => {
      if (logged.bytes === 0) return ['No body.'];
      const bytes = bytesOf(logged);
      const hash = logged.truncated
        ? ''
        : `, SHA-256 ${code(createHash('sha256').update(bytes).digest('hex'))}`;
      const whole = includeBodies || logged.encoding === 'base64' ? logged.text : masker.body(bytes);
      const shown = logged.encoding === 'base64' && !includeBodies ? '[masked, not text]' : whole;
      const cut = shown.length > LONGEST_BODY ? `${shown.slice(0, LONGEST_BODY)}\n[cut off here]` : shown;
      return [`${logged.bytes} bytes${hash}:`, '', ...fence(neutralize(cut))];
    },
    verdict: (record: LogRecordDetail) => {
      const { t, age_s, verdict } = judge(record, bytesOf(record.request.body));
      return t === null ? describeVerdict(verdict) : `${describeVerdict(verdict)} (t=${t}, ${age_s} s old)`;
    },
    // A query can hold a token.
    url: (text: string) => {
      const path = (value: string) => (includeBodies ? value : masker.id(value));
      if (!URL.canParse(text)) return cell(path(text.replace(/\?.*/s, '?[masked]')));
      const url = new URL(text);
      return cell(`${url.origin}${path(url.pathname)}${url.search === '' ? '' : '?[masked]'}`);
    },
  };
}

function summary(trace: Trace, writer: Writer): string {
  const what = trace.accepted
    ? `Incoming ${code(trace.accepted.event)} was accepted.`
    : 'No request caused it.';
  const own = trace.deliveries.filter((one) => one.replay_of === null);
  const ends = own.map((one) => {
    const last = one.attempts.at(-1);
    const attempts = `${one.attempt_count} ${one.attempt_count === 1 ? 'attempt' : 'attempts'}`;
    return `Outgoing ${code(one.event ?? '?')} is **${one.state}** after ${attempts}${last ? `, the last one ${describeOutcome(last)}` : ''}.`;
  });
  const replays = trace.deliveries.length - own.length;
  if (replays > 0) ends.push(`It was replayed ${replays === 1 ? 'once' : `${replays} times`}.`);
  if (own.length === 0) ends.push(trace.settled ? 'No outgoing event followed.' : 'No outgoing event yet.');
  return [what, ...ends].map((text) => writer.text(text)).join(' ');
}

function accepted({ trace, requests }: ReportData, writer: Writer): string[] {
  const { accepted: one } = trace;
  if (!one) return ['No request caused this reference.'];
  const lines = table([
    ['accepted', one.at],
    ['event', code(one.event)],
    ['event_id', one.event_id === null ? '-' : writer.id(one.event_id)],
    ['client_id', writer.id(one.client_id)],
    ['user_id', one.user_id === null ? '-' : writer.id(one.user_id)],
    ['ATS', code(one.ats_id)],
    ['by', one.via],
  ]);
  requests.forEach((record, index) => {
    const title = index === 0 ? 'The request' : `Repetition ${index}, not processed again`;
    lines.push('', `### ${title}: ${code(record.id)}`, '');
    lines.push(
      `${record.request.method} ${writer.url(record.request.url)}, answered ${record.response_status}.`,
    );
    lines.push(`Signature: ${writer.verdict(record)}.`, '', ...writer.body(record.request.body));
  });
  return lines;
}

function outgoing(delivery: DeliveryDetail, trace: Trace, writer: Writer): string[] {
  const traced = trace.deliveries.find((one) => one.id === delivery.id)!;
  const start = startOfTrace(trace);
  const lines = [
    `### ${code(delivery.event ?? '?')}: ${code(delivery.id)}`,
    '',
    ...table([
      ['state', delivery.state ?? '-'],
      ['event_id', writer.id(delivery.event_id ?? '-')],
      ...(delivery.replay_of ? [['replays', code(delivery.replay_of)] as [string, string]] : []),
      ['created', delivery.created_at],
      ['next', describeNextAttempt(traced) ?? 'nothing is to come'],
    ]),
  ];
  if (delivery.attempts.length > 0) {
    lines.push(
      '',
      '| attempt | ended, production | ended, real | took | result | URL | signature |',
      '| --- | --- | --- | --- | --- | --- | --- |',
    );
  }
  const hints = new Set<string>();
  for (const record of delivery.attempts) {
    const { production, real } = timesOf(start, traced, record);
    const result = `${describeOutcome(record)}${record.fault ? ` (fault: ${record.fault})` : ''}`;
    lines.push(
      `| ${[
        attemptName(record),
        production === null ? '-' : `+${formatDuration(production)}`,
        `+${formatDuration(real)}`,
        formatDuration(record.duration_ms),
        writer.text(result),
        writer.url(record.request.url),
        writer.verdict(record),
      ].join(' | ')} |`,
    );
    const request = { ...record.request, url: record.request.url.replace(/\?.*/s, '') };
    const why = explainRecord({ ...record, request }, { shown: true });
    for (const line of why) hints.add(line.replaceAll(record.id, delivery.id));
    if (why.length === 0 && record.error) hints.add(record.error.message);
  }
  for (const hint of hints) lines.push('', `> ${writer.text(hint)}`);
  lines.push('', '#### What was sent', '', ...writer.body(delivery.body));
  const answer = delivery.attempts.findLast((record) => record.response !== null)?.response;
  if (answer) {
    lines.push('', `#### The last answer: ${answer.status}`, '');
    const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [
      name,
      writer.text(value),
    ]);
    if (headers.length > 0) lines.push(...table(headers), '');
    lines.push(...writer.body(answer.body));
  }
  return lines;
}

/** The gateway counts what all its traffic relied on; it remembers where it saw each first. */
function assumed({ assumptions, trace }: ReportData): string[] {
  if (assumptions.length === 0) return ['The traffic of this gateway relied on none.'];
  const own = new Set([trace.reference_id, ...trace.deliveries.map((one) => one.id)]);
  const isOwn = (sample: string | null) => sample !== null && own.has(sample.replace(/\/\d+$/, ''));
  return [
    'Where the documentation is silent, carvos does something plausible. All traffic of this gateway, not',
    'only this reference, relied on these; production may differ here:',
    '',
    ...assumptions.map((use) => {
      const first = isOwn(use.sample) ? ', first seen with this reference' : '';
      return `- ${code(use.id)} (${use.count}×${first}): ${cell(use.what)}`;
    }),
  ];
}

function table(rows: [string, string][]): string[] {
  return ['| | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)];
}

/** Safe inside a cell and a sentence. */
function cell(text: string): string {
  // Neither a link nor an image, which whoever reads it would fetch from where a stranger says.
  return neutralizeLine(text)
    .replace(/[\\|[]/g, '\\$&')
    .replaceAll('<', '&lt;');
}

function code(text: string): string {
  return `\`${neutralizeLine(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

/** Longer than every run of backticks inside. */
function fence(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = '`'.repeat(longest + 1);
  return [mark, text.replace(/\n$/, ''), mark];
}
