import type { Command } from 'commander';
import { type PostResult, postBytes } from '../../client/signed-post.ts';
import type { WaitUntil } from '../../contract/control.ts';
import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import { userAgent } from '../../contract/outgoing.ts';
import { VERSION } from '../../contract/version.ts';
import { type EventBody, prepareBody, textField } from '../body.ts';
import { loadValidConfig } from '../config/validate.ts';
import { formatDuration, parseDuration } from '../duration.ts';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { type Expectation, parseExpectation } from '../expectations.ts';
import { findGateway, requireToken } from '../gateway.ts';
import { guardTarget } from '../guard.ts';
import { bodyForJson, curlCommand, describeAnswer, rawHttp } from '../http-text.ts';
import { oneOf } from '../input.ts';
import type { Io } from '../io.ts';
import {
  parseMisbehaviour,
  SEND_KINDS,
  type SendMisbehaviour,
  type SignedRequest,
  signRequest,
} from '../misbehave.ts';
import { createOutput, type Output } from '../output.ts';
import { freshIncoming } from '../samples.ts';
import { resolveSender } from '../sender.ts';
import { type Assignment, parseAssignment } from '../set-path.ts';
import { describeWait, type WaitRequest, waitForReference } from '../wait.ts';

interface Options {
  set?: Assignment[];
  clientId?: string;
  userId?: string;
  eventId?: string;
  url?: string;
  atsId?: string;
  secret?: string;
  misbehave?: SendMisbehaviour;
  dryRun?: boolean;
  curl?: boolean;
  wait?: boolean;
  until?: WaitUntil;
  timeout: number;
  expect?: Expectation[];
  live?: boolean;
  config?: string;
}

const UNTIL = ['first-attempt', 'settled', 'success'] as const;

export function define(command: Command, io: Io): void {
  command
    .argument('<event|file|->', 'an incoming event (its sample is sent), a file, or - for standard input')
    .option(
      '--set <path=value>',
      'change a field: path=value for JSON, path:=text for text; repeatable',
      append(parseAssignment),
    )
    .option('--client-id <id>', 'client_id of the body')
    .option('--user-id <id>', 'user_id of the body')
    .option('--event-id <id>', 'event_id of the body; samples get a fresh one')
    .option('--url <target>', 'the gateway; otherwise CARVOS_URL, then the one that runs here')
    .option('--ats-id <id>', 'which ATS sends')
    .option('--secret <secret>', 'sign with this instead of the configured incoming secret')
    .option('--misbehave <kind>', `spoil one thing: ${SEND_KINDS.join(', ')}`, parseMisbehaviour)
    .option('--dry-run', 'print the request instead of sending it')
    .option('--curl', 'print a curl command instead of sending')
    .option('--wait', 'wait for what it causes')
    .option('--until <state>', `with --wait: ${UNTIL.join(', ')} (default settled)`, oneOf('--until', UNTIL))
    .option('--timeout <duration>', 'how long to wait (default 30s)', (text) =>
      parseDuration(text, '--timeout'),
    )
    .setOptionValueWithSource('timeout', 30_000, 'default')
    .option(
      '--expect <key=value>',
      'event, status, outcome, attempts or data.path; all must hold on one delivery; implies --wait; repeatable',
      append(parseExpectation),
    )
    .option('--live', 'allow a target that is neither loopback nor private')
    .addHelpText(
      'after',
      `
A file is sent byte for byte unless a flag changes it.

Examples:
  carvos send candidate.created --wait
  carvos send application.created --set 'stage:=interview' --expect event=application.created --expect status=success
  carvos send body.json --dry-run
  carvos send candidate.created --misbehave stale`,
    )
    .action(async (source: string, options: Options) => run(io, createOutput(io, command), source, options));
}

async function run(io: Io, output: Output, source: string, options: Options): Promise<void> {
  if (options.dryRun === true && options.curl === true)
    throw new CliError('--dry-run and --curl do not go together');
  const config = await loadValidConfig(io, options);
  const sender = resolveSender(config, options, 'incoming');
  const gateway = findGateway(io, config, options.url);
  const url = webhookUrl(gateway.url, sender.ats.id);
  const waits = options.wait === true || options.until !== undefined || (options.expect?.length ?? 0) > 0;
  const prints = options.dryRun === true || options.curl === true;
  // Before anything is sent: an event that cannot be waited for should not be on its way.
  const token = waits && !prints ? requireToken(io, config, gateway) : null;

  const body = await prepareBody(io, {
    direction: 'incoming',
    source,
    sample: (event) => freshIncoming(event, sender.ats),
    changes: changesFrom(options),
  });
  const request = signRequest(body.bytes, sender.secret, Math.floor(Date.now() / 1000), options.misbehave);
  request.headers['User-Agent'] = userAgent(VERSION);
  if (prints) return printRequest(io, output, { url, request, body, curl: options.curl === true });

  const { secret, origin } = sender;
  await guardTarget(
    { url, secret, origin, live: options.live === true, sample: body.sample, misbehave: options.misbehave },
    output,
  );
  let result: PostResult;
  let referenceId: string | null = null;
  for (let time = 1; ; time++) {
    result = await postBytes({
      url,
      body: request.body,
      headers: request.headers,
      timeoutMs: options.timeout,
    });
    referenceId = result.ok ? readReferenceId(result) : null;
    if (!result.ok || result.status < 200 || result.status > 299 || time >= request.times) break;
    output.line(`sent once  ${result.status}  reference_id ${output.safe(referenceId ?? 'missing')}`);
  }
  const facts = describeSent(url, body, request, result, referenceId);
  const accepted = report(io, output, result, url, body, referenceId, request.times);
  if (!accepted || !waits || token === null) return output.document(facts);
  if (referenceId === null) {
    output.document(facts);
    throw new CliError('the answer has no reference_id, so there is nothing to wait for', {
      exitCode: EXIT.refused,
      where: url.href,
    });
  }
  const wait: WaitRequest = {
    url: gateway.url.origin,
    token,
    referenceId,
    until: options.until ?? 'settled',
    timeoutMs: options.timeout,
    expectations: options.expect ?? [],
  };
  const outcome = await waitForReference(io, output, wait);
  io.exitCode = outcome.exitCode;
  describeWait(output, wait, outcome);
  const { done, met, trace } = outcome.result;
  output.document({
    ...facts,
    wait: { until: wait.until, done, met },
    expectations: outcome.expectations,
    job: trace.job,
    deliveries: trace.deliveries,
  });
}

/** A base URL gets the endpoint's path; a URL that has it is taken as it is. */
function webhookUrl(base: URL, atsId: string): URL {
  if (base.pathname.includes('/webhooks/')) return base;
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/$/, '')}/v1/webhooks/${encodeURIComponent(atsId)}`;
  return url;
}

function changesFrom(options: Options): Assignment[] {
  const changes: Assignment[] = [];
  if (options.clientId !== undefined) changes.push({ path: ['client_id'], value: options.clientId });
  if (options.userId !== undefined) changes.push({ path: ['user_id'], value: options.userId });
  if (options.eventId !== undefined) changes.push({ path: ['event_id'], value: options.eventId });
  return [...changes, ...(options.set ?? [])];
}

interface Printable {
  url: URL;
  request: SignedRequest;
  body: EventBody;
  curl: boolean;
}

function printRequest(io: Io, output: Output, { url, request, body, curl }: Printable): void {
  const text = { url, headers: request.headers, body: request.body };
  const file = request.body === body.bytes ? body.file : null;
  const command = curl ? curlCommand(text, file) : null;
  output.document({
    method: 'POST',
    url: url.href,
    headers: request.headers,
    body: bodyForJson(request.body),
    curl: command,
  });
  if (output.json) return;
  if (command !== null) output.line(command);
  else if (io.stdout.isTTY === true)
    output.line(output.safe(rawHttp(text).toString('utf8').replaceAll('\r\n', '\n')));
  else io.stdout.write(rawHttp(text));
  if (curl) output.note('The signature counts for 5 minutes from now.');
}

function readReferenceId(result: Extract<PostResult, { ok: true }>): string | null {
  try {
    const value = (JSON.parse(result.body.toString('utf8')) as { reference_id?: unknown } | null)
      ?.reference_id;
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

/** Says what the gateway answered and sets the exit code. Returns whether it accepted. */
function report(
  io: Io,
  output: Output,
  result: PostResult,
  url: URL,
  body: EventBody,
  referenceId: string | null,
  times: number,
): boolean {
  const { paint } = output;
  if (!result.ok) {
    io.exitCode = result.code === 'timeout' ? EXIT.timeout : EXIT.unreachable;
    output.note(`error: ${result.message}\n  at: ${url.href}\n  next: ${result.hint}`);
    return false;
  }
  const event = `${output.safe(textField(body, 'event') ?? 'a body without event')}  ${DIRECTION_LABEL.incoming}`;
  const took = formatDuration(result.duration_ms);
  if (result.status >= 200 && result.status <= 299) {
    output.line(`${paint.green(`${result.status}`)}  ${event}  ${took}`);
    output.line(`  reference_id ${output.safe(referenceId ?? 'missing in the answer')}`);
    const eventId = textField(body, 'event_id');
    if (eventId !== null)
      output.line(`  event_id ${output.safe(eventId)}${times > 1 ? `, sent ${times} times` : ''}`);
    return true;
  }
  io.exitCode = EXIT.refused;
  output.line(`${paint.red(`${result.status}`)}  ${event}  ${took}`);
  for (const line of describeAnswer(result.body)) output.line(`  ${output.safe(line)}`);
  const hint = HINTS[result.status];
  if (hint !== undefined) output.note(`  next: ${hint}`);
  return false;
}

const HINTS: Record<number, string> = {
  401: 'check the incoming secret and the clock; the reason is in the log of carvos dev, never in the answer',
  404: 'check --ats-id and client_id; carvos workspace lists the workspaces of a running gateway',
  409: 'this event_id was used with another body, or the workspace exists or is still being provisioned',
  413: 'a body may have 1 MiB',
  422: 'correct the fields above; carvos events EVENT --direction incoming shows what is needed',
};

function describeSent(
  url: URL,
  body: EventBody,
  request: SignedRequest,
  result: PostResult,
  referenceId: string | null,
): Record<string, unknown> {
  return {
    url: url.href,
    direction: 'incoming',
    event: textField(body, 'event'),
    event_id: textField(body, 'event_id'),
    client_id: textField(body, 'client_id'),
    bytes: request.body.length,
    status: result.ok ? result.status : null,
    reference_id: referenceId,
    duration_ms: result.duration_ms,
    response: result.ok ? answerForJson(result.body) : null,
    error: result.ok ? null : { code: result.code, message: result.message },
  };
}

function answerForJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return body.toString('utf8');
  }
}

/** A repeatable flag whose values are read by `parse`. */
function append<T>(parse: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), parse(text)];
}
