import type { DeliveryDetail, LoggedBody, LogRecordDetail } from '../../contract/control.ts';
import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import { MAX_STEPS } from '../../contract/retry-schedule.ts';
import { asCalled } from '../../files/called-as.ts';
import { DEFAULT_TOLERANCE, SIGNATURE_HEADER } from '../../signing/index.ts';
import { CliError } from '../terminal/errors.ts';
import { neutralize, neutralizeLine } from '../terminal/neutralize.ts';
import type { Paint } from '../terminal/output.ts';
import { explainRecord } from './attempt-reason.ts';
import { curlCommand, recordedRequest } from './curl.ts';
import { describeOutcome } from './deliveries-table.ts';
import { formatFindings } from './diagnosis.ts';
import { formatDuration } from './duration.ts';
import { describeTls } from './http.ts';
import { readable } from './readable.ts';
import { describeAttempt, describeDue } from './times.ts';

/** A delivery with its body and every attempt, as lines for a person. */
export function formatDelivery(delivery: DeliveryDetail, paint: Paint): string[] {
  const lines = [paint.bold(neutralizeLine(delivery.id)), ...facts(delivery)];
  lines.push(`  ${'created'.padEnd(10)} ${delivery.created_at}`);
  if (delivery.replay_of) lines.push(`  ${'replays'.padEnd(10)} ${neutralizeLine(delivery.replay_of)}`);
  if (delivery.state) {
    const attempts = `${delivery.attempt_count} ${delivery.attempt_count === 1 ? 'attempt' : 'attempts'}`;
    lines.push(`  ${'state'.padEnd(10)} ${delivery.state} after ${attempts}`);
  }
  if (delivery.next_attempt) {
    lines.push(
      `  ${'next'.padEnd(10)} ${delivery.replay_of || delivery.test ? 'its attempt' : `attempt ${delivery.next_attempt.step}/${MAX_STEPS}`} ${describeDue(delivery.next_attempt)}`,
    );
  }
  const { attempts } = delivery;
  const last = attempts.at(-1);
  lines.push('', paint.bold('Request'), ...(last ? request(last) : []), ...body(delivery.body));
  for (const attempt of attempts) lines.push('', ...formatAttempt(attempt, paint, { brief: true }));
  return lines;
}

/** One attempt; `brief` leaves out what all attempts of a delivery share. */
export function formatAttempt(
  attempt: LogRecordDetail,
  paint: Paint,
  options: { brief?: boolean } = {},
): string[] {
  const colour = attempt.outcome === 'success' ? paint.green : paint.red;
  const what = attempt.direction === 'incoming' ? 'request' : describeAttempt(attempt);
  const lines = [
    `${paint.bold(neutralizeLine(attempt.id))}  ${what}  ${colour(neutralizeLine(describeOutcome(attempt)))}  ${formatDuration(attempt.duration_ms)}  ${attempt.occurred_at}`,
  ];
  if (!options.brief)
    lines.push(
      ...facts(attempt),
      '',
      paint.bold('Request'),
      ...request(attempt),
      ...body(attempt.request.body),
    );
  if (attempt.request.signature)
    lines.push(`  ${SIGNATURE_HEADER}: ${neutralizeLine(attempt.request.signature)}`);
  if (attempt.production_ms !== null && attempt.direction === 'outgoing') {
    lines.push(`  in production ${formatDuration(attempt.production_ms)} after the delivery was created`);
  }
  // Each may have gone elsewhere: the webhook URL can change in between.
  if (options.brief && attempt.direction === 'outgoing')
    lines.push(`  to ${attempt.request.url === '' ? '(no URL)' : neutralizeLine(attempt.request.url)}`);
  if (attempt.fault) lines.push(`  fault: ${neutralizeLine(attempt.fault)}`);
  if (attempt.tls)
    lines.push(
      `  ${(attempt.tls_problem ? paint.yellow : paint.dim)(neutralizeLine(describeTls(attempt.tls)))}`,
    );
  if (attempt.error) lines.push(`  ${neutralizeLine(`${attempt.error.code}: ${attempt.error.message}`)}`);
  if (attempt.response) {
    lines.push(
      `  answer ${attempt.response.status}`,
      ...headers(attempt.response.headers),
      ...body(attempt.response.body),
    );
  }
  for (const line of explainRecord(attempt, { shown: true })) lines.push(`  ${paint.yellow(line)}`);
  // Why an incoming request was refused.
  if (attempt.direction === 'incoming' && attempt.diagnosis)
    for (const line of formatFindings(attempt.diagnosis)) lines.push(`  ${paint.yellow(line)}`);
  if (!options.brief && attempt.next_attempt) {
    lines.push(
      `  next: attempt ${attempt.next_attempt.step}/${MAX_STEPS} ${describeDue(attempt.next_attempt)}`,
    );
  }
  return lines;
}

/**
 * A shell command that posts the recorded bytes with the recorded headers and signature.
 *
 * @param gateway where an incoming request went, of which only the path is recorded.
 * @throws CliError (exit 2) when the attempt went nowhere or did not come by HTTP, or the log holds only the beginning
 *   of the body.
 */
export function formatCurl(attempt: LogRecordDetail, gateway: string): string {
  const request = recordedRequest(attempt, gateway);
  if (request !== null) return curlCommand(request, null);
  if (attempt.request.body.truncated) {
    throw new CliError(
      `${attempt.id}: the log holds only the beginning of the body, so the command would send other bytes`,
    );
  }
  if (attempt.direction === 'incoming') {
    throw new CliError(`${attempt.id} is no request that can be sent again: it did not come over HTTP`, {
      next: 'save its body, and use carvos send FILE',
    });
  }
  throw new CliError(`${attempt.id} went nowhere: ${attempt.error?.message ?? 'it has no URL'}`, {
    next: `set a webhook URL, or use carvos replay ${attempt.delivery_id} --to URL`,
  });
}

/** What to know before a recorded request is sent again, and how to get a new signature. */
export function describeSignatureAge(attempt: LogRecordDetail): string {
  const { signature } = attempt.request;
  const outgoing = attempt.direction === 'outgoing';
  const anew = outgoing
    ? `carvos replay ${attempt.delivery_id}, with --to URL for another place`
    : 'save the body, then carvos send FILE';
  if (signature === null)
    return asCalled(
      outgoing
        ? `the attempt has no recorded signature\n  to sign it: ${anew}`
        : `the request carried no signature, and the log keeps no API key and none of the X-ATS headers\n  to send it anew: ${anew} --via rest`,
    );
  const t = Number(/(?:^|,)\s*t=(\d{1,12})\s*(?:,|$)/.exec(signature)?.[1] ?? Number.NaN);
  const age = Number.isNaN(t) ? '' : `, ${formatDuration(Math.max(0, Date.now() - t * 1000))} old`;
  return `the signature is the recorded one${age}: whoever checks its age refuses it after ${DEFAULT_TOLERANCE} s\n  to sign anew: ${asCalled(anew)}`;
}

type Facts = Pick<DeliveryDetail, 'direction' | 'event' | 'event_id' | 'client_id' | 'reference_id' | 'test'>;

function facts(value: Facts): string[] {
  const label = DIRECTION_LABEL[value.direction];
  const rows: [string, string | null][] = [
    ['event', `${value.event ?? '?'}, ${label}${value.test ? ', test event' : ''}`],
    ['event_id', value.event_id],
    ['client', value.client_id],
    ['reference', value.reference_id],
  ];
  return rows.flatMap(([name, text]) =>
    text === null ? [] : [`  ${name.padEnd(10)} ${neutralizeLine(text)}`],
  );
}

function request(attempt: LogRecordDetail): string[] {
  return [
    `  ${neutralizeLine(`${attempt.request.method} ${attempt.request.url}`)}`,
    ...headers(attempt.request.headers),
  ];
}

function headers(values: Record<string, string>): string[] {
  return Object.entries(values).map(([name, value]) => `  ${neutralizeLine(`${name}: ${value}`)}`);
}

function body(logged: LoggedBody): string[] {
  if (logged.bytes === 0) return ['  (no body)'];
  const lines = readable(logged)
    .split('\n')
    .map((line) => `    ${neutralize(line)}`);
  const notes = [
    logged.encoding === 'base64' ? 'not text, shown as base64' : '',
    logged.truncated ? 'only the beginning' : '',
  ];
  const note = notes.filter(Boolean).join(', ');
  return [`  body, ${logged.bytes} bytes${note ? ` (${note})` : ''}`, ...lines];
}
